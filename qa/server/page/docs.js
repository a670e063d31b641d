/**
 * The page at "/docs": /openapi.json as a list of endpoints and schemas. Nothing comes from another host.
 *
 * @typedef {{type?: string, $ref?: string, anyOf?: Schema[], items?: Schema, const?: unknown, enum?: unknown[], default?: unknown,
 *   description?: string, examples?: unknown[], pattern?: string, minimum?: number, maximum?: number, required?: string[],
 *   properties?: Record<string, Schema>, additionalProperties?: boolean | Schema}} Schema
 */

const $ = (id) => document.getElementById(id);
const REF = "#/components/schemas/";

/** Make an element: properties by name, children as nodes or text; empty children are left out. */
function el(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return element;
}

/** Put a separator between the parts. */
const joined = (parts, separator) => parts.flatMap((part, at) => at ? [separator, part] : [part]);

/** Text with ``code`` in it, as the docstrings write it. */
const prose = (text) => (text ?? "").split("``").map((part, at) => at % 2 ? el("code", {}, part) : part.replace(/\s+/g, " "));

/** A type in words and links. @param {Schema} schema @returns {(string | Node)[]} */
function type(schema) {
  if (schema.$ref) return [link(schema.$ref.slice(REF.length))];
  if (schema.anyOf) return joined(schema.anyOf.map(type), " or ").flat();
  if ("const" in schema) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" or ")];
  if (schema.type === "array") return schema.maxItems === 0 ? ["empty list"] : ["list of ", ...type(schema.items ?? {})];
  const limits = [
    schema.minimum !== undefined && `from ${schema.minimum}`,
    schema.maximum !== undefined && `to ${schema.maximum}`,
    schema.pattern && `matching ${schema.pattern}`,
  ].filter(Boolean);
  return [[schema.type ?? "anything", ...limits].join(" ")];
}

const link = (name) => el("a", { href: `#${name}` }, name);

/** One field: its name, what it may be, and what for. @param {Schema} schema */
function field(name, schema, required, sent) {
  const fallback = "default" in schema && sent ? [", default ", el("code", {}, JSON.stringify(schema.default))] : [];
  const need = required && sent ? [", ", el("strong", {}, "required")] : [];
  return [
    el("dt", {}, el("code", {}, name)),
    el("dd", { className: "type" }, type(schema), need, fallback),
    schema.description && el("dd", {}, prose(schema.description)),
  ];
}

/** @param {Schema} schema @param {boolean} sent whether a client sends it, so that defaults matter */
function fields(schema, sent) {
  const named = Object.entries(schema.properties ?? {});
  return el("dl", {}, named.map(([name, each]) => field(name, each, schema.required?.includes(name), sent)));
}

/** The request that shows an endpoint at work, with the first example of each required field. */
function curl(path, method, operation, resolve) {
  const address = `${location.origin}${path.replace(/[{}]/g, (brace) => brace === "{" ? "<" : ">")}`;
  const body = operation.requestBody?.content["application/json"].schema;
  if (!body) return `curl '${address}'`;
  const schema = resolve(body);
  const sample = Object.fromEntries(schema.required.map((name) => [name, schema.properties[name].examples?.[0] ?? "…"]));
  const lines = [`curl -X ${method.toUpperCase()} '${address}'`, "-H 'Content-Type: application/json'", `-d '${JSON.stringify(sample)}'`];
  return lines.join(" \\\n  ");
}

function endpoint(path, method, operation, resolve) {
  const body = operation.requestBody?.content["application/json"].schema;
  const parameters = operation.parameters ?? [];
  return el("article", { id: operation.operationId, className: "card", tabIndex: -1 },
    el("h2", {}, el("span", { className: "method" }, method.toUpperCase()), " ", el("code", {}, path)),
    el("p", {}, prose(operation.description)),
    (body || parameters.length > 0) && el("h3", {}, "Request"),
    parameters.length > 0 && el("dl", {}, parameters.map((each) => field(each.name, each.schema, each.required, true))),
    body && fields(resolve(body), true),
    el("h3", {}, "Response"),
    el("dl", {}, Object.entries(operation.responses).map(([status, response]) => answer(status, response))),
    el("h3", {}, "Example"),
    el("pre", { tabIndex: 0 }, el("code", {}, curl(path, method, operation, resolve))));
}

function answer(status, { description, content = {} }) {
  const [[media, { schema = {} }] = ["", {}]] = Object.entries(content);
  const shape = schema.properties || schema.$ref || schema.anyOf ? type(schema) : ["object"];
  return [el("dt", {}, el("code", {}, status)), el("dd", { className: "type" }, media ? [shape, `, ${media}`] : "empty"),
    description && description !== "Successful Response" && el("dd", {}, description)];
}

async function show() {
  const response = await fetch("/openapi.json");
  if (!response.ok) throw new Error(`/openapi.json answered with status ${response.status}`);
  const { info, paths, components: { schemas } } = await response.json();
  const resolve = (schema) => schema.$ref ? schemas[schema.$ref.slice(REF.length)] : schema;
  const all = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const sent = new Set(all.flatMap(({ operation }) => namesIn(operation.requestBody ?? {}, schemas)));
  document.title = `API of ${info.title}`;
  $("contents").append(el("ul", {}, all.map(({ path, method, operation }) =>
    el("li", {}, el("span", { className: "method" }, method.toUpperCase()), " ", el("a", { href: `#${operation.operationId}` }, path)))));
  $("endpoints").append(...all.map(({ path, method, operation }) => endpoint(path, method, operation, resolve)));
  $("schemas").append(el("h2", {}, "Schemas"), ...Object.entries(schemas).map(([name, schema]) =>
    el("article", { id: name, className: "card", tabIndex: -1 },
      el("h3", {}, el("code", {}, name)), schema.description && el("p", {}, prose(schema.description)), fields(schema, sent.has(name)))));
  if (location.hash) location.replace(location.hash); // what it names exists only now
}

/** The schemas that a value refers to, and those they refer to. */
function namesIn(value, schemas) {
  const named = [...JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]);
  return named.flatMap((name) => [name, ...namesIn(schemas[name], schemas)]);
}

show().catch((cause) => { $("problem").textContent = `The description of the API cannot be shown: ${cause.message}.`; });

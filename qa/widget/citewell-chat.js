/**
 * <citewell-chat>: a question goes to a Citewell service; quotes with their sources, a refusal or an alarm come out.
 *
 *     <script src="https://qa.example.org/widget.js" defer></script>
 *     <citewell-chat endpoint="https://qa.example.org"></citewell-chat>
 *
 * A script or a module, for Chrome 111, Firefox 119, Safari 16.4; a policy allows it in script-src and connect-src.
 *
 * Attributes and properties: endpoint (else where this script came from), public-key, mode (launcher, inline), open,
 *   heading, placeholder, lang (en, de, fr, es, pt), region (GB), theme (auto, light, dark), top (1 to 10), storage (none,
 *   session), suggestions ("This?|That?", as a property an array)
 * Properties: strings (replaces any of ENGLISH), fetch (every request goes through it)
 * Methods: show() hide() toggle() ask(question) clear() focusInput()
 * Events: citewell-ready -open -close -submit* -answer -refusal -emergency -citation* -feedback -error (* cancelable)
 * Slots: header empty launcher-icon disclaimer
 * Parts: launcher panel header heading clear close emergency log empty turn question answer quote citation note confidence
 *   card passage action feedback refusal suggestion error composer input send disclaimer references
 * Custom properties: --citewell-accent -on-accent -paper -ink -mark -sans -serif -radius -width -height -inset -z-index
 */
(() => {
"use strict";

const PATIENCE_MS = 20_000;
const REMEMBERED = 3; // questions sent as history
const AROUND = 600; // code points on either side of a passage

const OWN_URL = (document.currentScript instanceof HTMLScriptElement && document.currentScript.src)
  || new Error().stack?.match(/https?:\/\/\S+?(?=:\d+:\d+)/)?.[0] || location.href; // of a module

const ENGLISH = {
  heading: "Ask the documents",
  launch: "Ask a question",
  close: "Close",
  clear: "Start over",
  log: "Conversation",
  question: "Your question",
  placeholder: "Ask in your own words",
  send: "Ask",
  empty: "The answer is quoted word for word, each sentence with its source.",
  suggestions: "You could ask",
  searching: "Searching the documents…",
  VERY_HIGH: "This very probably answers your question.",
  HIGH: "This probably answers your question.",
  MEDIUM: "This may answer your question.",
  LOW: "This may not answer your question.",
  disagree: "These sources do not agree. Please read each of them.",
  sources: "Sources",
  source: "Source {number}: {title}",
  page: "page {page}",
  read: "Open document",
  original: "Original page",
  references: "References",
  unresolved: "Not listed in the document",
  more: "Show more around it",
  less: "Show less",
  copy: "Copy with citation",
  copied: "Copied",
  verdict: "Was this helpful?",
  helpful: "Helpful",
  notHelpful: "Not helpful",
  thanks: "Thank you.",
  failed: "That did not work.",
  near: "Sections that come near",
  alarmed: "This may be an emergency. What to do stands above.",
  again: "Show it",
  dismiss: "I have read this",
  call: "Call {number}: {name}",
  website: "Website",
  urgent: "In danger? Call the emergency number (112 in Europe, 999 in the UK, 911 in the US, 000 in Australia)",
  retry: "Try again",
  stopped: "Stopped, since you asked something else.",
  offline: "You are offline.",
  unreachable: "The service cannot be reached.",
  timeout: "The answer is taking too long.",
  limited: "Too many questions at once. Please wait a moment.",
  limitedFor: "Too many questions at once. Please wait {seconds} seconds.",
  rejected: "The question was not accepted. {detail}",
  fault: "Something went wrong at the service.",
  unreadable: "The answer cannot be read.",
  disclaimer: "Quotes from documents, not advice.",
};

const DARK = `{
  color-scheme: dark; --accent: var(--citewell-accent, #7fd1bb); --on-accent: var(--citewell-on-accent, #0a211b);
  --paper: var(--citewell-paper, #141918); --card: #1c2322; --ink: var(--citewell-ink, #e8ece9);
  --soft: #a9b5b1; --line: #303a38; --mark: var(--citewell-mark, #55491c);
  --edge: #75827f; --alarm: #a3141f; --calm: #1d5b4e;
}`;

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
:host {
  all: initial; display: contents; color-scheme: light; --accent: var(--citewell-accent, #12604f); --on-accent: var(--citewell-on-accent, #fff);
  --paper: var(--citewell-paper, #faf9f6); --card: #fff; --ink: var(--citewell-ink, #1d2524);
  --soft: #56615f; --line: #e3e1d9; --mark: var(--citewell-mark, #ffefad);
  --edge: #84908d; --alarm: #b01722; --calm: #12604f;
  --tint: color-mix(in srgb, var(--accent) 9%, var(--card)); --radius: var(--citewell-radius, 20px); --inset: var(--citewell-inset, 24px);
  --sans: var(--citewell-sans, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  --serif: var(--citewell-serif, "Iowan Old Style", Palatino, Charter, Georgia, "Noto Serif", serif);
  font: medium/1.5 var(--sans); color: var(--ink); overflow-wrap: anywhere;
}
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) ${DARK} }
:host([theme="dark"]) ${DARK}
:host([hidden]), [hidden] { display: none !important; }
:host([mode="inline"]) { display: block; block-size: var(--citewell-height, 680px); }
* { box-sizing: border-box; margin: 0; }
p, h2, h3, span, button { unicode-bidi: plaintext; }
h2, h3, ul { padding: 0; font-size: 1.0625em; list-style: none; }
h2, h3, .title, .name, .filled, .plain, .heading { font-weight: 600; }
.root { display: contents; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
:focus { outline: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); text-underline-offset: .2em; }
button { min-block-size: 44px; padding: 8px 16px; border: 1px solid transparent; border-radius: 12px; background: none; font: inherit; color: inherit; cursor: pointer; }
:disabled { opacity: .55; }
svg { inline-size: 20px; flex: none; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
mark { background: var(--mark); color: inherit; border-radius: .2em; padding: .1em 0; }
.filled, .launcher { background: var(--accent); color: var(--on-accent); }
.filled:hover, .launcher:hover { background: color-mix(in srgb, var(--accent) 88%, var(--ink)); }

.launcher, .panel { position: fixed; z-index: var(--citewell-z-index, 2147483000); inset-inline-end: var(--inset); inset-block-end: calc(var(--inset) + env(safe-area-inset-bottom)); box-shadow: 0 8px 40px #0004; }
.launcher, .icon, .send { display: grid; place-items: center; inline-size: 44px; padding: 0; }
.launcher { inline-size: 60px; block-size: 60px; border-radius: 50%; }
.launcher svg { inline-size: 30px; }
:host([open]) .launcher slot, :host(:not([open])) .launcher > svg { display: none; }
.panel {
  overflow: clip; margin-block-end: 76px; inline-size: min(var(--citewell-width, 420px), 100vw - 2 * var(--inset)); block-size: min(var(--citewell-height, 700px), 100dvh - 2 * var(--inset) - 76px);
  background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius);
}
:host(:not([open], [mode="inline"])) .panel, :host([mode="inline"]) .launcher, :host([mode="inline"]) .close { display: none; }
:host([mode="inline"]) .panel { position: relative; inset: auto; z-index: auto; margin: 0; inline-size: 100%; block-size: 100%; box-shadow: none; }
.inside { display: flex; flex-direction: column; block-size: 100%; }
header, .bar { display: flex; align-items: center; padding-block: 10px; padding-inline: 18px 10px; border-block-end: 1px solid var(--line); }
header slot, .bar h2 { display: block; flex: 1; min-inline-size: 0; }
.icon { color: var(--soft); }
.icon:hover, .action:hover, .suggestion:hover, summary:hover, [aria-pressed="true"] { background: var(--tint); color: var(--accent); }

.log { position: relative; flex: 1; min-block-size: 10vh; overflow: hidden auto; overscroll-behavior: contain; border-block-end: 1px solid var(--line); }
.log:focus-visible, .emergency:focus { outline-offset: -3px; }
.empty, .turn, .composer, .disclaimer { inline-size: 100%; max-inline-size: 760px; margin-inline: auto; padding: 18px; }
.scope { margin-block: 8px 20px; }
.scope, .quote { font: 1.125em/1.5 var(--serif); }
.small { color: var(--soft); font-size: .875em; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 8px; }
.suggestion { border-color: var(--line); border-radius: 22px; background: var(--card); color: var(--accent); font-size: .9375em; text-align: start; }
.turn { content-visibility: auto; contain-intrinsic-size: auto 480px; }
.question { inline-size: fit-content; max-inline-size: 88%; margin: 0 auto 18px; margin-inline-end: 0; padding: 10px 16px; border-radius: 20px; border-end-end-radius: 6px; background: var(--tint); white-space: pre-wrap; }
.answer { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; }
.answer, .references > div { animation: rise .18s ease-out; }
@keyframes rise { from { opacity: .2; } }
.wait { animation: rise .6s infinite alternate; }
.quote { padding-inline-start: 16px; border-inline-start: 3px solid var(--accent); white-space: pre-line; }
.lead_in, .near { color: var(--soft); }
.citation, .number { padding: 3px 6px; border-radius: 8px; background: var(--tint); color: var(--accent); font: 600 .8125em/1.4 var(--sans); text-decoration: none; text-align: center; white-space: nowrap; }
.number { min-inline-size: 28px; }
.citation { font-size: .75em; }
.note, .error { display: grid; gap: 10px; justify-items: start; padding: 12px 14px; border-radius: 14px; background: var(--mark); }
.card { margin-block-start: 8px; border-radius: 14px; background: var(--card); }
.card, .error { border: 1px solid var(--line); background: var(--card); }
summary { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 10px; align-items: center; min-block-size: 44px; padding: 10px 14px; border-radius: 14px; cursor: pointer; }
summary::-webkit-details-marker { display: none; }
summary svg { color: var(--soft); }
[open] > summary svg { rotate: 180deg; }
.title, .path, .references .small { display: block; font-size: .9375em; line-height: 1.4; }
.path, .references .small, .disclaimer { font-size: .8125em; color: var(--soft); }
.card > div { padding: 2px 14px 6px; }
.passage { padding-block-end: 10px; font: 1em/1.65 var(--serif); white-space: pre-line; }
.passage p + p, .quote p + p { margin-block-start: .5em; }
.item { display: list-item; margin-inline-start: 1.1em; list-style: disc; }
.row { display: flex; flex-wrap: wrap; align-items: center; margin-inline: -8px; }
.row .small { margin-inline: 8px 4px; }
.action { display: inline-flex; align-items: center; min-block-size: 44px; padding: 4px 8px; border: 0; border-radius: 12px; color: var(--accent); font-size: .875em; text-decoration: none; }
.refusal { font-family: var(--serif); white-space: pre-line; }

.emergency { min-block-size: 120px; max-block-size: 70%; overflow: hidden auto; padding: 18px; background: var(--alarm); overscroll-behavior: contain; }
.emergency, .emergency a { color: #fff; }
.emergency :focus-visible, .emergency:focus { outline: 3px solid #fff; }
.crisis { background: var(--calm); }
.emergency > * + *, .emergency li + li { margin-block-start: 12px; }
.emergency h3 { display: flex; gap: 10px; align-items: start; font-size: 1.1875em; line-height: 1.35; }
.emergency p, .emergency ul, .plain { font-size: .9375em; }
.plain { border-color: currentcolor; }
li { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; }
.name { flex-basis: 100%; }
.call { display: inline-flex; align-items: center; gap: 6px; min-block-size: 44px; padding: 4px 14px; border: 1px solid var(--line); border-radius: 12px; font-weight: 600; text-decoration: none; }
.emergency .call { background: #fff; color: #7d0d16; font-size: 1.125em; }
.crisis .call { color: #0d4a3d !important; }

.composer { padding-block: 10px 0; }
.box { display: flex; align-items: end; padding: 5px; border: 1px solid var(--edge); border-radius: 18px; background: var(--card); }
.box:focus-within { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
textarea { flex: 1; min-inline-size: 0; max-block-size: 24vh; padding: 10px; border: 0; resize: none; field-sizing: content; background: none; color: inherit; font: inherit; }
textarea:focus-visible { outline: 0; }
::placeholder { color: var(--soft); opacity: 1; }
.disclaimer { padding-block: 4px calc(6px + env(safe-area-inset-bottom)); }
.disclaimer summary { grid-template-columns: minmax(0, 1fr) auto; padding: 2px 4px; }
.disclaimer:not([open]) slot { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }

.references { position: absolute; inset: 0; inline-size: auto; block-size: auto; padding: 0; border: 0; background: #0006; color: inherit; }
.references[open] { display: flex; align-items: end; }
.references > div { inline-size: 100%; max-block-size: 88%; overflow: hidden auto; padding-block-end: calc(10px + env(safe-area-inset-bottom)); border-radius: var(--radius) var(--radius) 0 0; background: var(--paper); }
.references li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 12px; align-items: start; padding: 12px 18px; font-size: .9375em; }

@media (max-width: 480px), (max-height: 480px) {
  :host(:not([mode="inline"])) .panel { inset: 0; margin: 0; inline-size: auto; block-size: 100dvh; border: 0; border-radius: 0; padding: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left); }
  :host([open]) .launcher { display: none; }
  header { padding-block: 0; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media (forced-colors: active) {
  button, .action, .call, .number, .citation, .question, .note { border: 1px solid !important; }
  .emergency { border: 4px solid; }
  mark { background: Mark; color: MarkText; }
  .box:focus-within, [aria-pressed="true"] { outline: 3px solid Highlight; }
}`);

const ICONS = {
  chat: "M5 5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8 9h8M8 13h5",
  send: "M12 19V5M6 11l6-6 6 6",
  close: "M6 6l12 12M18 6L6 18",
  clear: "M4 5v5h5M4.5 14.5a8 8 0 1 0 1-7L4 10",
  warn: "M12 9v5m0 3v.1M12 3L2 20h20z",
  down: "M6 9l6 6 6-6",
  phone: "M6 3h4l1 5-2 1a12 12 0 0 0 6 6l1-2 5 1v4a2 2 0 0 1-2 2A17 17 0 0 1 4 5a2 2 0 0 1 2-2z",
};

// --- the DOM

/**
 * Make an element of attributes and listeners; its classes are its parts.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Citewell.Attributes} attributes @param {...Citewell.Child} children
 */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value) node.setAttribute(name, String(value));
  }
  node.setAttribute("part", node.className);
  for (const child of children) if (child) node.append(child);
  return node;
}

/** @param {keyof typeof ICONS} name */
function icon(name) {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** @param {string} look @param {Node | string} label @param {(event: Event) => void} click @param {Citewell.Attributes} [more] */
const button = (look, label, click, more) => el("button", { type: "button", class: look, click, ...more }, label);

/** @param {string | null | undefined} href @param {string} text @param {string} [look] */
const link = (href, text, look) => el("a", { href, target: "_blank", rel: "noopener", class: look }, text);

/** @param {string | null | undefined} url */
const isWeb = (url) => /^https?:\/\//i.test(url ?? "");

// --- text: offsets count code points, which JavaScript's strings do not

/**
 * Cut a range at the edges of spans; `span` is the index of the one that a piece lies in, or -1.
 * @param {Citewell.Span} range @param {Citewell.Span[]} spans
 */
function cut({ start, end }, spans) {
  const edges = [start, end, ...spans.flatMap((span) => [span.start, span.end])].filter((edge) => start <= edge && edge <= end).sort((a, b) => a - b);
  return edges.map((at, index) => ({ start: at, end: edges[index + 1], span: spans.findIndex((span) => span.start <= at && at < span.end) }))
    .filter((piece) => piece.start < piece.end);
}

/** @param {Citewell.Passage} passage */
function pieces({ text, highlights }) {
  const points = Array.from(text);
  return cut({ start: 0, end: points.length }, highlights).map(({ start, end, span }) => ({ text: points.slice(start, end).join(""), span }));
}

/** @param {Citewell.Passage} passage */
const quoted = (passage) => pieces(passage).filter(({ span }) => span >= 0);

/** @param {{text: string, span: number}[]} all */
const marked = (all) => all.map(({ text, span }) => span < 0 ? text : el("mark", {}, text));

/**
 * The blocks around a passage, without markup, reference markers and boilerplate.
 * @param {Citewell.Document} source @param {Citewell.Passage} passage
 */
function around({ text, blocks, markup, markers, boilerplate }, { location, quotes }) {
  const points = Array.from(text);
  const gone = [...markup, ...boilerplate.map(({ span }) => span),
    ...markers.map(({ span: { start, end } }) => ({ start: start - Number(points[start - 1] === " "), end }))];
  return blocks.filter(({ span }) => span.end > location.start - AROUND && span.start < location.end + AROUND).map(({ span, kind }) => {
    const near = span.end <= location.start || span.start >= location.end;
    return el("p", { class: `${kind} ${near && "near"}` }, ...marked(cut(span, quotes).map((piece) => ({
      span: piece.span,
      text: cut(piece, gone).filter((kept) => kept.span < 0).map(({ start, end }) => points.slice(start, end).join("")).join("").replace(/\s+/g, " "),
    }))));
  }).filter(({ textContent }) => textContent?.trim());
}

/** The quote that a link goes to. @param {Citewell.Passage} passage */
const target = ({ quotes }) => quotes.find(({ role }) => role === "answer") ?? quotes[0];

/**
 * Find a quote by its first and last words. A page may show markup, line breaks and reference numbers otherwise, or glue
 * one to the word before: none is in it.
 * @param {Citewell.Passage} passage
 */
function fragment(passage) {
  const { start, end, exact } = target(passage);
  const points = Array.from(exact);
  const runs = cut({ start, end }, passage.source_references).filter(({ span }) => span < 0)
    .flatMap((run) => points.slice(run.start - start, run.end - start).join("").replace(run.end < end ? /\S+\s*$/ : "", "").split(/[\n*_`<>|[\]]+/))
    .map((run) => run.replace(/^[^\p{L}\p{N}]+|\s+$/gu, "").split(/\s+/)).filter((words) => words.join("").length > 5);
  const [first, last] = [runs[0], runs[runs.length - 1]];
  const ends = runs.length < 2 && first?.length < 13 ? [first] : [first?.slice(0, 6), last?.slice(-6)];
  return first ? `#:~:text=${ends.map((words) => encodeURIComponent(words.join(" ")).replace(/-/g, "%2D"))}` : "";
}

/** The outermost heading often repeats the title. @param {string} title @param {string[]} section */
const headings = (title, section) => [title, ...section.filter((heading, depth) => depth || heading !== title)];

// --- the service

/** @param {Citewell.TroubleKind} kind */
const trouble = (kind, status = 0, detail = "", wait = 0) => Object.assign(new Error(kind), { kind, status, detail, wait });

/** @param {any} cause @param {Citewell.TroubleKind} kind @returns {ReturnType<typeof trouble>} */
const known = (cause, kind) => cause.kind ? cause : trouble(kind);

/** @param {any} body */
const isAlarm = (body) => /emergency|crisis/.test(`${body?.safety?.level} ${body?.refusal?.reason}`);

/** @type {Promise<Record<string, Partial<typeof ENGLISH>>> | undefined} */
let translations;

const translate = () => translations ??= import(new URL("widget-strings.js", OWN_URL).href).then((module) => module.default, (cause) => {
  console.warn("citewell-chat: English only.", cause);
  return {};
});

// --- the element

const MIRRORED = ["endpoint", "publicKey", "mode", "heading", "placeholder", "region", "theme", "top", "storage"];

class CitewellChat extends HTMLElement {
  static observedAttributes = ["endpoint", "mode", "open", "heading", "placeholder", "lang", "suggestions", "storage"];

  /** @type {typeof fetch} */
  #fetch = (...request) => globalThis.fetch(...request);
  #words = ENGLISH;
  /** @type {Partial<typeof ENGLISH>} */
  #own = {};
  /** @type {Citewell.Index} */
  #index = {};
  #introduced = "";
  /** @type {Citewell.Turn[]} */
  #turns = [];
  /** @type {Citewell.Turn | null} whose alarm is pinned */
  #pinned = null;
  /** @type {{question: string, stop: AbortController} | null} */
  #asking = null;
  /** @type {Map<string, Promise<Citewell.Document>>} */
  #documents = new Map();
  /** @type {HTMLElement | null} where the focus was before the panel */
  #opener = null;
  #ready = false;

  #launcher = button("launcher", el("slot", { name: "launcher-icon" }, icon("chat")), () => this.toggle(), { "aria-haspopup": "dialog" });
  #heading = el("h2", { class: "heading" });
  #clear = button("icon clear", icon("clear"), () => { this.clear(); this.focusInput(); }, { hidden: "hidden" });
  #close = button("icon close", icon("close"), () => this.hide());
  #alert = el("div", { role: "alert", tabindex: "-1", class: "emergency", hidden: "hidden" });
  #scope = el("p", { class: "scope" });
  #chips = el("div");
  #empty = el("div", { class: "empty" }, el("slot", { name: "empty" }, this.#scope, this.#chips));
  #log = el("div", { role: "log", "aria-live": "polite", tabindex: "0", class: "log" }, this.#empty);
  #status = el("p", { role: "status", class: "unseen" });
  #field = el("textarea", { class: "input", rows: 2, dir: "auto", enterkeyhint: "send", keydown: (event) => this.#enter(/** @type {KeyboardEvent} */ (event)) });
  #send = el("button", { class: "filled send" }, icon("send"));
  #form = el("form", { class: "composer", submit: (event) => { event.preventDefault(); this.#submit(); } }, el("div", { class: "box" }, this.#field, this.#send));
  #small = el("span");
  #inside = el("div", { class: "inside" },
    el("header", { class: "header" }, el("slot", { name: "header" }, this.#heading), this.#clear, this.#close),
    this.#alert, this.#log, this.#form,
    el("details", { class: "disclaimer" }, el("summary", {}, el("slot", { name: "disclaimer" }, this.#small), icon("down"))),
    this.#status);
  #references = el("dialog", { class: "references", click: ({ target }) => { if (target === this.#references) this.#references.close(); } });
  #panel = el("section", { class: "panel" }, this.#inside, this.#references);
  #root = el("div", { class: "root", role: "region", keydown: (event) => this.#escape(/** @type {KeyboardEvent} */ (event)) }, this.#launcher, this.#panel);

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [SHEET];
    shadow.append(this.#root);
    this.#launcher.append(icon("close"));
  }

  // --- properties

  static {
    for (const name of MIRRORED) {
      const attribute = name.replace("K", "-k");
      Object.defineProperty(this.prototype, name, {
        get() { return this.getAttribute(attribute) ?? ""; },
        set(value) { value == null ? this.removeAttribute(attribute) : this.setAttribute(attribute, value); },
      });
    }
  }

  get open() { return this.hasAttribute("open"); }
  set open(value) { this.toggleAttribute("open", Boolean(value)); }
  get suggestions() { return this.#get("suggestions").split("|").map((each) => each.trim()).filter(Boolean); }
  set suggestions(value) { this.setAttribute("suggestions", (value ?? []).join("|")); }
  get strings() { return this.#own; }
  set strings(value) { this.#own = value ?? {}; this.#speak(); }
  get fetch() { return this.#fetch; }
  set fetch(value) { this.#fetch = value; }

  /** @param {string} attribute */
  #get(attribute) { return this.getAttribute(attribute) ?? ""; }
  get #endpoint() { return (this.#get("endpoint") || new URL(OWN_URL).origin).replace(/\/+$/, ""); }
  get #inline() { return this.#get("mode") === "inline"; }

  connectedCallback() {
    // What was set before the script came hides the accessors.
    for (const name of [...MIRRORED, "open", "suggestions", "strings", "fetch"]) {
      const own = Object.getOwnPropertyDescriptor(this, name);
      if (own && Reflect.deleteProperty(this, name)) Reflect.set(this, name, own.value);
    }
    this.#speak();
    if (this.#ready) return;
    this.#ready = true;
    this.#restore();
    this.#introduce();
    this.#emit("ready");
  }

  disconnectedCallback() {
    queueMicrotask(() => { if (!this.isConnected) this.#stop(); }); // or was it moved?
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (!this.#ready || before === after) return;
    if (name === "endpoint") this.#documents.clear();
    if (name === "storage") this.#save();
    this.#introduce();
    this.#speak();
    if (name === "open" && (before === null || after === null)) this.#opened(after !== null);
  }

  // --- methods

  show() {
    if (this.#inline || this.open) return;
    const { activeElement } = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    this.#opener = activeElement instanceof HTMLElement && activeElement !== this && activeElement !== document.body ? activeElement : this.#launcher;
    this.open = true;
    this.focusInput();
  }

  hide() { this.open = false; }

  toggle() { this.open ? this.hide() : this.show(); }

  focusInput() { this.#field.focus(); }

  /** An alarm stays until the visitor dismisses it. */
  clear() {
    this.#stop();
    this.#log.replaceChildren(this.#empty);
    this.#turns = [];
    this.#empty.hidden = false;
    this.#clear.hidden = true;
    this.#save();
  }

  /** @param {string} question @returns {Promise<Citewell.Outcome | null>} null: no outcome */
  async ask(question) {
    const turn = this.#begin(question);
    return turn && this.#answer(turn);
  }

  // --- asking

  /** @param {KeyboardEvent} event */
  #enter(event) {
    // To an input method Enter means its suggestion; Safari says so by 229 alone.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const turn = this.#begin(this.#field.value);
    if (!turn) return;
    this.#field.value = "";
    if (matchMedia("(pointer: coarse)").matches) this.#log.focus(); // hides the keyboard
    this.#answer(turn);
  }

  /** @param {string} question */
  #begin(question) {
    const text = String(question ?? "").trim();
    if (!text || this.#asking?.question === text || !this.#emit("submit", { question: text }, true)) return null;
    this.show();
    return this.#add(text);
  }

  /** @param {string} question @returns {Citewell.Turn} */
  #add(question) {
    const body = el("div");
    const node = el("article", { class: "turn" }, el("p", { class: "question" }, el("span", { class: "unseen" }, `${this.#words.question}: `), question), body);
    const turn = { question, node, body, outcome: null };
    this.#turns.push(turn);
    this.#keepFocus(this.#empty);
    this.#empty.hidden = true;
    this.#clear.hidden = false;
    this.#log.append(node);
    return turn;
  }

  #stop() {
    const asking = this.#asking;
    this.#asking = null;
    asking?.stop.abort();
  }

  /** @param {Citewell.Turn} turn */
  async #answer(turn) {
    this.#stop();
    const mine = this.#asking = { question: turn.question, stop: new AbortController() };
    this.#show(turn, el("p", { class: "small wait" }, this.#words.searching));
    try {
      turn.outcome = await this.#request("/v1/ask", this.#body(turn), mine.stop);
      this.#showOutcome(turn);
      if (isAlarm(turn.outcome)) this.#pin(turn);
      this.#save();
      this.#emit(isAlarm(turn.outcome) ? "emergency" : turn.outcome?.refusal ? "refusal" : "answer", turn.outcome);
    } catch (cause) {
      turn.outcome = null;
      if (this.#asking === mine) this.#fail(turn, known(cause, "unreadable"));
      else this.#show(turn, el("p", { class: "small" }, this.#words.stopped));
    }
    if (this.#asking === mine) this.#asking = null;
    return turn.outcome;
  }

  /** Nothing that would be rejected: no cry for help may fail for a misspelt region. @param {Citewell.Turn} turn */
  #body(turn) {
    const [top, region] = [this.#get("top"), this.#get("region").toUpperCase()];
    const earlier = this.#turns.slice(0, this.#turns.indexOf(turn)).filter(({ outcome }) => outcome && !isAlarm(outcome)).slice(-REMEMBERED);
    return {
      question: turn.question,
      ...(/^([1-9]|10)$/.test(top) && { top: Number(top) }),
      ...(/^[A-Z]{2}$/.test(region) && { region }),
      ...(/^[a-z]{1,8}(-[a-z0-9]{1,8})*$/i.test(this.lang) && { lang: this.lang }),
      ...(earlier.length && { history: earlier.map(({ question }) => question) }),
    };
  }

  /** @param {string} path @param {object} [body] @returns {Promise<any>} @throws a `trouble` */
  async #request(path, body, stop = new AbortController()) {
    const timer = setTimeout(() => stop.abort("late"), PATIENCE_MS);
    const key = this.#get("public-key");
    try {
      const response = await this.#fetch(this.#endpoint + path, {
        method: body ? "POST" : "GET",
        headers: { ...(body && { "content-type": "application/json" }), ...(key && { authorization: `Bearer ${key}` }) },
        body: body && JSON.stringify(body),
        credentials: "omit",
        signal: stop.signal,
      });
      const { ok, status } = response;
      const said = await response.json().catch(() => null);
      stop.signal.throwIfAborted();
      if (ok) return said;
      throw trouble(status === 429 ? "limited" : status < 500 ? "rejected" : "fault", status, said?.detail, Number(response.headers.get("retry-after")) || 0);
    } catch (cause) {
      throw known(cause, stop.signal.reason === "late" ? "timeout" : navigator.onLine ? "unreachable" : "offline");
    } finally {
      clearTimeout(timer);
    }
  }

  // --- showing

  /** @param {HTMLElement} node */
  #keepFocus(node) { if (node.contains(this.shadowRoot?.activeElement ?? null)) this.#log.focus(); }

  /** @param {Citewell.Turn} turn @param {...Citewell.Child} children */
  #show(turn, ...children) {
    this.#keepFocus(turn.body);
    turn.body.replaceChildren(el("div", { class: "answer" }, ...children));
    this.#log.scrollTop = turn.node.offsetTop;
  }

  /** @param {Citewell.Turn} turn @throws if the outcome is none */
  #showOutcome(turn) {
    const outcome = /** @type {Citewell.Outcome} */ (turn.outcome);
    const words = this.#words;
    if (isAlarm(outcome)) this.#show(turn, el("p", {}, words.alarmed), el("div", {}, button("filled", words.again, () => this.#pin(turn))));
    else this.#show(turn, ...(outcome.refusal ? this.#refused(outcome) : this.#answered(outcome)));
    this.#index.disclaimer = outcome.disclaimer || this.#index.disclaimer;
    this.#small.textContent = this.#index.disclaimer || words.disclaimer;
  }

  /** @param {Citewell.Answer} answer */
  #answered({ id, passages, sources_disagree: disagree, confidence }) {
    const words = this.#words;
    const cards = passages.map((passage, at) => this.#card(passage, at === 0));
    return [
      disagree && el("p", { class: "note" }, words.disagree),
      ...passages.map((passage, at) => this.#quote(passage, cards[at])),
      el("p", { class: "small confidence" }, words[confidence.level]),
      el("div", {}, el("p", { class: "small" }, words.sources), ...cards),
      this.#feedback(id),
    ];
  }

  /** @param {Citewell.Passage} passage @param {HTMLDetailsElement} card */
  #quote(passage, card) {
    const href = this.#place(passage);
    const cite = link(href, `[${passage.citation}]`, "citation");
    cite.ariaLabel = this.#say("source", { number: passage.citation, title: passage.document.title });
    cite.addEventListener("click", (event) => {
      const shown = this.#emit("citation", { passage, href }, true);
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (!shown) return;
      card.open = true;
      card.querySelector("summary")?.focus();
      card.scrollIntoView({ block: "nearest" });
    });
    const quotes = quoted(passage).map(({ text, span }) => el("p", { class: passage.quotes[span].role === "lead_in" && "lead_in" }, text.trim()));
    quotes.at(-1)?.append("\u00a0", cite);
    return el("blockquote", { class: "quote" }, ...quotes);
  }

  /** @param {Citewell.Passage} passage */
  #place(passage) {
    const { start, end } = target(passage);
    return `${this.#endpoint}/documents/${encodeURIComponent(passage.document.id)}?start=${start}&end=${end}${fragment(passage)}`;
  }

  /** @param {Citewell.Passage} passage */
  #path({ document: { title }, section, page }) { return [...headings(title, section), page ? this.#say("page", { page }) : ""].filter(Boolean); }

  /** @param {Citewell.Passage} passage @param {boolean} open */
  #card(passage, open) {
    const words = this.#words;
    const { citation, document: { url, publisher, licence }, source_references: references } = passage;
    const [title, ...path] = this.#path(passage);
    const text = el("div", { class: "passage" }, ...marked(pieces(passage)));
    const more = button("action", words.more, () => this.#more(passage, text, more), { "aria-expanded": "false" });
    const copy = button("action", words.copy, () => this.#copy(passage, copy));
    const refer = button("action", words.references, () => this.#refer(passage, refer), { "aria-haspopup": "dialog" });
    return el("details", { class: "card", open: open && "open" },
      el("summary", {}, el("span", { class: "number" }, `${citation}`),
        el("span", {}, el("span", { class: "title" }, title), el("span", { class: "path" }, path.join(" › ")),
          el("span", { class: "path" }, [publisher, licence].filter(Boolean).join(" · "))),
        icon("down")),
      el("div", {}, text, el("div", { class: "row" }, link(this.#place(passage), words.read, "action"),
        isWeb(url) && link(url?.split("#")[0] + fragment(passage), words.original, "action"), references.length && refer, more, copy)));
  }

  /** @param {Citewell.Passage} passage @param {HTMLElement} text @param {HTMLElement} button */
  async #more(passage, text, button) {
    const open = button.ariaExpanded !== "true";
    const { id } = passage.document;
    try {
      if (open && !this.#documents.has(id)) this.#documents.set(id, this.#request(`/v1/documents/${encodeURIComponent(id)}`));
      const source = await this.#documents.get(id);
      const top = () => text.querySelector("mark")?.getBoundingClientRect().top ?? 0;
      const before = top();
      text.replaceChildren(...(open && source ? around(source, passage) : marked(pieces(passage))));
      button.ariaExpanded = String(open);
      button.textContent = open ? this.#words.less : this.#words.more;
      this.#log.scrollTop += top() - before; // it stays where it was
    } catch {
      this.#documents.delete(id);
      this.#tell(button, this.#words.failed);
    }
  }

  /** @param {Citewell.Passage} passage @param {HTMLElement} opener */
  #refer(passage, opener) {
    const { references, unresolved, close: closing } = this.#words;
    /** @type {Map<number, Citewell.Reference | null>} */
    const entries = new Map();
    for (const { numbers, resolved } of passage.source_references) numbers.forEach((number, at) => entries.set(number, resolved[at]));
    const items = [...entries].sort(([a], [b]) => a - b).map(([number, entry]) => el("li", {}, el("span", { class: "number" }, `${number}`), el("span", {},
      entry && (isWeb(entry.url) ? link(entry.url, entry.title) : entry.title),
      el("span", { class: "small" }, entry ? [entry.authors, entry.year, entry.source].filter(Boolean).join(". ") : unresolved))));
    const sheet = this.#references;
    const close = button("icon", icon("close"), () => sheet.close(), { "aria-label": closing });
    sheet.ariaLabel = references;
    sheet.replaceChildren(el("div", {}, el("div", { class: "bar" }, el("h2", {}, references), close), el("ul", {}, ...items)));
    sheet.onclose = () => { this.#inside.inert = false; opener.focus(); };
    sheet.show();
    this.#inside.inert = true;
    close.focus();
  }

  /** @param {Citewell.Passage} passage @param {HTMLElement} button */
  async #copy(passage, button) {
    const { url, publisher, licence } = passage.document;
    const [title, ...path] = this.#path(passage);
    const where = [title, path.join(" › "), publisher, licence].filter(Boolean).join(". ");
    const text = `${quoted(passage).map((quote) => `“${quote.text.trim()}”`).join(" […] ")}\n— ${where}.\n${url || new URL(this.#place(passage), location.href)}`;
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch { done = this.#copyBySelecting(text); }
    button.focus();
    this.#tell(button, done ? this.#words.copied : this.#words.failed);
  }

  /** A page over plain http has no clipboard, but still this way. @param {string} text */
  #copyBySelecting(text) {
    const field = el("textarea", { class: "unseen" });
    field.value = text;
    this.#inside.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  /** @param {HTMLElement} button @param {string} message */
  #tell(button, message) {
    const label = button.title ||= button.textContent ?? "";
    this.#status.textContent = button.textContent = message;
    setTimeout(() => { this.#status.textContent = ""; button.textContent = label; }, 2500);
  }

  /** @param {string} id */
  #feedback(id) {
    const { verdict: asked, helpful, notHelpful, thanks, failed } = this.#words;
    const said = el("span", { class: "small", role: "status" });
    const choice = (/** @type {string} */ verdict, /** @type {string} */ label) => {
      const settle = (/** @type {boolean} */ done) => { chosen.ariaPressed = String(done); said.textContent = done ? thanks : failed; };
      const chosen = button("action", label, () => {
        if (said.textContent === thanks) return;
        settle(true);
        this.#emit("feedback", { id, verdict });
        this.#request("/v1/feedback", { id, verdict }).catch(({ status }) => settle(status === 404 || status === 405)); // it may keep none
      }, { "aria-pressed": "false" });
      return chosen;
    };
    return el("div", { class: "row feedback", role: "group", "aria-label": asked }, el("span", { class: "small" }, asked), choice("helpful", helpful), choice("not_helpful", notHelpful), said);
  }

  /** @param {Citewell.Refusal} outcome */
  #refused({ refusal: { message, suggestions } }) {
    return [el("p", { class: "refusal" }, message), this.#choices(this.#words.near, suggestions.map(({ title, section }) => {
      const last = section.at(-1) ?? "";
      return /[?？؟]$/.test(last) ? last : headings(title, section).join(" – ");
    }))];
  }

  /** @param {string} label @param {string[]} questions */
  #choices(label, questions) {
    return questions.length > 0 && el("div", {}, el("p", { class: "small" }, label), el("ul", { class: "chips" }, ...questions.map((question) =>
      el("li", {}, button("suggestion", question, () => { this.ask(question); })))));
  }

  /** @param {Citewell.Turn} turn @param {ReturnType<typeof trouble>} why */
  #fail(turn, { kind, status, detail, wait }) {
    const message = this.#say(wait > 0 ? "limitedFor" : kind, { detail, seconds: wait }).trim();
    const retry = button("filled", this.#words.retry, () => { this.#answer(turn); });
    if (wait > 0) setTimeout(() => { retry.disabled = false; }, wait * 1000);
    retry.disabled = wait > 0;
    this.#show(turn, el("div", { class: "error" }, el("p", {}, message), retry, el("ul", { class: "small" }, this.#contact({ name: this.#words.urgent }))));
    this.#emit("error", { question: turn.question, kind, status, message });
  }

  /** @param {Citewell.Turn} turn */
  #pin(turn, focus = true) {
    const { refusal, safety } = /** @type {Citewell.Refusal} */ (turn.outcome);
    const actions = [...new Set((safety?.flags ?? []).map(({ action }) => action))];
    const rest = actions.reduce((message, action) => message.replace(action, ""), refusal?.message ?? "").trim();
    const [first, ...others] = [...actions, rest].filter(Boolean);
    this.#alert.classList.toggle("crisis", safety?.level === "crisis");
    this.#alert.replaceChildren(el("h3", {}, icon("warn"), el("span", {}, first ?? this.#words.alarmed)),
      el("ul", {}, ...(refusal?.contacts ?? [{ name: this.#words.urgent }]).map((contact) => this.#contact(contact))),
      ...others.map((text) => el("p", {}, text)),
      button("plain", this.#words.dismiss, () => { this.#pinned = null; this.#alert.hidden = true; this.#save(); this.focusInput(); }));
    this.#pinned = turn;
    this.#alert.hidden = false;
    this.#alert.scrollTop = 0;
    if (focus) this.#alert.focus();
    this.#save();
  }

  /** Without a phone the name lists numbers and places. @param {Partial<Citewell.Contact> & {name: string}} contact */
  #contact({ name, phone, url }) {
    const [title, list] = phone ? [name, phone] : name.split(/[(（]/);
    const numbers = (list ?? "").split(/\s*(?:[,;/،，)）]|\bor\b)\s*/).filter(Boolean);
    return el("li", {}, el("span", { class: "name" }, title), ...numbers.map((text) => {
      return (phone ? /^[+\d]/ : /\d/).test(text) ? el("a", { class: "call", href: `tel:${text.replace(/[^+\d]/g, "")}`, "aria-label": this.#say("call", { number: text, name: title }) }, icon("phone"), text) : text;
    }), isWeb(url) && link(url, this.#words.website));
  }

  // --- words

  /** @param {keyof typeof ENGLISH} word @param {Record<string, string | number>} values */
  #say(word, values) { return this.#words[word].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? "")); }

  /** Speak the element's or the page's language; English until its words are there. */
  #speak() {
    const asked = () => (this.closest("[lang]")?.getAttribute("lang") ?? "").toLowerCase().split("-")[0];
    const tag = asked();
    const speak = (/** @type {Partial<typeof ENGLISH> | undefined} */ words) => {
      this.#words = { ...ENGLISH, ...words, ...this.#own };
      this.#root.lang = words ? tag : "en";
      this.#write();
    };
    if (tag !== this.#root.lang || tag === "en") speak(undefined);
    if (tag && tag !== "en") translate().then((all) => { if (asked() === tag) speak(all[tag]); });
  }

  #write() {
    const words = this.#words;
    const heading = this.#get("heading") || this.#index.name || words.heading;
    const name = (/** @type {HTMLElement} */ node, /** @type {string} */ label) => { node.ariaLabel = node.title = label; };
    name(this.#launcher, words.launch);
    name(this.#clear, words.clear);
    name(this.#close, words.close);
    name(this.#send, words.send);
    this.#launcher.ariaExpanded = String(this.open);
    this.#root.ariaLabel = this.#heading.textContent = heading;
    this.#panel.role = this.#inline ? null : "dialog";
    this.#panel.ariaLabel = this.#inline ? null : heading;
    this.#log.ariaLabel = words.log;
    this.#field.ariaLabel = words.question;
    this.#field.placeholder = this.#get("placeholder") || words.placeholder;
    this.#scope.textContent = this.#index.scope || words.empty;
    this.#chips.replaceChildren(this.#choices(words.suggestions, this.suggestions) || "");
    this.#small.textContent = this.#index.disclaimer || words.disclaimer;
  }

  /** Fetch what the service says of itself, once it is seen. */
  async #introduce() {
    const endpoint = this.#endpoint;
    if (this.#introduced === endpoint || !(this.open || this.#inline)) return;
    this.#introduced = endpoint;
    const index = await this.#request("/v1/index").catch(() => null);
    if (!index || endpoint !== this.#endpoint) return;
    this.#index = index;
    this.#write();
  }

  /** @param {boolean} open */
  #opened(open) {
    if (!open) {
      const inside = this.shadowRoot?.activeElement || document.activeElement === document.body;
      if (this.#references.open) this.#references.close();
      if (inside) (this.#opener?.isConnected ? this.#opener : this.#launcher).focus();
    }
    this.#emit(open ? "open" : "close");
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.#references.open) this.#references.close();
    else if (this.open && !this.#inline) this.hide();
    else return;
    event.preventDefault(); // a dialog of the page stays open
  }

  // --- storage

  /** With the version of what is stored. */
  get #key() { return `citewell-chat 1 ${this.id} ${this.#endpoint}`; }

  #save() {
    try {
      if (this.#get("storage") !== "session") return sessionStorage.removeItem(this.#key);
      const kept = this.#turns.filter(({ outcome }) => outcome);
      const turns = kept.map((turn) => ({ question: turn.question, outcome: turn.outcome, pinned: turn === this.#pinned }));
      sessionStorage.setItem(this.#key, JSON.stringify(turns));
    } catch { /* full? */ }
  }

  #restore() {
    if (this.#get("storage") !== "session") return;
    try {
      for (const { question, outcome, pinned } of JSON.parse(sessionStorage.getItem(this.#key) ?? "[]")) {
        const turn = this.#add(String(question));
        turn.outcome = outcome;
        this.#showOutcome(turn);
        if (pinned) this.#pin(turn, false);
      }
    } catch { this.clear(); } // not ours
  }

  /** @param {string} name @param {unknown} [detail] */
  #emit(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`citewell-${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }
}

if (!customElements.get("citewell-chat")) customElements.define("citewell-chat", CitewellChat);
})();

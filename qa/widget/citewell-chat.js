/**
 * <citewell-chat>: a question goes to a Citewell service; quotes with their sources, a refusal or an alarm come out.
 *
 *     <script src="https://qa.example.org/widget.js" defer></script>
 *     <citewell-chat endpoint="https://qa.example.org"></citewell-chat>
 *
 * A plain script or a module. A strict Content-Security-Policy names the service in script-src and connect-src.
 * Needs Chrome 111, Firefox 113 or Safari 16.4.
 *
 * Attributes, mirrored by properties:
 *   endpoint     the service; by default where this script came from
 *   public-key   sent as a bearer token
 *   mode         launcher (a button opens a panel) or inline
 *   open         whether that panel is open
 *   heading, placeholder
 *   lang         of the widget's words and of those in an emergency: en, de, fr, es, pt
 *   region       ISO 3166-1 alpha-2: whom to call in an emergency
 *   theme        auto, light, dark
 *   top          the most passages, 1 to 10
 *   storage      none, or session: the next page still has the conversation
 *   suggestions  "What helps?|Is it dangerous?"; as a property an array
 * Properties: strings (replaces any of ENGLISH), fetch (every request goes through it)
 * Methods: show() hide() toggle() ask(question) clear() focusInput()
 * Events: citewell-ready -open -close -submit -answer -refusal -emergency -citation -feedback -error; submit and
 *   citation can be cancelled
 * Slots: header empty launcher-icon disclaimer
 * Parts: launcher panel header heading clear close emergency log empty turn question answer quote citation note confidence
 *   card passage action feedback refusal suggestion error composer input send disclaimer references
 * Custom properties: --citewell-accent -on-accent -paper -card -ink -soft -line -mark -sans -serif -radius -width -height
 *   -inset (from the corner) -z-index
 */
(() => {
"use strict";

const PATIENCE_MS = 20_000;
const REMEMBERED = 3; // questions sent as history
const KEPT = 50; // turns in the session's storage
const AROUND = 600; // code points on either side of a passage
const VERSION = 1; // of what is stored

const OWN_URL = (document.currentScript instanceof HTMLScriptElement && document.currentScript.src)
  || new Error().stack?.match(/https?:\/\/\S+?(?=:\d+:\d+)/)?.[0] || location.href; // a module has no currentScript

const ENGLISH = {
  heading: "Ask the documents",
  launch: "Ask a question",
  close: "Close",
  clear: "Start over",
  log: "Conversation",
  question: "Your question",
  placeholder: "Ask in your own words",
  send: "Ask",
  room: "{count} of 1,000 characters",
  empty: "Ask a question. The answer is quoted word for word, each sentence with its source.",
  suggestions: "You could ask",
  asked: "You asked:",
  searching: "Searching the documents…",
  VERY_HIGH: "This very probably answers your question.",
  HIGH: "This probably answers your question.",
  MEDIUM: "This may answer your question.",
  LOW: "This may not answer your question. Please read it with care.",
  disagree: "These sources do not all agree. Please read each of them.",
  sources: "Sources",
  source: "Source {number}: {title}",
  page: "page {page}",
  read: "Open document",
  original: "Original page",
  references: "References",
  unresolved: "Not listed in the document",
  more: "Show more around it",
  less: "Show less",
  noMore: "Could not be fetched",
  copy: "Copy with citation",
  copied: "Copied",
  notCopied: "The browser forbids copying",
  verdict: "Was this helpful?",
  helpful: "Helpful",
  notHelpful: "Not helpful",
  thanks: "Thank you.",
  notSent: "That could not be sent.",
  near: "Sections that come near",
  alarmed: "This may be an emergency. What to do stands at the top.",
  again: "Show it again",
  dismiss: "I have read this",
  call: "Call {number}: {name}",
  website: "Website of {name}",
  urgent: "If somebody is in danger, call the emergency number:",
  numbers: "112 in Europe, 999 in the UK, 911 in the US, 000 in Australia",
  retry: "Try again",
  stopped: "Stopped, since you asked something else.",
  offline: "You are offline.",
  unreachable: "The service cannot be reached at the moment.",
  timeout: "The answer is taking too long.",
  limited: "Too many questions at once. Please wait a moment.",
  limitedFor: "Too many questions at once. Please try again in {seconds} seconds.",
  rejected: "The question was not accepted. {detail}",
  fault: "Something went wrong at the service.",
  unreadable: "The answer could not be read.",
  disclaimer: "Quotes from documents, not advice.",
};

const DARK = `{
  color-scheme: dark; --accent: var(--citewell-accent, #7fd1bb); --on-accent: var(--citewell-on-accent, #0a211b);
  --paper: var(--citewell-paper, #141918); --card: var(--citewell-card, #1c2322); --ink: var(--citewell-ink, #e8ece9);
  --soft: var(--citewell-soft, #a9b5b1); --line: var(--citewell-line, #303a38); --mark: var(--citewell-mark, #55491c);
  --edge: #75827f; --alarm: #a3141f; --calm: #1d5b4e; --shadow: #0009;
}`;

const SHEET = new CSSStyleSheet();
SHEET.replaceSync(`
:host {
  all: initial; display: contents; color-scheme: light; --accent: var(--citewell-accent, #12604f); --on-accent: var(--citewell-on-accent, #fff);
  --paper: var(--citewell-paper, #faf9f6); --card: var(--citewell-card, #fff); --ink: var(--citewell-ink, #1d2524);
  --soft: var(--citewell-soft, #56615f); --line: var(--citewell-line, #e3e1d9); --mark: var(--citewell-mark, #ffefad);
  --edge: #84908d; --alarm: #b01722; --calm: #12604f; --shadow: #1824212e;
  --tint: color-mix(in srgb, var(--accent) 9%, var(--card)); --radius: var(--citewell-radius, 20px); --inset: var(--citewell-inset, 24px);
  --serif: var(--citewell-serif, "Iowan Old Style", Palatino, Charter, Georgia, "Noto Serif", serif);
  font: medium/1.55 var(--citewell-sans, system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  color: var(--ink); overflow-wrap: anywhere;
}
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) ${DARK} }
:host([theme="dark"]) ${DARK}
:host([hidden]), [hidden] { display: none !important; }
:host([mode="inline"]) { display: block; block-size: var(--citewell-height, 680px); }
* { box-sizing: border-box; }
h2, h3, p, ul, blockquote { margin: 0; padding: 0; font-size: inherit; }
ul { list-style: none; }
.root { display: contents; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus { outline: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: .06em; }
button { min-block-size: 44px; font: inherit; color: inherit; cursor: pointer; touch-action: manipulation; }
:disabled { opacity: .55; cursor: default; }
svg { inline-size: 20px; block-size: 20px; flex: none; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
mark { background: var(--mark); color: inherit; border-radius: .2em; padding: .1em 0; -webkit-box-decoration-break: clone; box-decoration-break: clone; }

.launcher, .panel { position: fixed; z-index: var(--citewell-z-index, 2147483000); inset-inline-end: var(--inset); inset-block-end: calc(var(--inset) + env(safe-area-inset-bottom)); }
.launcher { display: grid; place-items: center; inline-size: 60px; block-size: 60px; padding: 0; border: 1px solid transparent; border-radius: 50%; background: var(--accent); color: var(--on-accent); box-shadow: 0 6px 24px var(--shadow); }
.launcher svg { inline-size: 30px; block-size: 30px; }
.launcher:hover, .filled:hover { background: color-mix(in srgb, var(--accent) 88%, var(--ink)); }
:host([open]) .launcher slot, :host(:not([open])) .launcher > svg { display: none; }
.panel {
  overflow: clip; margin-block-end: 76px; inline-size: min(var(--citewell-width, 420px), 100vw - 2 * var(--inset)); block-size: min(var(--citewell-height, 700px), 100dvh - 2 * var(--inset) - 76px);
  background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: 0 12px 48px var(--shadow);
}
:host(:not([open], [mode="inline"])) .panel, :host([mode="inline"]) .launcher, :host([mode="inline"]) .close { display: none; }
:host([mode="inline"]) .panel { position: relative; inset: auto; z-index: auto; margin: 0; inline-size: 100%; block-size: 100%; box-shadow: none; }
.inside { display: flex; flex-direction: column; block-size: 100%; }
header, .bar { display: flex; align-items: center; padding-block: 10px; padding-inline: 18px 10px; border-block-end: 1px solid var(--line); }
header slot, h3 { display: block; flex: 1; min-inline-size: 0; }
h2 { font-size: 1.0625em; line-height: 1.3; }
h2, h3, .title, .name, .number, .filled, .plain { font-weight: 600; }
.icon { display: grid; place-items: center; inline-size: 44px; padding: 0; border: 0; border-radius: 12px; background: none; color: var(--soft); }
.icon:hover, .action:hover, .chip:hover { background: var(--tint); color: var(--accent); }

.log { position: relative; border-block-end: 1px solid var(--line); flex: 1; min-block-size: 96px; overflow: hidden auto; overscroll-behavior: contain; scrollbar-width: thin; }
.log:focus-visible { outline-offset: -3px; }
.empty, .turn, .composer, .disclaimer { inline-size: 100%; max-inline-size: 760px; margin-inline: auto; padding-inline: 18px; }
.empty { padding-block: 28px; }
.scope { margin-block-end: 20px; font: 1.125em/1.55 var(--serif); }
.label { color: var(--soft); font-size: .8125em; font-weight: 600; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin-block-start: 8px; }
.chip { padding: 9px 16px; border: 1px solid var(--line); border-radius: 22px; background: var(--card); color: var(--accent); font-size: .9375em; line-height: 1.4; text-align: start; }
.turn { padding-block: 18px 6px; content-visibility: auto; contain-intrinsic-size: auto 480px; }
.turn:last-child { padding-block-end: 24px; }
.question { inline-size: fit-content; max-inline-size: 88%; margin-inline-start: auto; padding: 10px 16px; border-radius: 20px; border-end-end-radius: 6px; background: var(--tint); white-space: pre-wrap; }
.answer { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px; margin-block-start: 18px; }
.answer > *, .references > div { animation: rise .18s ease-out backwards; }
.wait { display: flex; gap: 6px; padding-block: 10px; }
.wait i { inline-size: 8px; block-size: 8px; border-radius: 50%; background: var(--edge); animation: pulse 1.1s infinite; }
.wait i:nth-child(2) { animation-delay: .15s; }
.wait i:nth-child(3) { animation-delay: .3s; }
@keyframes rise { from { opacity: 0; transform: translateY(4px); } }
@keyframes pulse { 50% { opacity: .25; } }
.quote { padding-inline-start: 16px; border-inline-start: 3px solid var(--accent); font: 1.125em/1.5 var(--serif); white-space: pre-line; text-wrap: pretty; }
.quote p + p { margin-block-start: 6px; }
.lead_in { color: var(--soft); font-size: .9em; }
.cite, .number { display: inline-block; padding: 3px 6px; border-radius: 8px; background: var(--tint); color: var(--accent); font: 600 .8125em/1.4 var(--citewell-sans, system-ui, sans-serif); text-decoration: none; text-align: center; white-space: nowrap; }
.number { min-inline-size: 26px; }
.cite { font-size: .75em; vertical-align: .1em; }
.cite:hover { background: var(--accent); color: var(--on-accent); }
.small { color: var(--soft); font-size: .875em; }
.note { padding: 10px 14px; border-radius: 12px; background: var(--mark); font-size: .9375em; }
.card { margin-block-start: 8px; border: 1px solid var(--line); border-radius: 14px; background: var(--card); }
summary { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 10px; align-items: center; min-block-size: 44px; padding: 10px 14px; border-radius: 13px; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover .title { color: var(--accent); }
summary svg { color: var(--soft); transition: rotate .15s; }
[open] > summary svg { rotate: 180deg; }
.title, .path { display: block; font-size: .9375em; line-height: 1.4; }
.path { color: var(--soft); font-size: .8125em; }
.card > div { padding: 2px 14px 6px; }
.passage { padding-block: 4px 10px; font: 1em/1.65 var(--serif); white-space: pre-line; }
.passage p + p { margin-block-start: .6em; }
.heading { font-weight: 600; }
.item { display: list-item; margin-inline-start: 1.1em; list-style: disc; }
.row { display: flex; flex-wrap: wrap; align-items: center; margin-inline: -8px; }
.row .small { margin-inline: 8px 4px; }
.action { display: inline-flex; align-items: center; min-block-size: 44px; padding: 4px 8px; border: 0; border-radius: 10px; background: none; color: var(--accent); font-size: .875em; text-decoration: none; }
[aria-pressed="true"] { background: var(--tint); }
.refusal { font: 1.0625em/1.55 var(--serif); white-space: pre-line; }
.error { display: grid; gap: 10px; justify-items: start; padding: 16px; border: 1px solid var(--edge); border-radius: 14px; background: var(--card); }
.filled { padding: 8px 18px; border: 1px solid transparent; border-radius: 12px; background: var(--accent); color: var(--on-accent); }

.alarm { flex: 0 1 auto; min-block-size: 120px; max-block-size: 70%; overflow: hidden auto; padding: 18px; background: var(--alarm); color: #fff; overscroll-behavior: contain; }
.alarm.crisis { background: var(--calm); }
.alarm:focus { outline: 3px solid #fff; outline-offset: -6px; }
.alarm :focus-visible { outline-color: #fff; }
.alarm > * + *, .alarm li + li { margin-block-start: 12px; }
.alarm h3 { display: flex; gap: 10px; font-size: 1.1875em; line-height: 1.35; }
.alarm li { display: flex; flex-wrap: wrap; gap: 6px 8px; align-items: center; }
.name { flex-basis: 100%; }
.alarm p, .alarm ul, .plain { font-size: .9375em; }
.alarm a { color: #fff; }
.alarm .call { display: inline-flex; align-items: center; gap: 8px; min-block-size: 48px; padding: 4px 16px; border-radius: 12px; background: #fff; color: #7d0d16; font-weight: 700; font-size: 1.125em; text-decoration: none; }
.alarm.crisis .call { color: #0d4a3d; }
.plain { padding: 6px 16px; border: 1px solid; border-radius: 12px; background: none; }

.composer { padding-block: 10px 0; }
.box { display: flex; align-items: end; padding: 5px; border: 1px solid var(--edge); border-radius: 18px; background: var(--card); }
.box:focus-within { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
textarea { flex: 1; min-inline-size: 0; max-block-size: min(132px, 24vh); padding: 10px 11px; border: 0; resize: none; field-sizing: content; background: none; color: inherit; font: inherit; line-height: 24px; }
textarea:focus-visible { outline: 0; }
::placeholder { color: var(--soft); opacity: 1; }
.send { display: grid; place-items: center; inline-size: 44px; padding: 0; border-radius: 14px; }
.disclaimer { padding-block: 4px calc(6px + env(safe-area-inset-bottom)); color: var(--soft); font-size: .8125em; line-height: 1.45; }
.disclaimer summary { grid-template-columns: minmax(0, 1fr) auto; padding: 2px 4px; }
.disclaimer:not([open]) slot { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }

.references { position: absolute; inset: 0; inline-size: auto; block-size: auto; max-inline-size: none; max-block-size: none; margin: 0; padding: 0; border: 0; background: #0006; color: inherit; }
.references[open] { display: flex; align-items: end; }
.references > div { inline-size: 100%; max-block-size: 88%; overflow: hidden auto; padding-block-end: calc(10px + env(safe-area-inset-bottom)); border-radius: var(--radius) var(--radius) 0 0; background: var(--paper); }
.references li { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 12px; align-items: start; margin-inline: 18px; padding-block: 12px; font-size: .9375em; }
.references li + li { border-block-start: 1px solid var(--line); }
.references .small { display: block; }

@media (max-width: 480px), (max-height: 480px) {
  :host(:not([mode="inline"])) .panel { inset: 0; margin: 0; inline-size: auto; block-size: 100dvh; border: 0; border-radius: 0; padding: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left); }
  :host([open]) .launcher { display: none; }
}
@media (max-height: 480px) { .log { min-block-size: 40px; } header { padding-block: 0; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
@media (forced-colors: active) {
  .launcher, .filled, .call, .number, .cite, .question, .note, .icon, .action { border: 1px solid !important; }
  .alarm { border: 4px solid; }
  mark { background: Mark; color: MarkText; }
  .box:focus-within, [aria-pressed="true"] { outline: 3px solid Highlight; }
}`);

const ICONS = {
  quote: "M6 12v-1c0-3 1-4 4-5M6 11h4v6H6zM14 12v-1c0-3 1-4 4-5M14 11h4v6h-4z",
  send: "M12 19V5M6 11l6-6 6 6",
  close: "M6 6l12 12M18 6L6 18",
  clear: "M4 5v5h5M4.5 14.5a8 8 0 1 0 1-7L4 10",
  warn: "M12 9v5m0 3v.1M12 3L2 20h20z",
  down: "M6 9l6 6 6-6",
  phone: "M6 3h4l1 5-2 1a12 12 0 0 0 6 6l1-2 5 1v4a2 2 0 0 1-2 2A17 17 0 0 1 4 5a2 2 0 0 1 2-2z",
};

// --- the DOM ------------------------------------------------------------------------------------------

/**
 * Make an element: attributes by name, listeners as functions; children that are empty are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, Citewell.Attribute>} attributes @param {...Citewell.Child} children
 */
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : String(value));
  }
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

/** A plain button, or an icon's. @param {string} part @param {Citewell.Child} label @param {(event: Event) => void} click @param {Record<string, Citewell.Attribute>} [more] */
const button = (part, label, click, more) => el("button", { type: "button", class: part, part, click, ...more }, label);

/** A link to another page; only the web's addresses are linked. @param {string | null | undefined} href @param {string} text @param {Record<string, Citewell.Attribute>} [more] */
const link = (href, text, more) => /^https?:\/\//i.test(href ?? "") ? el("a", { href, target: "_blank", rel: "noopener", ...more }, text) : null;

// --- text: offsets count code points, which JavaScript's strings do not --------------------------------

/**
 * Cut a range at the edges of spans; `span` is the index of the one that a piece lies in, or -1.
 * @param {Citewell.Span} range @param {Citewell.Span[]} spans
 */
function cut({ start, end }, spans) {
  const edges = [start, end, ...spans.flatMap((span) => [span.start, span.end])].filter((edge) => start <= edge && edge <= end).sort((a, b) => a - b);
  return edges.slice(1).map((to, at) => ({ start: edges[at], end: to, span: spans.findIndex((span) => span.start <= edges[at] && edges[at] < span.end) }))
    .filter((piece) => piece.start < piece.end);
}

/** A passage's text, cut at its quotes. @param {Citewell.Passage} passage */
function pieces({ text, highlights }) {
  const points = Array.from(text);
  return cut({ start: 0, end: points.length }, highlights).map(({ start, end, span }) => ({ text: points.slice(start, end).join(""), span }));
}

/** @param {{text: string, span: number}[]} all */
const marked = (all) => all.map(({ text, span }) => span < 0 ? text : el("mark", {}, text));

/**
 * The blocks around a passage as they are read: without markup, reference markers and boilerplate, white space as one space.
 * @param {Citewell.Document} source @param {Citewell.Passage} passage
 */
function around({ text, blocks, markup, markers, boilerplate }, { location, quotes }) {
  const points = Array.from(text);
  const blank = (/** @type {number} */ at) => /[ \t\u00a0]/.test(points[at] ?? "");
  const gone = [...markup, ...[...markers, ...boilerplate].map(({ span }) => span)].map(({ start, end }) => {
    while (points[start] !== "*" && blank(start - 1) && !blank(end)) start--;
    return { start, end };
  });
  return blocks.filter(({ span }) => span.end > location.start - AROUND && span.start < location.end + AROUND).map(({ span, kind }) => {
    const here = gone.filter(({ start, end }) => start < span.end && end > span.start);
    return el("p", { class: kind }, ...marked(cut(span, quotes).map((piece) => ({
      span: piece.span,
      text: points.slice(piece.start, piece.end).filter((_, at) => !here.some(({ start, end }) => start <= piece.start + at && piece.start + at < end)).join("").replace(/\s+/g, " "),
    }))));
  }).filter(({ textContent }) => textContent?.trim());
}

/**
 * The text directive of a quote: all of it if short, else its first and last words. It is cut where a line breaks and
 * where the source's own reference numbers stand, since a page may show or leave out those.
 * @param {Citewell.Passage} passage @param {number} index
 */
function directive({ text, highlights, quotes, source_references: markers }, index) {
  const { start, exact } = quotes[index];
  const points = Array.from(exact);
  const runs = [""];
  let at = 0;
  for (const char of Array.from(text).slice(highlights[index].start, highlights[index].end)) {
    while (/\S/.test(char) && at < points.length) {
      const marker = markers.find((span) => span.start <= start + at && start + at < span.end);
      if (marker) { at = marker.end - start; runs.push(""); }
      else if (points[at++] === char) break;
    }
    if (char === "\n") runs.push("");
    else runs[runs.length - 1] += char;
  }
  const words = runs.filter((run) => /[\p{L}\p{N}]/u.test(run)).map((run) => run.trim().split(" "));
  const encode = (/** @type {string[]} */ some) => encodeURIComponent(some.join(" ")).replace(/-/g, "%2D");
  if (!words.length) return "";
  const [first, last] = [words[0], words[words.length - 1]];
  return `:~:text=${words.length === 1 && first.length <= 12 ? encode(first) : `${encode(first.slice(0, 6))},${encode(last.slice(-6))}`}`;
}

/** The quote that a link goes to. @param {Citewell.Passage} passage */
const target = ({ quotes }) => Math.max(0, quotes.findIndex(({ role }) => role === "answer"));

/** A title and the headings under it, the outermost of which often repeats it. @param {string} title @param {string[]} section */
const headings = (title, section) => [title, ...section.filter((heading, depth) => depth || heading !== title)];

// --- what the service says ----------------------------------------------------------------------------

class Trouble extends Error {
  /** @param {Citewell.TroubleKind} kind */
  constructor(kind, status = 0, detail = "", wait = 0) {
    super(kind);
    this.kind = kind;
    this.status = status;
    this.detail = detail;
    this.wait = wait;
  }
}

/** @param {any} body */
const isAlarm = (body) => /^(emergency|crisis)$/.test(body?.safety?.level) || /^(emergency|crisis)$/.test(body?.refusal?.reason);

/** Tell whether a body can be shown; an alarm is, whatever else is wrong with it. @param {any} body @returns {body is Citewell.Outcome} */
const isOutcome = (body) => isAlarm(body) || typeof body?.refusal?.message === "string"
  || Boolean(body?.passages?.length) && body.passages.every((/** @type {any} */ passage) =>
    typeof passage?.text === "string" && passage.document?.title && passage.location
    && passage.highlights?.length === passage.quotes?.length && Array.isArray(passage.source_references));

/** @type {Promise<Record<string, Partial<typeof ENGLISH>>> | undefined} */
let translations;

/** Load the other languages' words, once for the page. */
const translate = () => translations ??= import(new URL("widget-strings.js", OWN_URL).href).then((module) => module.default, (cause) => {
  console.warn("citewell-chat: the words in other languages could not be loaded.", cause);
  return {};
});

// --- the element --------------------------------------------------------------------------------------

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
  /** the endpoint that was asked to introduce itself */
  #introduced = "";
  /** @type {Citewell.Turn[]} */
  #turns = [];
  /** @type {Citewell.Turn | null} whose alarm is pinned */
  #pinned = null;
  /** @type {{question: string, stop: AbortController} | null} under way */
  #asking = null;
  /** @type {Map<string, Promise<Citewell.Document>>} */
  #documents = new Map();
  /** @type {HTMLElement | null} where the focus was before the panel */
  #opener = null;
  #ready = false;

  #launcher = button("launcher", el("slot", { name: "launcher-icon" }, icon("quote")), () => this.toggle(), { "aria-haspopup": "dialog", "aria-controls": "panel" });
  #heading = el("h2", { part: "heading", dir: "auto" });
  #clear = button("icon", icon("clear"), () => { this.clear(); this.focusInput(); }, { part: "clear", hidden: true });
  #close = button("icon close", icon("close"), () => this.hide(), { part: "close" });
  #alert = el("div", { role: "alert", part: "emergency", tabindex: -1, class: "alarm", hidden: true });
  #scope = el("p", { class: "scope", dir: "auto" });
  #chips = el("div");
  #empty = el("div", { class: "empty", part: "empty" }, el("slot", { name: "empty" }, this.#scope, this.#chips));
  #log = el("div", { role: "log", "aria-live": "polite", tabindex: 0, class: "log", part: "log" }, this.#empty);
  #status = el("p", { role: "status", class: "unseen" });
  #label = el("label", { class: "unseen", for: "question" });
  #field = el("textarea", { id: "question", part: "input", rows: 1, dir: "auto", enterkeyhint: "send", "aria-describedby": "room" });
  #send = el("button", { class: "filled send", part: "send" }, icon("send"));
  #room = el("p", { id: "room", class: "small" });
  #form = el("form", { class: "composer", part: "composer" }, this.#label, el("div", { class: "box" }, this.#field, this.#send), this.#room);
  #small = el("span", { dir: "auto" });
  #inside = el("div", { class: "inside" },
    el("header", { part: "header" }, el("slot", { name: "header" }, this.#heading), this.#clear, this.#close),
    this.#alert, this.#log, this.#form,
    el("details", { class: "disclaimer", part: "disclaimer" }, el("summary", {}, el("slot", { name: "disclaimer" }, this.#small), icon("down"))),
    this.#status);
  #references = el("dialog", { class: "references", part: "references" });
  #panel = el("section", { id: "panel", class: "panel", part: "panel" }, this.#inside, this.#references);
  #root = el("div", { class: "root", role: "region" }, this.#launcher, this.#panel);

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [SHEET];
    shadow.append(this.#root);
    this.#launcher.append(icon("close"));
    this.#root.addEventListener("keydown", (event) => this.#escape(event));
    this.#form.addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    this.#field.addEventListener("keydown", (event) => {
      // While an input method composes, Enter takes its suggestion; Safari says so by the code 229 alone.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("input", () => this.#measure());
    this.#references.addEventListener("click", ({ target }) => { if (target === this.#references) this.#references.close(); });
  }

  // --- properties

  static {
    for (const name of MIRRORED) {
      const attribute = name.replace("K", "-k");
      Object.defineProperty(this.prototype, name, {
        configurable: true,
        enumerable: true,
        /** @this {CitewellChat} */
        get() { return this.getAttribute(attribute) ?? ""; },
        /** @this {CitewellChat} @param {unknown} value */
        set(value) { value == null ? this.removeAttribute(attribute) : this.setAttribute(attribute, String(value)); },
      });
    }
  }

  get open() { return this.hasAttribute("open"); }
  set open(value) { this.toggleAttribute("open", Boolean(value)); }
  get suggestions() { return (this.getAttribute("suggestions") ?? "").split("|").map((each) => each.trim()).filter(Boolean); }
  set suggestions(value) { this.setAttribute("suggestions", (value ?? []).join("|")); }
  get strings() { return this.#own; }
  set strings(value) { this.#own = value ?? {}; this.#speak(); }
  get fetch() { return this.#fetch; }
  set fetch(value) { this.#fetch = value; }

  /** @param {string} name */
  #get(name) { return this.getAttribute(name) ?? ""; }
  get #endpoint() { return (this.#get("endpoint") || new URL(OWN_URL).origin).replace(/\/+$/, ""); }
  get #inline() { return this.#get("mode") === "inline"; }

  connectedCallback() {
    // What was set before this script came hides the accessors.
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
    queueMicrotask(() => { if (!this.isConnected) this.#asking?.stop.abort(); }); // unless it was only moved
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

  /** Open the panel and go to the question. */
  show() {
    if (this.#inline || this.open) return;
    const { activeElement } = /** @type {Document | ShadowRoot} */ (this.getRootNode());
    this.#opener = activeElement instanceof HTMLElement && activeElement !== this && activeElement !== document.body ? activeElement : this.#launcher;
    this.open = true;
    this.focusInput();
  }

  /** Close the panel; the focus goes back to where it was. */
  hide() { this.open = false; }

  toggle() { this.open ? this.hide() : this.show(); }

  focusInput() { this.#field.focus(); }

  /** Forget the conversation; an alarm stays until the visitor dismisses it. */
  clear() {
    this.#asking?.stop.abort();
    for (const { node } of this.#turns) node.remove();
    this.#turns = [];
    this.#empty.hidden = false;
    this.#clear.hidden = true;
    this.#save();
  }

  /**
   * Ask as if the visitor had typed it. An earlier question that waits is aborted.
   * @param {string} question @returns {Promise<Citewell.Outcome | null>} null if it was not asked, was aborted or failed
   */
  async ask(question) {
    const turn = this.#begin(question);
    return turn && this.#answer(turn);
  }

  // --- asking

  #submit() {
    const turn = this.#begin(this.#field.value);
    if (!turn) return;
    this.#field.value = "";
    this.#measure();
    if (matchMedia("(pointer: coarse)").matches) this.#log.focus(); // or the keyboard would cover the answer
    this.#answer(turn);
  }

  /** Begin a turn, unless the same question waits or the page says no. @param {string} question */
  #begin(question) {
    const text = String(question ?? "").trim();
    if (!text || this.#asking?.question === text || !this.#emit("submit", { question: text }, true)) return null;
    this.show();
    return this.#add(text);
  }

  /** @param {string} question */
  #add(question) {
    const body = el("div", { class: "answer", part: "answer" });
    const node = el("article", { class: "turn", part: "turn" },
      el("p", { class: "question", part: "question", dir: "auto" }, el("span", { class: "unseen" }, `${this.#words.asked} `), question), body);
    /** @type {Citewell.Turn} */
    const turn = { question, node, body, outcome: null };
    this.#turns.push(turn);
    this.#keepFocus(this.#empty);
    this.#empty.hidden = true;
    this.#clear.hidden = false;
    this.#log.append(node);
    return turn;
  }

  /** @param {Citewell.Turn} turn */
  async #answer(turn) {
    this.#asking?.stop.abort();
    const mine = this.#asking = { question: turn.question, stop: new AbortController() };
    this.#show(turn, el("p", { class: "wait", "aria-hidden": "true" }, el("i"), el("i"), el("i")));
    this.#log.ariaBusy = "true";
    this.#status.textContent = this.#words.searching;
    try {
      const body = await this.#request("/v1/ask", this.#body(turn), mine.stop.signal);
      if (!isOutcome(body)) throw new Trouble("unreadable");
      turn.outcome = body;
      this.#showOutcome(turn);
      if (isAlarm(body)) this.#pin(turn);
      this.#save();
      this.#emit(isAlarm(body) ? "emergency" : body.refusal ? "refusal" : "answer", body);
      return body;
    } catch (cause) {
      turn.outcome = null;
      if (mine.stop.signal.aborted) this.#show(turn, el("p", { class: "small" }, this.#words.stopped));
      else this.#fail(turn, cause instanceof Trouble ? cause : new Trouble("unreadable"));
      return null;
    } finally {
      if (this.#asking === mine) {
        this.#asking = null;
        this.#log.ariaBusy = "false";
        this.#status.textContent = "";
      }
    }
  }

  /** What is sent. What the service would not accept is left out: no cry for help may fail for a misspelt region. @param {Citewell.Turn} turn */
  #body(turn) {
    const [top, region] = [Number(this.#get("top")), this.#get("region").toUpperCase()];
    const history = this.#turns.slice(0, this.#turns.indexOf(turn)).filter(({ outcome }) => outcome && !isAlarm(outcome)).slice(-REMEMBERED).map(({ question }) => question);
    return {
      question: turn.question,
      top: Number.isInteger(top) && top >= 1 && top <= 10 ? top : undefined,
      region: /^[A-Z]{2}$/.test(region) ? region : undefined,
      lang: /^[a-z]{1,8}(-[a-z0-9]{1,8})*$/i.test(this.lang) ? this.lang : undefined,
      history: history.length ? history : undefined,
    };
  }

  /** @param {string} path @param {object} [body] sent as POST @param {AbortSignal} [signal] @returns {Promise<any>} @throws {Trouble} */
  async #request(path, body, signal) {
    const stop = new AbortController();
    let late = false;
    const timer = setTimeout(() => { late = true; stop.abort(); }, PATIENCE_MS);
    signal?.addEventListener("abort", () => stop.abort());
    try {
      const key = this.#get("public-key");
      const response = await this.#fetch(this.#endpoint + path, {
        method: body ? "POST" : "GET",
        headers: { ...(body && { "content-type": "application/json" }), ...(key && { authorization: `Bearer ${key}` }) },
        body: body && JSON.stringify(body),
        credentials: "omit",
        signal: stop.signal,
      });
      const { ok, status, headers } = response;
      const said = await response.json().catch(() => null);
      if (late) throw new Trouble("timeout");
      if (ok) return said;
      const after = headers.get("retry-after") ?? "";
      throw new Trouble(status === 429 ? "limited" : status < 500 ? "rejected" : "fault", status, typeof said?.detail === "string" ? said.detail : "",
        Math.ceil(Number(after) || (Date.parse(after) - Date.now()) / 1000) || 0);
    } catch (cause) {
      throw cause instanceof Trouble ? cause : new Trouble(late ? "timeout" : navigator.onLine ? "unreachable" : "offline");
    } finally {
      clearTimeout(timer);
    }
  }

  // --- showing

  /** Keep the focus in the conversation when what has it goes away. @param {HTMLElement} node */
  #keepFocus(node) { if (node.contains(this.shadowRoot?.activeElement ?? null)) this.#log.focus(); }

  /** Put something into a turn, and the turn into view. @param {Citewell.Turn} turn @param {...Citewell.Child} children */
  #show(turn, ...children) {
    this.#keepFocus(turn.body);
    turn.body.replaceChildren(el("div"));
    turn.body.replaceChildren(...children.filter((child) => child !== false && child != null && child !== 0));
    this.#log.scrollTop = turn.node.offsetTop;
  }

  /** @param {Citewell.Turn} turn */
  #showOutcome(turn) {
    const outcome = /** @type {Citewell.Outcome} */ (turn.outcome);
    const words = this.#words;
    if (isAlarm(outcome)) this.#show(turn, el("p", { class: "refusal" }, words.alarmed), el("div", {}, button("filled", words.again, () => this.#pin(turn))));
    else if (outcome.refusal) this.#show(turn, ...this.#refused(outcome));
    else this.#show(turn, ...this.#answered(outcome));
    this.#index.disclaimer = outcome.disclaimer || this.#index.disclaimer;
    this.#small.textContent = this.#index.disclaimer || words.disclaimer;
  }

  /** @param {Citewell.Answer} answer */
  #answered(answer) {
    const words = this.#words;
    const cards = answer.passages.map((passage, at) => this.#card(passage, at === 0));
    return [
      answer.sources_disagree && el("p", { class: "note", part: "note" }, words.disagree),
      ...answer.passages.map((passage, at) => this.#quoted(passage, cards[at])),
      el("p", { class: "small", part: "confidence" }, words[answer.confidence?.level]),
      el("div", {}, el("p", { class: "label" }, words.sources), ...cards),
      this.#feedback(answer),
    ];
  }

  /** The quoted sentences of a passage, and the link to where they stand. @param {Citewell.Passage} passage @param {HTMLDetailsElement} card */
  #quoted(passage, card) {
    const href = this.#place(passage);
    const cite = el("a", { href, target: "_blank", rel: "noopener", class: "cite", part: "citation", "aria-label": this.#source(passage) }, `[${passage.citation}]`);
    cite.addEventListener("click", (event) => {
      const shown = this.#emit("citation", { passage, href }, true);
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab was asked for
      event.preventDefault();
      if (!shown) return;
      card.open = true;
      card.querySelector("summary")?.focus();
    });
    const quotes = pieces(passage).filter(({ span }) => span >= 0).map(({ text, span }) => el("p", { class: passage.quotes[span].role === "lead_in" && "lead_in", dir: "auto" }, text.trim()));
    quotes.at(-1)?.append("\u00a0", cite);
    return el("blockquote", { class: "quote", part: "quote" }, ...quotes);
  }

  /** The address at which the service shows a passage's document. @param {Citewell.Passage} passage */
  #place(passage) {
    const { start, end } = passage.quotes[target(passage)] ?? passage.location;
    return `${this.#endpoint}/documents/${encodeURIComponent(passage.document.id)}?start=${start}&end=${end}${passage.quotes.length ? `#${directive(passage, target(passage))}` : ""}`;
  }

  /** @param {Citewell.Passage} passage */
  #source({ citation, document: { title } }) { return this.#say("source", { number: citation, title }); }

  /** Title, headings and page. @param {Citewell.Passage} passage */
  #path({ document: { title }, section, page }) { return [...headings(title, section ?? []), page != null && this.#say("page", { page })].filter(Boolean); }

  /** @param {Citewell.Passage} passage @param {boolean} open */
  #card(passage, open) {
    const words = this.#words;
    const { citation, document: { title, url, publisher, licence }, source_references: references } = passage;
    const original = url && passage.quotes.length ? `${url}${url.includes("#") ? "" : "#"}${directive(passage, target(passage))}` : url;
    const text = el("div", { class: "passage", part: "passage", dir: "auto" }, ...marked(pieces(passage)));
    const more = button("action", words.more, () => this.#more(passage, text, more), { "aria-expanded": "false" });
    const copy = button("action", words.copy, () => this.#copy(passage, copy));
    const refer = button("action", words.references, () => this.#refer(passage, refer), { "aria-haspopup": "dialog", hidden: !references.length });
    return el("details", { class: "card", part: "card", open },
      el("summary", {}, el("span", { class: "number" }, String(citation)),
        el("span", {}, el("span", { class: "title", dir: "auto" }, title),
          el("span", { class: "path", dir: "auto" }, this.#path(passage).slice(1).join(" › ")),
          el("span", { class: "path", dir: "auto" }, [publisher, licence].filter(Boolean).join(" · "))),
        icon("down")),
      el("div", {}, text, el("div", { class: "row" },
        el("a", { href: this.#place(passage), target: "_blank", rel: "noopener", class: "action", part: "action" }, words.read),
        link(original, words.original, { class: "action", part: "action" }), refer, more, copy)));
  }

  /** Show what stands around a passage, or the passage alone again. @param {Citewell.Passage} passage @param {HTMLElement} text @param {HTMLElement} button */
  async #more(passage, text, button) {
    const open = button.ariaExpanded !== "true";
    const { id } = passage.document;
    try {
      if (open && !this.#documents.has(id)) this.#documents.set(id, this.#request(`/v1/documents/${encodeURIComponent(id)}`));
      const source = await this.#documents.get(id);
      text.replaceChildren(...(open && source ? around(source, passage) : marked(pieces(passage))));
      button.ariaExpanded = String(open);
      button.textContent = open ? this.#words.less : this.#words.more;
    } catch {
      this.#documents.delete(id);
      this.#tell(button, this.#words.noMore, this.#words.more);
    }
  }

  /** Show the source's own references. @param {Citewell.Passage} passage @param {HTMLElement} opener */
  #refer(passage, opener) {
    const words = this.#words;
    /** @type {Map<number, Citewell.Reference | null>} */
    const entries = new Map();
    for (const { numbers, resolved } of passage.source_references) numbers.forEach((number, at) => entries.set(number, resolved[at]));
    const items = [...entries].sort(([a], [b]) => a - b).map(([number, entry]) => {
      const rest = entry ? [entry.authors, entry.year, entry.source].filter(Boolean).join(". ") : words.unresolved;
      return el("li", {}, el("span", { class: "number" }, String(number)), el("span", { dir: "auto" }, entry && (link(entry.url, entry.title) || entry.title), el("span", { class: "small" }, rest)));
    });
    const sheet = this.#references;
    const close = button("icon", icon("close"), () => sheet.close(), { "aria-label": words.close });
    sheet.ariaLabel = words.references;
    sheet.replaceChildren(el("div", {}, el("div", { class: "bar" }, el("h3", {}, words.references), close), el("ul", {}, ...items)));
    sheet.onclose = () => { this.#inside.inert = false; opener.focus(); };
    sheet.show();
    this.#inside.inert = true;
    close.focus();
  }

  /** Copy the quotes, then where they stand. @param {Citewell.Passage} passage @param {HTMLElement} button */
  async #copy(passage, button) {
    const { url, publisher, licence } = passage.document;
    const quotes = pieces(passage).filter(({ span }) => span >= 0).map(({ text }) => `“${text.trim()}”`).join(" […] ");
    const [title, ...path] = this.#path(passage);
    const text = `${quotes}\n— ${[title, path.join(" › "), publisher, licence].filter(Boolean).join(". ")}.\n${url || new URL(this.#place(passage), location.href)}`;
    const done = await Promise.resolve(navigator.clipboard?.writeText(text).then(() => true)).catch(() => false) || this.#copyBySelecting(text);
    button.focus();
    this.#tell(button, done ? this.#words.copied : this.#words.notCopied, this.#words.copy);
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

  /** Say something for a moment, on a button and aloud. @param {HTMLElement} button @param {string} message @param {string} label */
  #tell(button, message, label) {
    this.#status.textContent = button.textContent = message;
    setTimeout(() => { this.#status.textContent = ""; button.textContent = label; }, 2500);
  }

  /** @param {Citewell.Answer} answer */
  #feedback({ id }) {
    const { verdict: asked, helpful, notHelpful, thanks, notSent } = this.#words;
    const said = el("span", { class: "small", role: "status" });
    const press = (/** @type {string} */ verdict, /** @type {HTMLButtonElement} */ pressed) => {
      if (said.textContent === thanks) return;
      const settle = (/** @type {boolean} */ done) => { pressed.ariaPressed = String(done); said.textContent = done ? thanks : notSent; };
      settle(true);
      this.#emit("feedback", { id, verdict });
      this.#request("/v1/feedback", { id, verdict }).catch(({ status }) => settle(status === 404 || status === 405)); // it may keep no verdicts
    };
    const yes = button("action", helpful, () => press("helpful", yes), { "aria-pressed": "false" });
    const no = button("action", notHelpful, () => press("not_helpful", no), { "aria-pressed": "false" });
    return el("div", { class: "row", part: "feedback", role: "group", "aria-label": asked }, el("span", { class: "small" }, asked), yes, no, said);
  }

  /** @param {Citewell.Refusal} outcome */
  #refused({ refusal: { message, suggestions } }) {
    const topics = (suggestions ?? []).map(({ title, section }) => headings(title, section).join(" – "));
    return [el("p", { class: "refusal", part: "refusal", dir: "auto" }, message), topics.length && this.#choices(this.#words.near, topics)];
  }

  /** Questions to press. @param {string} label @param {string[]} questions */
  #choices(label, questions) {
    return el("div", {}, el("p", { class: "label" }, label), el("ul", { class: "chips" }, ...questions.map((question) =>
      el("li", {}, button("chip", question, () => { this.ask(question); }, { part: "suggestion", dir: "auto" })))));
  }

  /** @param {Citewell.Turn} turn @param {Trouble} trouble */
  #fail(turn, { kind, status, detail, wait }) {
    const message = this.#say(kind === "limited" && wait > 0 ? "limitedFor" : kind, { detail, seconds: wait }).trim();
    const retry = button("filled", this.#words.retry, () => { this.#answer(turn); }, { disabled: wait > 0 });
    if (wait > 0) setTimeout(() => { retry.disabled = false; }, wait * 1000);
    this.#show(turn, el("div", { class: "error", part: "error" }, el("p", { dir: "auto" }, message), retry,
      el("div", { class: "small" }, this.#words.urgent, el("div", { class: "row" }, ...this.#dialled(this.#words.numbers, "action")))));
    this.#emit("error", { question: turn.question, kind, status, message });
  }

  /** Pin what to do and whom to call above the log. @param {Citewell.Turn} turn */
  #pin(turn, focus = true) {
    const { refusal, safety } = /** @type {Citewell.Refusal} */ (turn.outcome);
    const actions = [...new Set((safety?.flags ?? []).map(({ action }) => action))];
    const rest = actions.reduce((message, action) => message.replace(action, ""), refusal?.message ?? "");
    const [first, ...others] = [...actions, rest.trim(), this.#words.urgent].filter(Boolean);
    this.#alert.classList.toggle("crisis", safety?.level === "crisis");
    this.#alert.replaceChildren(el("h3", {}, icon("warn"), el("span", { dir: "auto" }, first)),
      el("ul", {}, ...(refusal?.contacts ?? []).map((contact) => this.#contact(contact))),
      ...others.slice(0, -1).map((text) => el("p", { dir: "auto" }, text)),
      button("plain", this.#words.dismiss, () => { this.#unpin(); this.#save(); this.#field.focus(); }));
    this.#pinned = turn;
    this.#alert.hidden = false;
    this.#alert.scrollTop = 0;
    if (focus) this.#alert.focus();
    this.#save();
  }

  #unpin() {
    this.#pinned = null;
    this.#alert.hidden = true;
  }

  /** A line to call; `phone` may name several numbers, and words such as "text HOME to …" are not dialled. @param {Citewell.Contact} contact */
  #contact({ name, phone, url }) {
    const numbers = phone?.split(/\s*(?:[,;/]|\bor\b)\s*/).filter(Boolean).map((number) => /^[+\d]/.test(number) ? this.#tel(number, number, name) : el("span", {}, number));
    return el("li", {}, el("span", { class: "name", dir: "auto" }, numbers ? name : name.replace(/[(（].*/u, "")), ...(numbers ?? this.#dialled(name)), link(url, this.#say("website", { name })));
  }

  /** @param {string} number @param {string} text @param {string} name */
  #tel(number, text, name, look = "call") {
    return el("a", { class: look, href: `tel:${number.replace(/[^+\d*#]/g, "")}`, "aria-label": this.#say("call", { number, name }) }, look === "call" && icon("phone"), text);
  }

  /** The emergency numbers that a text names between commas, with their places. @param {string} text @param {string} [look] */
  #dialled(text, look) {
    return (text.match(/[^,،，(（)）]*\d{3}[^,،，(（)）]*/gu) ?? []).map((place) => this.#tel(place.match(/\d{3}/)?.[0] ?? "", place.trim(), place.trim(), look));
  }

  // --- words, and what surrounds the conversation

  /** @param {keyof typeof ENGLISH} word @param {Record<string, string | number>} values */
  #say(word, values) { return this.#words[word].replace(/\{(\w+)\}/g, (_, name) => String(values[name])); }

  /** Take the words of the element's language, or the page's; English until they are there. */
  #speak() {
    const asked = () => (this.closest("[lang]")?.getAttribute("lang") ?? "").toLowerCase().split("-")[0];
    const tag = asked();
    const speak = (/** @type {Partial<typeof ENGLISH> | undefined} */ words) => {
      this.#words = { ...ENGLISH, ...words, ...this.#own };
      this.#root.lang = words ? tag : "en";
      this.#write();
    };
    if (this.#root.lang !== tag) speak(undefined);
    if (tag && tag !== "en") translate().then((all) => { if (asked() === tag) speak(all[tag]); });
  }

  /** Write the words that stand outside the conversation. */
  #write() {
    const words = this.#words;
    const heading = this.#get("heading") || this.#index.name || words.heading;
    for (const [node, label] of /** @type {[HTMLElement, string][]} */ ([[this.#launcher, words.launch], [this.#clear, words.clear], [this.#close, words.close], [this.#send, words.send]])) node.ariaLabel = node.title = label;
    this.#launcher.ariaExpanded = String(this.open);
    this.#root.ariaLabel = this.#heading.textContent = heading;
    this.#panel.role = this.#inline ? null : "dialog";
    this.#panel.ariaLabel = this.#inline ? null : heading;
    this.#log.ariaLabel = words.log;
    this.#label.textContent = words.question;
    this.#field.placeholder = this.#get("placeholder") || words.placeholder;
    this.#scope.textContent = this.#index.scope || words.empty;
    this.#chips.replaceChildren(...(this.suggestions.length ? [this.#choices(words.suggestions, this.suggestions)] : []));
    this.#small.textContent = this.#index.disclaimer || words.disclaimer;
  }

  /** Ask the service its name, scope and disclaimer once it is seen; the conversation does without them. */
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

  /** Escape closes the references, then the panel. @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (this.#references.open) this.#references.close();
    else if (this.open && !this.#inline) this.hide();
    else return;
    event.preventDefault(); // a dialog of the page stays open
  }

  #measure() {
    const { length } = this.#field.value;
    this.#room.textContent = length > 900 ? this.#say("room", { count: length.toLocaleString() }) : "";
  }

  // --- the session's storage

  get #key() { return `citewell-chat ${this.id} ${this.#endpoint}`; }

  #save() {
    try {
      if (this.#get("storage") !== "session") return sessionStorage.removeItem(this.#key);
      const kept = this.#turns.filter(({ outcome }) => outcome).slice(-KEPT);
      const turns = kept.map(({ question, outcome }) => ({ question, outcome }));
      sessionStorage.setItem(this.#key, JSON.stringify({ version: VERSION, turns, pinned: kept.findIndex((turn) => turn === this.#pinned) }));
    } catch { /* full or forbidden: the conversation ends with the page */ }
  }

  #restore() {
    try {
      const { version, turns, pinned } = JSON.parse((this.#get("storage") === "session" && sessionStorage.getItem(this.#key)) || "{}");
      if (version !== VERSION) return;
      turns.forEach((/** @type {any} */ { question, outcome }, /** @type {number} */ at) => {
        if (typeof question !== "string" || !isOutcome(outcome)) return;
        const turn = this.#add(question);
        turn.outcome = outcome;
        this.#showOutcome(turn);
        if (at === pinned && isAlarm(outcome)) this.#pin(turn, false);
      });
    } catch { /* what is stored is not ours */ }
  }

  /** Tell the page. @param {string} name @param {unknown} [detail] @returns {boolean} false if the page said no */
  #emit(name, detail, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`citewell-${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }
}

if (!customElements.get("citewell-chat")) customElements.define("citewell-chat", CitewellChat);
})();

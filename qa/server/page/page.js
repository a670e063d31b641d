/**
 * The page at "/": a question goes to POST /v1/ask; quotes with their sources, a refusal or an alarm come out.
 * What the server says reaches the DOM as text only. The question lives in the URL, so the back button works.
 *
 * @typedef {{start: number, end: number}} Highlight  half-open, in code points of a passage's text
 * @typedef {{number: number, title: string, authors?: string, year?: number, source?: string, url?: string}} Reference
 * @typedef {{marker: string, numbers: number[], resolved: (Reference | null)[]}} SourceReference
 * @typedef {{citation: number, text: string, highlights: Highlight[], quotes: {role: string}[], section: string[], page: number | null,
 *   document: {title: string, url?: string, publisher?: string, licence?: string}, source_references: SourceReference[]}} Citation
 */

const PATIENCE_MS = 30_000;
const ROOM_SHOWN_FROM = 900; // characters; below this the limit is nobody's concern

const $ = (id) => document.getElementById(id);
const field = $("question");

/** Make an element: properties by name, children as nodes or text; empty children are left out. */
function el(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children.filter(Boolean));
  return element;
}

/** Link a text to its address; one that isn't http(s) is never linked. */
const linked = (url, text) => isWeb(url) ? el("a", { href: url, rel: "noopener noreferrer" }, text) : text;
const isWeb = (url) => /^https?:\/\//i.test(url ?? "");

/** The headings under a title, which the outermost heading often repeats. */
const below = (title, section = []) => section.filter((heading, depth) => depth || heading !== title);

/** A passage's place in its document: headings, and the page where there are pages. @param {Citation} passage */
const place = ({ document: source, section, page }) => [...below(source.title, section), ...(page ? [`page ${page}`] : [])];

/**
 * Cut a text at its highlights. Offsets count code points, which JavaScript's strings do not.
 * @param {string} text @param {Highlight[]} [highlights]
 * @returns {{text: string, quote: number | null}[]} the pieces in order; `quote` is the highlight's index
 */
function pieces(text, highlights = []) {
  const points = Array.from(text);
  const order = highlights.map(({ start, end }, quote) => ({ start, end, quote })).sort((a, b) => a.start - b.start);
  const found = [];
  let at = 0;
  for (const { start, end, quote } of order) {
    found.push({ text: points.slice(at, Math.max(at, start)).join(""), quote: null });
    found.push({ text: points.slice(Math.max(at, start), end).join(""), quote });
    at = Math.max(at, end);
  }
  return [...found, { text: points.slice(at).join(""), quote: null }].filter((piece) => piece.text);
}

// --- an answer --------------------------------------------------------------------------------------

/** The quoted sentences of a passage, each with a link to its card. @param {Citation} passage */
function quoted({ citation, text, highlights, quotes, document: source }) {
  const cite = () => el("a", { className: "cite", href: `#source-${citation}`, ariaLabel: `Source ${citation}: ${source.title}` }, citation);
  return el("blockquote", { dir: "auto" }, ...pieces(text, highlights)
    .filter((piece) => piece.quote !== null)
    .map((piece) => el("p", { className: quotes?.[piece.quote]?.role ?? "answer" }, `${piece.text.trim()}\u00a0`, cite())));
}

/** @param {Citation} passage */
function sourceCard(passage) {
  const { citation, text, highlights, document: source, source_references: markers } = passage;
  const path = place(passage);
  return el("article", { id: `source-${citation}`, className: "card", tabIndex: -1, ariaLabel: `Source ${citation}` },
    el("header", {},
      el("span", { className: "number", ariaHidden: "true" }, citation),
      el("h3", { dir: "auto" }, linked(source.url, source.title)),
      path.length && el("ol", { className: "path", ariaLabel: "Section" }, ...path.map((heading) => el("li", { dir: "auto" }, heading)))),
    el("p", { className: "passage", dir: "auto" },
      ...pieces(text, highlights).map((piece) => piece.quote === null ? piece.text : el("mark", {}, piece.text))),
    markers?.length && references(markers),
    el("footer", {}, el("span", {}, [source.publisher, source.licence].filter(Boolean).join(" · ")),
      navigator.clipboard && copyButton(passage))); // browsers have no clipboard for a page over plain http
}

/** The source's own reference numbers. @param {SourceReference[]} markers */
function references(markers) {
  return el("details", {}, el("summary", {}, `The source’s own references (${markers.length})`),
    el("ul", {}, ...markers.map(({ marker, numbers, resolved }) => el("li", {},
      "Marked ", el("q", {}, marker),
      el("ul", {}, ...numbers.map((number, at) => el("li", {}, el("b", {}, String(number)), reference(resolved?.[at]))))))));
}

/** @param {Reference | null | undefined} entry */
function reference(entry) {
  if (!entry) return el("span", { className: "unresolved" }, "not resolved in the document");
  const rest = [entry.authors, entry.year, entry.source].filter(Boolean).join(". ");
  return el("span", { dir: "auto" }, el("cite", {}, linked(entry.url, entry.title)), rest && `. ${rest}`);
}

/** @param {Citation} passage */
function copyButton(passage) {
  const button = el("button", { type: "button", className: "quiet" }, "Copy with citation");
  button.addEventListener("click", async () => {
    const done = await navigator.clipboard.writeText(citationText(passage)).then(() => true, () => false);
    $("status").textContent = button.textContent = done ? "Copied" : "The browser forbids copying";
    setTimeout(() => { $("status").textContent = ""; button.textContent = "Copy with citation"; }, 2500);
  });
  return button;
}

/** The quotes, then where they stand. @param {Citation} passage */
function citationText(passage) {
  const { text, highlights, document: source } = passage;
  const quotes = pieces(text, highlights).filter((piece) => piece.quote !== null).map((piece) => `“${piece.text.trim()}”`);
  const where = [source.title, place(passage).join(" › "), source.publisher, source.licence].filter(Boolean);
  return [quotes.join(" […] "), `— ${where.join(". ")}.`, isWeb(source.url) && source.url].filter(Boolean).join("\n");
}

function showAnswer({ passages, confidence, sources_disagree }) {
  const level = (confidence?.level ?? "").replace("_", " ").toLowerCase();
  const share = Math.min(99, Math.round(100 * confidence?.probability)); // a probability is never a promise
  $("answer").replaceChildren(el("div", {}, ...passages.map(quoted),
    sources_disagree && el("p", { className: "note" }, "These sources do not all agree. Please read each of them."),
    level && el("p", { className: "confidence" }, `${level[0].toUpperCase()}${level.slice(1)} confidence`, share >= 0 && ` · ${share}%`)));
  $("sources").replaceChildren(el("h2", {}, passages.length === 1 ? "Source" : "Sources"), ...passages.map(sourceCard));
}

// --- everything else --------------------------------------------------------------------------------

function showRefusal({ refusal: { message, suggestions = [] } }) {
  const chips = suggestions.map(({ title, section }) => {
    const topic = [title, ...below(title, section)].join(" – ");
    const chip = el("button", { type: "button", className: "chip", dir: "auto" }, topic);
    chip.addEventListener("click", () => ask(topic));
    return el("li", {}, chip);
  });
  $("answer").replaceChildren(el("div", { className: "refusal" },
    el("p", { dir: "auto" }, message),
    chips.length && el("h2", {}, "Sections that come near"),
    chips.length && el("ul", { className: "chips" }, ...chips)));
}

/** What to do and whom to call, instead of anything else. */
function showAlarm({ refusal, safety }) {
  const [first, ...others] = new Set([...(safety?.flags ?? []).map((flag) => flag.action), refusal?.message].filter(Boolean));
  const panel = el("section", { role: "alert", tabIndex: -1, className: "alarm" },
    el("h2", { dir: "auto" }, first ?? "Call for help now."),
    el("ul", {}, ...(refusal?.contacts ?? []).map(contact)),
    ...others.map((action) => el("p", { dir: "auto" }, action)));
  $("alert").replaceChildren(panel);
  panel.focus();
}

/** A line to call. @param {{name: string, phone?: string, url?: string}} line  `phone` may name several numbers; words such as "text HOME to …" are not dialled. */
function contact({ name, phone, url }) {
  const numbers = (phone ?? "").split(/\s*(?:[,;/]|\bor\b)\s*/).filter(Boolean);
  const call = (number) => /^[+\d]/.test(number)
    ? el("a", { className: "call", href: `tel:${number.replace(/[^+\d*#]/g, "")}`, ariaLabel: `Call ${number}: ${name}` }, number)
    : el("span", {}, number);
  return el("li", {}, el("span", { className: "name" }, name), ...numbers.map(call), isWeb(url) && linked(url, `Website of ${name}`));
}

function showError(message, question) {
  const retry = el("button", { type: "button" }, "Try again");
  retry.addEventListener("click", () => ask(question));
  $("answer").replaceChildren(el("div", { className: "error" }, el("p", { dir: "auto" }, message), retry));
}

// --- asking -----------------------------------------------------------------------------------------

/** A failure in words for the person who asked. */
class Problem extends Error {}

/** The latest request: its question, whether it is under way, and how to stop it. */
let latest = { question: "", busy: false, stop: new AbortController() };

/** @param {"empty" | "loading" | "answered" | "refused" | "alarm" | "error"} state */
function enter(state) {
  const loading = state === "loading";
  document.body.dataset.state = state;
  $("answer").ariaBusy = String(loading);
  $("status").textContent = loading ? "Searching the documents…" : "";
  if ($("answer").contains(document.activeElement)) $("answer").focus(); // the chip that was pressed goes away
  if (loading) return; // the earlier answer stays, dimmed, so that the page does not jump
  for (const id of ["alert", "answer", "sources", "timing"]) $(id).replaceChildren();
}

/** Ask, unless this very question is under way; an earlier one is aborted. @param {boolean} visit make it a step of the history */
async function ask(text, visit = true) {
  const question = text.trim();
  if (!question || (latest.busy && latest.question === question)) return;
  latest.stop.abort();
  const mine = latest = { question, busy: true, stop: new AbortController() };
  field.value = question;
  if (visit && question !== linkedQuestion()) history.pushState(null, "", `?q=${encodeURIComponent(question)}`);
  nameThePage();
  enter("loading");
  try {
    show(await request(question, mine.stop.signal));
  } catch (cause) {
    if (latest !== mine) return; // aborted for a later question
    enter("error");
    showError(cause instanceof Problem ? cause.message : "The server’s answer could not be read.", question);
  } finally {
    mine.busy = false;
  }
}

/** @param {AbortSignal} stop @throws {Problem} if the server cannot be reached or does not accept the question */
async function request(question, stop) {
  const response = await fetch("/v1/ask", {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ question }),
    signal: AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]),
  }).catch((cause) => { throw new Problem(trouble(cause)); });
  if (response.ok) return response.json();
  const { detail, title } = await response.json().catch(() => ({}));
  const why = [detail, title].find((words) => typeof words === "string" && words) ?? `it answered with status ${response.status}.`;
  throw new Problem(`${response.status < 500 ? "The question was not accepted: " : "The server could not answer: "}${why}`);
}

/** @param {Error} cause why there was no response */
function trouble({ name }) {
  if (name === "TimeoutError") return "The answer is taking too long.";
  return navigator.onLine ? "The server cannot be reached." : "You are offline. The question is asked again when you are back.";
}

/** Show an outcome with status 200. */
function show(body) {
  const alarm = (body.safety?.level ?? "none") !== "none" || ["emergency", "crisis"].includes(body.refusal?.reason);
  enter(alarm ? "alarm" : body.refusal ? "refused" : "answered");
  if (alarm) return showAlarm(body);
  (body.refusal ? showRefusal : showAnswer)(body);
  if (body.disclaimer) $("disclaimer").textContent = body.disclaimer;
  $("timing").textContent = timing(body.timings_ms ?? {});
  if (location.hash) location.replace(location.hash); // a linked card exists only now
}

/** @param {Record<string, number>} spent milliseconds by stage */
function timing({ total, ...stages }) {
  const each = Object.entries(stages).filter(([, ms]) => ms > 0).map(([stage, ms]) => `${stage} ${ms.toFixed(1)}`);
  return total >= 0 ? `Answered in ${total.toFixed(1)} ms${each.length ? ` (${each.join(", ")})` : ""}` : "";
}

// --- the page ---------------------------------------------------------------------------------------

const linkedQuestion = () => (new URLSearchParams(location.search).get("q") ?? "").trim();
const nameThePage = () => { document.title = [linkedQuestion(), $("name").textContent].filter(Boolean).join(" – "); };

/** Show what the address says: on arrival and on the way back. A step to a card of this answer changes nothing. */
function follow() {
  const question = linkedQuestion();
  if (question === latest.question) return;
  if (question) return ask(question, false);
  latest.stop.abort();
  latest = { question, busy: false, stop: new AbortController() };
  field.value = "";
  nameThePage();
  enter("empty");
}

async function introduce() {
  const index = await fetch("/v1/index").then((response) => response.ok ? response.json() : null).catch(() => null) ?? {};
  if (index.name) $("name").textContent = index.name;
  $("scope").textContent = index.scope ?? "";
  $("disclaimer").textContent ||= index.disclaimer ?? "";
  $("counts").textContent = ["document", "passage"].filter((what) => index[`${what}s`] >= 0)
    .map((what) => `${index[`${what}s`].toLocaleString()} ${what}${index[`${what}s`] === 1 ? "" : "s"}`).join(" · ");
  nameThePage();
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (matchMedia("(pointer: coarse)").matches) field.blur(); // or the keyboard would cover the answer
  ask(field.value);
});
field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("form").requestSubmit();
});
field.addEventListener("input", () => {
  $("room").textContent = field.value.length < ROOM_SHOWN_FROM ? "" : `${field.value.length} of ${field.maxLength} characters`;
});
addEventListener("popstate", follow);
addEventListener("online", () => { if (document.body.dataset.state === "error") ask(latest.question, false); });

introduce();
follow();

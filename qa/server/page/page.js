/** The page at "/": a question in the address is asked on arrival, the latest stays there; examples are asked in place. */

const chat = document.querySelector("citewell-chat");
const asked = new URLSearchParams(location.search).get("q")?.trim();

for (const place of document.querySelectorAll(".origin")) place.textContent = location.origin; // behind a proxy only the browser knows it

// What was asked can be reloaded, linked and come back to.
chat.addEventListener("citewell-submit", (event) => {
  chat.classList.add("asked");
  chat.scrollIntoView({ block: "nearest" });
  history.replaceState(null, "", `/?${new URLSearchParams({ q: event.detail.question })}`);
});

// A document says which question led to it, and leads back. Only here: on other pages the question stays out of addresses.
chat.addEventListener("click", (event) => {
  const path = event.composedPath().filter((node) => node instanceof Element);
  const link = path.find((node) => node instanceof HTMLAnchorElement && node.pathname.startsWith("/documents/"));
  const question = path.find((node) => node.matches("[part~=turn]"))?.querySelector("[part~=question]")?.lastChild?.textContent;
  if (!link || !question || link.origin !== location.origin) return;
  const [address, fragment] = link.getAttribute("href").split("#");
  const url = new URL(address, location.href);
  url.searchParams.set("q", question.trim());
  link.href = fragment ? `${url}#${fragment}` : url.href;
}, true);

customElements.whenDefined("citewell-chat").then(() => { if (asked) chat.ask(asked); });

for (const example of document.querySelectorAll(".example")) {
  example.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !customElements.get("citewell-chat")) return;
    event.preventDefault();
    chat.ask(example.textContent);
  });
}

const button = document.getElementById("copy");
button.hidden = !navigator.clipboard; // browsers have none for a page over plain http
button.addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("snippet").textContent);
  document.getElementById("copied").textContent = "Copied";
});

/** The page at "/": asks what a link brings and the examples in place. What was asked never stands in the address. */

const chat = document.querySelector("citewell-chat");
const asked = () => chat.classList.add("asked");

for (const place of document.querySelectorAll(".origin")) place.textContent = location.origin; // behind a proxy only the browser knows it

chat.addEventListener("citewell-submit", () => {
  asked();
  chat.scrollIntoView({ block: "nearest" });
});

/** Ask the question of a link, /#q=…: what follows the # is not sent to the service. It leaves the address and the history at once. */
async function arrive() {
  const question = [location.hash.slice(1), location.search].map((part) => new URLSearchParams(part).get("q")?.trim()).find(Boolean);
  if (question) history.replaceState(null, "", "/");
  await customElements.whenDefined("citewell-chat");
  if (chat.shadowRoot.querySelector("[part~=turn]")) asked(); // the conversation before a reload
  if (question) chat.ask(question);
}
arrive();
addEventListener("hashchange", arrive);

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

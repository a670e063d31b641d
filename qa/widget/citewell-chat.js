customElements.define("citewell-chat", class extends HTMLElement { ask(){} });

/** The words of citewell-chat.js in other languages, loaded when the element's `lang` asks for them. */
export default {
};

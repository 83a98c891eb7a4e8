/**
 * What the page says. No sentence stands in a script: the server renders every word and every address as a data
 * attribute of <template id="outbox-words">, so that they pass through the catalogues. The list is in main.js.
 */

const sheet = document.getElementById("outbox-words");

/** The attributes by their camelCase names: page.user, page.base, page.ping … */
export const page = sheet ? sheet.dataset : {};

/** A sentence with its {names} filled in; a missing one is empty, never an error. */
export function word(key, values = {}) {
  return (page[key] || "").replace(/\{(\w+)\}/g, (_, name) => (name in values ? values[name] : ""));
}

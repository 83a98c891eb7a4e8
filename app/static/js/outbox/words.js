/**
 * What the page says. No sentence stands in a script: the server renders every word and every address as a data
 * attribute of <template id="outbox-words"> or "outbox-who", so that they pass through the catalogues. The list is in main.js.
 */

const sheets = ["outbox-words", "outbox-who"].map((id) => document.getElementById(id)).filter(Boolean);

/** The attributes by their camelCase names: page.user, page.base, page.ping … */
export const page = Object.assign({}, ...sheets.map((sheet) => sheet.dataset));

/** The contractor's page: its reader has no account, and holds a link. Their records are the link's. */
export const byLink = /^link:/.test(page.user || "");

/** A sentence with its {names} filled in; a missing one is empty, never an error. */
export function word(key, values = {}) {
  return (page[key] || "").replace(/\{(\w+)\}/g, (_, name) => (name in values ? values[name] : ""));
}

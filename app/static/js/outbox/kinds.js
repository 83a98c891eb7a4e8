/** The kinds of item the outbox can carry. A later feature adds one by a file like visit.js and touches nothing else. */

const kinds = new Map();

/**
 * @param {string} kind what stands in <form data-outbox="…">
 * @param how.describe (item) => ({title, note}): two short lines for the card; what else is in it stays in the receipt
 * @param how.send     async (item, wire, half): half is "text" (the record exists at once) or "files" (its pictures);
 *                     see wire.js for what `wire` can do. Returning means accepted; what it raises, the drainer sorts.
 * @param how.compose  optional (fields, draft) => the frozen body; by default all named fields of the form
 * @param how.begin    optional async (draft, wire) => facts the server gives at the start, kept in the draft
 * @param how.patient  it goes last, over Wi-Fi or when it is asked for; nobody need wait for it
 */
export function register(kind, { describe, send, compose = (fields) => fields, begin = null, patient = false }) {
  kinds.set(kind, { describe, send, compose, begin, patient });
}

export function isPatient(row) {
  return kinds.has(row.kind) && kinds.get(row.kind).patient;
}

export function kindOf(name) {
  return kinds.get(name);
}

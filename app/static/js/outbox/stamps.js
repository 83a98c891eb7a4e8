/** What is stamped on an item: its id, its digests, the phone's idea of the time. */

/** A random UUID. Not one ordered by time: a clock may be a year off, and old kernels lack crypto.randomUUID. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** RFC 3339 with the phone's own offset. The clock may be wrong: the server keeps the skew. */
export function deviceTime(date = new Date()) {
  const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60000).toISOString().slice(0, 19);
  return local + (offset < 0 ? "-" : "+") + two(offset / 60) + ":" + two(offset % 60);
}

/** This load of the page: who holds a draft, who drains. */
export const here = newId();

/**
 * Who may write a draft, who drains. Web Locks where they exist, else a beat in localStorage. Both are courtesy: a draft
 * is guarded by its holder in the store, and a double sending is harmless because the server knows the id.
 */

import { here } from "./stamps.js";

const BEAT = 1000; // ms between signs of life of a draft's holder
const SILENT = 150000; // ms without progress after which a drainer is taken for frozen; hidden tabs tick once a minute
const DRAIN = "gz-drain";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function read(key) {
  try { return localStorage.getItem(key); } catch (none) { return null; }
}

function write(key, value) {
  try { localStorage.setItem(key, value); } catch (none) { /* then nobody sees us, which costs nothing but courtesy */ }
}

function clear(key) {
  if ((read(key) || "").startsWith(here)) localStorage.removeItem(key);
}

/** Hold a name until this page dies: true, or false when another tab still holds it after `wait` ms. */
export function hold(name, wait) {
  if (!navigator.locks) return holdByBeat("gz-hold:" + name, wait);
  return new Promise((resolve) => {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), wait);
    navigator.locks.request("gz-hold:" + name, { signal: patience.signal }, () => {
      clearTimeout(timer);
      resolve(true);
      return new Promise(() => {});
    }).catch(() => resolve(false));
  });
}

/** Life is seen, not read off a clock: a page that was killed stops beating, and clocks are set back. */
async function holdByBeat(key, wait) {
  const before = read(key);
  if (before) {
    await pause(wait + 2 * BEAT);
    const after = read(key);
    if (after && after !== before) return false;
  }
  let count = 0;
  const beat = () => write(key, here + " " + (count += 1));
  beat();
  setInterval(beat, BEAT);
  window.addEventListener("pagehide", () => clear(key));
  return true;
}

/** Run while no other tab of this browser drains; false when one does. */
export async function alone(run) {
  const mark = () => write(DRAIN, here + " " + Date.now());
  const start = async () => {
    mark();
    const beat = setInterval(mark, 5000);
    try { return await run(); } finally { clearInterval(beat); clear(DRAIN); }
  };
  const seen = read(DRAIN);
  const age = Date.now() - Number((seen || "").split(" ")[1]);
  const silent = !(age >= 0 && age < SILENT);
  if (navigator.locks) {
    let outcome = await navigator.locks.request(DRAIN, { ifAvailable: true }, (lock) => (lock ? start() : false));
    if (!outcome && seen && silent) {
      outcome = await navigator.locks.request(DRAIN, { steal: true }, start);
    }
    return outcome;
  }
  if (seen && !silent && !seen.startsWith(here)) return false;
  mark();
  await pause(50 + Math.random() * 100);
  return (read(DRAIN) || here).startsWith(here) ? start() : false;
}

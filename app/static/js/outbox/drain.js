/** Sending what waits: when, in which order, and what to do with a no. */

import { isPatient, kindOf } from "./kinds.js";
import { alone } from "./locks.js";
import { itemOf, patchItem, finish, originalOf, queue, settleSpare, sweepReceipts } from "./store.js";
import { Later, Refused, SignedOut, Wire, delivered, given, ping, timing, waiting } from "./wire.js";

/** What the last try found: net is "" (unknown), "online", "offline" or "signin"; user is who was signed in. */
export const state = { net: "", user: null, busy: false };

let timer = null;
let wait = 0;
let running = false;
let again = false;
let cuts = 0; // how often the browser said that the signal is gone

/** Try now. The wait between tries starts small again. */
export function wake() {
  wait = 0;
  return drain();
}

async function drain() {
  if (running) {
    again = true;
    return;
  }
  running = true;
  clearTimeout(timer);
  let outcome;
  try {
    do {
      again = false;
      outcome = await alone(round) || { left: true, after: 0 }; // false: another tab is at it; look again later
    } while (again);
  } catch (error) { // the phone's storage does not answer, or another tab took the turn over
    outcome = { left: true, after: 0 };
  } finally {
    running = false;
    tell({ busy: false });
  }
  if (!outcome.left) return;
  wait = outcome.moved ? timing.first : Math.min(timing.most, Math.max(timing.first, 2 * wait));
  timer = setTimeout(drain, Math.max(outcome.after, wait * (0.75 + Math.random() / 2)));
}

function tell(facts) {
  Object.assign(state, facts);
  document.dispatchEvent(new CustomEvent("outbox:net"));
}

/** Pages that show whether there is a network want to know even when nothing waits. */
const watching = () => document.querySelector("[data-outbox],[data-outbox-net]");

export const unsent = (row) => !row.parked && !row.broken && Boolean(kindOf(row.kind));

/** Bytes cost nothing here. Where the phone does not tell (iOS), a person says so at the item. */
export function onWifi() {
  const line = navigator.connection;
  return Boolean(line) && /^(wifi|ethernet)$/.test(line.type || "") && !line.saveData;
}

const HALVES = ["text", "files", "originals"];

/** Is there something to send now, in this half? Parked pictures wait for a person. */
function due(row, half) {
  if (!unsent(row) || isPatient(row) !== (half === "originals")) return false;
  if (isPatient(row) ? !(row.asked || onWifi()) : Boolean(row.text_sent) !== (half === "files")) return false;
  return half === "text" || (row.photos || []).some(waiting) || (row.photos || []).every(given);
}

async function round() {
  await settleSpare();
  if (!(await queue()).length && !watching()) return { left: false };
  tell({ busy: true });
  const heard = cuts;
  const who = await ping();
  if (!who || heard !== cuts) { // an answer that was under way when the signal went says nothing of now
    tell({ net: "offline" });
    return { left: true, after: 0 };
  }
  tell({ net: who.user ? "online" : "signin", user: who.user });
  await sweepReceipts(who.now);
  let moved = false;
  let after = 0;
  try {
    for (const half of HALVES) {
      for (const { id, owner } of (await queue()).filter((row) => due(row, half))) {
        if (owner !== who.user) continue;
        const item = await itemOf(id);
        if (!item || !due(item, half)) continue;
        const wire = new Wire(item, who);
        try {
          await step(item, wire, half);
          moved = true;
        } catch (error) {
          if (!(error instanceof Later)) throw error;
          after = Math.max(after, error.after);
          if (!(await ping())) {
            tell({ net: "offline" });
            return { left: true, moved, after };
          }
        } finally {
          moved = moved || wire.moved;
        }
      }
    }
  } catch (error) {
    if (!(error instanceof SignedOut)) throw error;
    tell({ net: "signin", user: null });
  }
  const left = (await queue()).some((row) => row.owner === who.user && HALVES.some((half) => due(row, half)));
  return { left, moved, after };
}

async function step(item, wire, half) {
  try {
    await kindOf(item.kind).send(item, wire, half);
    if (half === "text") await patchItem(item.id, (row) => { row.text_sent = true; });
    else if (wire.complete || !(item.photos || []).length) await accept(item, wire.who.now);
  } catch (error) {
    if (error instanceof Later || error instanceof SignedOut) throw error;
    // refused for good, or a row that makes our own code stumble: park it, the others go on
    const problem = error instanceof Refused ? error.problem : { code: "broken", detail: "" };
    await patchItem(item.id, (row) => { row.parked = problem; });
  }
}

async function accept(item, now) {
  const said = kindOf(item.kind).describe(item);
  const photos = item.photos.map((photo) => ({ id: photo.id, sha256: photo.sha, state: photo.state }));
  const receipt = Object.assign({}, said, { id: item.id, kind: item.kind, owner: item.owner, accepted_at: now, photos });
  await finish(item.id, receipt, originals(item, said.title));
  document.dispatchEvent(new CustomEvent("outbox:accepted", { detail: item }));
}

/** The second tier: what the camera made, of pictures that were made smaller and have arrived. */
function originals({ id, owner, base, seq, photos }, label) {
  const whole = photos.filter((photo) => photo.original && delivered(photo)).map((photo) => Object.assign(
    { id: originalOf(photo.id), only_in: null, state: "", problem: null }, photo.original,
  ));
  if (!whole.length) return null;
  return { id: originalOf(id), kind: "originals", owner, base, seq, label, body: "{}", text_sent: true, asked: false, parked: null, photos: whole };
}

export function start() {
  const visible = () => { if (!document.hidden) wake(); };
  window.addEventListener("online", wake);
  if (navigator.connection && navigator.connection.addEventListener) navigator.connection.addEventListener("change", wake);
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  window.addEventListener("offline", () => {
    cuts += 1;
    tell({ net: "offline" });
  });
  document.addEventListener("visibilitychange", visible);
  wake();
}

/**
 * The desk without signal (benefits/desk_offline.html): takes the roll along, finds a unit in it, and puts what is handed over
 * into the outbox. The server has the last word on each; until then this phone only promises not to lose it.
 *
 * <div data-desk data-desk-id data-desk-plan data-desk-roll data-desk-…="sentence"> holds all of it; the root of each part is
 * named data-desk-…; the rows in lists are filled by outbox/cards.js.
 */

import { fill, rows, show } from "../outbox/cards.js";
import { wake } from "../outbox/drain.js";
import { deviceTime, newId } from "../outbox/stamps.js";
import { enqueue, queue, receipts } from "../outbox/store.js";
import { page, word } from "../outbox/words.js";
import { forgetRoll, keepRoll, rollOf } from "./roll.js";

const MOST = 20; // units shown of those found

const desk = document.querySelector("[data-desk]");
const part = (name) => desk.querySelector("[data-desk-" + name + "]");
const form = part("form");
const search = desk.querySelector("[role=search]");
Object.assign(page, desk.dataset);

let roll = null;
/** What this phone has handed out and the roll may not know yet: entitlement → ids of items. */
let gone = new Map();
let chosen = null;

// The roll

async function take() {
  say("deskTaking");
  const reply = await fetch(page.deskRoll, { cache: "no-store", headers: { Accept: "application/json" } }).catch(() => null);
  const body = reply && (await reply.json().catch(() => null));
  if (!body) return say("deskNoSignal");
  if (reply.status === 409 || reply.status === 404) {
    await forgetRoll(page.deskId);
    roll = null;
    drawRoll();
    return say("deskRefused", { why: body.detail || body.title });
  }
  if (!reply.ok) return say("deskRefused", { why: body.detail || body.title });
  try {
    await keepRoll(Object.assign(body, { owner: page.user, address: page.deskPlan }));
  } catch (full) {
    return say("deskFull");
  }
  roll = body;
  drawRoll();
  const kept = window.caches && (await caches.match(location.href, { ignoreSearch: true, ignoreVary: true }));
  return say(kept ? "deskTaken" : "deskStay");
}

/** Chosen once for the morning. */
const deskAt = () => part("desks").querySelector("input:checked");

async function drop() {
  await forgetRoll(page.deskId);
  roll = null;
  drawRoll();
  say("deskDropped");
}

function drawRoll() {
  show(desk, roll ? "kept" : "none");
  part("handed").closest(".card").hidden = !roll && !gone.size;
  if (!roll) return;
  part("size").textContent = word("deskCount", { n: roll.units.length });
  const [date, time] = deviceTime(new Date(roll.taken_at)).split("T");
  const [, month, day] = date.split("-").map(Number);
  part("taken-at").textContent = word("when", { month, day, hour: time.slice(0, 2), minute: time.slice(3, 5) });
  rows(part("desks"), roll.desks, (row, { id, name }, n) => choice(row, id, name, n === 0 && !deskAt()));
  part("desks").closest(".card").hidden = roll.desks.length < 2;
}

// Finding a unit: by the rules of the desk with a signal (table_queries.find_at_table)

function find(typed) {
  const asked = typed.normalize("NFKC").trim();
  const digits = asked.replace(/[ -]/g, "");
  const room = (asked.match(/[0-9A-Za-z]+/g) || []).join("-");
  if (/^[0-9]{8}$/.test(digits)) return roll.units.filter((unit) => unit.code === digits);
  if (room) return roll.units.filter(({ label }) => label === room || label.endsWith("-" + room));
  return asked ? roll.units.filter(({ owners }) => owners.some((name) => name.includes(asked))) : [];
}

/** What can still be handed to it from here. */
function open(unit) {
  const handed = gone.get(unit.id) || new Set();
  const today = deviceTime().slice(0, 10);
  return unit.hold ? [] : unit.lines.filter(({ item, claimed }) => (
    !claimed && !handed.has(roll.items[item].id) && roll.items[item].from_on <= today
  ));
}

function stateOf(unit) {
  if (unit.hold) return "held";
  if (open(unit).length) return "open";
  return unit.lines.every(({ claimed }) => claimed) ? "claimed" : gone.has(unit.id) ? "here" : "later";
}

function look() {
  const scanned = /[?&]q=([0-9]{8})(&paper=1)?$/.exec(search.elements.q.value);
  if (scanned) search.elements.q.value = scanned[1];
  const units = roll ? find(search.elements.q.value).slice(0, MOST) : [];
  rows(part("found"), units.length > 1 ? units : [], (row, unit) => {
    fill(row, "data-outbox-title", unit.label);
    fill(row, "data-outbox-note", unit.owners.join("、"));
    show(row, stateOf(unit));
  });
  part("done-card").hidden = true;
  part("nobody-found").hidden = !roll || !search.elements.q.value.trim() || units.length > 0;
  if (units.length === 1) choose(units[0]);
  else close();
}

// Handing over

function choice(row, value, words, checked) {
  fill(row, "data-outbox-title", words);
  const box = row.querySelector("input");
  box.value = value;
  if (checked) box.checked = true;
}

function choose(unit) {
  chosen = unit;
  form.reset();
  part("problem").hidden = part("done-card").hidden = true;
  const lines = open(unit);
  part("label").textContent = unit.label;
  part("owner-names").textContent = unit.owners.join("、");
  part("due").textContent = (lines.length ? lines : unit.lines).map(({ said }) => said).join("、");
  part("due").hidden = lines.length > 1; // they stand below, to be ticked
  part("items").closest(".card").hidden = !part("due").hidden;
  part("basis").textContent = unit.hold || "";
  show(part("unit"), stateOf(unit));
  part("unit").hidden = false;
  form.hidden = !lines.length;
  for (const question of desk.querySelectorAll("[data-desk-paid]")) question.hidden = !lines.some(isMoney);
  const things = lines.map(({ item, said }) => ({ id: roll.items[item].id, said }));
  rows(part("items"), things, (row, { id, said }) => choice(row, id, said, true));
  const owners = unit.owners.map((name, n) => ({ id: unit.id + n, name }));
  rows(part("owners"), owners, (row, { name }, n) => choice(row, name, name, n === 0));
  part("owners").closest("fieldset").hidden = owners.length < 2; // one is named above
  form.querySelector("details").open = !owners.length;
  turnTo(part("unit"));
}

/** Of a line; what a roll of before did not tell may be money. */
const isMoney = ({ item }) => roll.items[item].is_money !== false;

/** It is what the screen is about now, and begins at its top. */
function turnTo(place) {
  place.querySelector("h2").focus({ preventScroll: true });
  place.scrollIntoView();
}

function close() {
  chosen = null;
  part("unit").hidden = true;
}

/** The first thing that is missing, as the server would say it; "" when it is whole. */
function missing(given) {
  if (!given.getAll("items").length) return "deskNoItem";
  if (Boolean(given.get("proxy_name").trim()) !== Boolean(given.get("proxy_relation").trim())) return "deskHalfProxy";
  if (given.get("proxy_name").trim() && !given.get("authority")) return "deskNoAuthority";
  if (called(given) && !given.get("authority_note").trim()) return "deskNotNoted";
  if (!given.get("owner") && !given.get("proxy_name").trim()) return "deskNobody";
  if (given.get("way") === "signature" && !given.get("signature")) return "deskNotSigned";
  return given.get("way") === "tick_with_witness" && !given.get("ticked") ? "deskNotTicked" : "";
}

/** The owner was asked on the phone whether somebody else may collect. */
const called = (given) => Boolean(given.get("proxy_name").trim()) && given.get("authority") === "phone";

async function handOver() {
  const given = new FormData(form);
  const problem = missing(given);
  part("problem").hidden = !problem;
  part("words").textContent = word(problem);
  if (problem) return part("problem").focus();
  const signed = given.get("way") === "signature";
  const items = given.getAll("items");
  const lines = chosen.lines.filter(({ item }) => items.includes(roll.items[item].id));
  const paid = lines.some(isMoney) ? form.querySelector('[name="cash"]:checked') : null;
  const what = lines.map((line) => line.said).join("、");
  const said = paid ? word("deskSaidPaid", { what, how: paid.closest("label").textContent.trim() }) : what;
  const item = {
    id: newId(), kind: "handover", owner: page.user, base: page.base, fragment: "", photos: [], text_sent: false, parked: null,
    about: { plan: page.deskId, unit: chosen.id, label: chosen.label, items, said },
    body: JSON.stringify({
      entitlement_id: chosen.id,
      items,
      desk_id: deskAt().value,
      way: given.get("way"),
      owner: given.get("owner") || null,
      proxy_name: given.get("proxy_name").trim() || null,
      proxy_relation: given.get("proxy_relation").trim() || null,
      authority: given.get("proxy_name").trim() ? given.get("authority") : null,
      authority_note: called(given) ? given.get("authority_note").trim() : null,
      signature: signed ? given.get("signature") : null,
      ticked: !signed && given.has("ticked"),
      cash: given.get("cash") === "true",
      device_at: deviceTime(),
    }),
  };
  await enqueue({ id: item.id }, item);
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  part("done-label").textContent = word("deskDone", { label: chosen.label });
  part("done-said").textContent = said;
  close();
  rows(part("found"), [], () => {});
  part("done-card").hidden = false;
  turnTo(part("done-card"));
  return wake();
}

// What this phone has handed out

async function drawHanded() {
  const waiting = (await queue()).filter(({ kind, owner }) => kind === "handover" && owner === page.user);
  const arrived = (await receipts(page.user)).filter(({ kind }) => kind === "handover");
  const all = waiting.reverse().concat(arrived).filter(({ about }) => about.plan === page.deskId);
  gone = new Map();
  for (const { about } of all) gone.set(about.unit, new Set([...(gone.get(about.unit) || []), ...about.items]));
  const stateOfOne = (one) => (one.parked ? "fix" : one.conflict ? "conflict" : one.accepted_at ? "delivered" : "queued");
  rows(part("handed"), all, (row, one) => {
    fill(row, "data-outbox-title", one.about.label);
    fill(row, "data-outbox-note", one.why || one.about.said);
    show(row, stateOfOne(one));
  });
  for (const count of desk.querySelectorAll("[data-desk-sum]")) {
    count.textContent = all.filter((one) => count.dataset.deskSum.split(" ").includes(stateOfOne(one))).length;
  }
  part("handed-none").hidden = all.length > 0;
}

function say(key, values) {
  part("says").textContent = word(key, values);
}

async function start() {
  roll = await rollOf(page.deskId, page.user);
  await drawHanded();
  drawRoll();
  document.addEventListener("outbox:change", () => drawHanded().catch(() => say("notReadable")));
  for (const button of desk.querySelectorAll("[data-desk-take]")) {
    button.addEventListener("click", () => take().catch(() => say("notReadable")));
  }
  part("drop").addEventListener("click", () => drop().catch(() => say("notReadable")));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  part("found").addEventListener("click", ({ target }) => {
    const row = target.closest("[data-outbox-row]");
    if (row) choose(roll.units.find(({ id }) => id === row.dataset.outboxRow));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    handOver().catch(() => say("notSaved"));
  });
  part("next").addEventListener("click", () => {
    part("done-card").hidden = true;
    search.reset();
    search.elements.q.focus();
    search.dispatchEvent(new Event("scan:next"));
  });
  search.elements.q.value = new URLSearchParams(location.search).get("q") || "";
  look();
  desk.dataset.deskReady = "";
}

start().catch(() => say("notReadable"));

/** What waits, on any page: the queue, unfinished drafts, receipts, the badge, the rescue as ZIP, and signing out. */

import { fill, parts, rows, say, show, tiles } from "./cards.js";
import { onWifi, state, wake } from "./drain.js";
import { isPatient, kindOf } from "./kinds.js";
import { bytesOf, drafts, dropFromMemory, originalOf, patchItem, queue, receipts, remove, requeueAfresh } from "./store.js";
import { elsewhere, given } from "./wire.js";
import { byLink, page, word } from "./words.js";
import { zip } from "./zip.js";

/** Items accepted while this page was open: their cards stay, as delivered. */
const accepted = new Map();

let drawing = null;

/** Draw soon, once for many changes. */
export function draw() {
  if (!drawing) {
    drawing = setTimeout(() => {
      drawing = null;
      drawNow().catch(() => say("notReadable"));
    }, 30);
  }
}

async function drawNow() {
  const all = await queue();
  const waitingHere = all.filter(visible);
  for (const badge of document.querySelectorAll("[data-outbox-badge]")) {
    const n = waitingHere.filter((row) => !isPatient(row)).length;
    badge.hidden = !n;
    badge.textContent = n ? word("badge", { n }) : "";
  }
  for (const element of document.querySelectorAll("[data-outbox-net]")) {
    element.hidden = !element.dataset.outboxNet.split(" ").includes(state.net || "unknown");
  }
  for (const list of document.querySelectorAll("[data-outbox-list]")) {
    const what = list.dataset.outboxList || "queue";
    let things = waitingHere;
    if (what === "queue") things = waitingHere.concat(Array.from(accepted.values()).filter((item) => !all.some((row) => row.id === item.id)));
    if (what === "drafts") things = (await drafts(page.user)).filter((draft) => !draft.blank);
    if (what === "receipts") things = await receipts(page.user);
    if (list.dataset.outboxKind) things = things.filter((thing) => thing.kind === list.dataset.outboxKind);
    rows(list, things, what === "queue" ? item : what === "drafts" ? draftCard : receipt);
    for (const empty of document.querySelectorAll('[data-outbox-empty="' + what + '"]')) empty.hidden = things.length > 0;
  }
}

/** Another person on the same phone sees nothing of it. A row nobody can read belongs to whoever clears it away. */
function visible(row) {
  return row.broken || row.owner === page.user;
}

/** The kind's own words; a row that makes it stumble is still shown, and can be exported and deleted. */
function described(row) {
  try {
    return kindOf(row.kind).describe(row);
  } catch (broken) {
    return { title: word("broken"), note: "" };
  }
}

function item(card, row) {
  const { title, note } = described(row);
  const photos = Array.isArray(row.photos) ? row.photos : [];
  const stuck = row.broken || row.parked || photos.some((photo) => photo.problem && !given(photo));
  let current = row.text_sent ? "sending" : "queued";
  if (accepted.has(row.id)) current = "delivered";
  else if (stuck) current = "fix";
  else if (state.net === "signin") current = "signin";
  else if (isPatient(row)) current = row.asked || onWifi() ? "queued" : "wifi";
  fill(card, "data-outbox-title", title);
  fill(card, "data-outbox-note", note);
  show(card, current);
  fill(card, "data-outbox-state", word("item" + current[0].toUpperCase() + current.slice(1)));
  fill(card, "data-outbox-why", row.parked ? reason(row.parked) : "");
  fill(card, "data-outbox-sum", sum(photos));
  for (const button of parts(card, '[data-outbox-act="afresh"]')) button.hidden = !(row.parked && row.parked.status === 409);
  for (const list of parts(card, "[data-outbox-photos]")) {
    tiles(list, photos.filter((photo) => photo.state !== "dropped"), photoState);
  }
}

function photoState(photo) {
  if (photo.state === "delivered") return ["delivered", ""];
  if (photo.problem) return ["fix", reason(photo.problem)];
  if (elsewhere(photo)) return ["fix", word("whyElsewhere")];
  return [state.busy && state.net === "online" ? "queued" : "saved", ""];
}

function reason(problem) {
  const key = "why" + (problem.code || "").replace(/(^|_)(\w)/g, (_, __, letter) => letter.toUpperCase());
  return word(key) || problem.detail || problem.title || word("whyOther");
}

function sum(photos) {
  const counts = { Delivered: 0, Saved: 0, Fix: 0 };
  for (const photo of photos.filter((one) => one.state !== "dropped")) {
    const current = photoState(photo)[0];
    counts[current === "delivered" ? "Delivered" : current === "fix" ? "Fix" : "Saved"] += 1;
  }
  return Object.keys(counts).filter((key) => counts[key]).map((key) => word("sum" + key, { n: counts[key] })).join("");
}

function draftCard(card, draft) {
  fill(card, "data-outbox-title", word(draft.kind + "Draft"));
  fill(card, "data-outbox-note", draft.fields.map(([, value]) => value).join(" ").slice(0, 60));
  for (const link of parts(card, "a[data-outbox-continue]")) {
    link.href = draft.href + (draft.href.includes("?") ? "&" : "?") + "draft=" + draft.id;
  }
}

function receipt(card, row) {
  fill(card, "data-outbox-title", row.title);
  fill(card, "data-outbox-note", row.note);
}

/** The card gives way to the server's own fragment, when the form named one. */
async function replace({ detail: row }) {
  accepted.set(row.id, row);
  for (const photo of row.photos) dropFromMemory(photo.id);
  say("delivered");
  draw();
  if (!row.fragment) return;
  const reply = await fetch(row.fragment, { credentials: "same-origin", headers: { Accept: "text/html" } }).catch(() => null);
  if (!reply || !reply.ok || !/text\/html/.test(reply.headers.get("Content-Type"))) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").body.firstElementChild;
  if (!fresh) return;
  accepted.delete(row.id);
  for (const list of document.querySelectorAll("[data-outbox-list]")) {
    const card = list.querySelector('[data-outbox-row="' + row.id + '"]');
    if (card) card.replaceWith(document.importNode(fresh, true));
  }
}

// The rescue

/** Items and unfinished drafts with their pictures, as one file that leaves the phone by any way there is. */
export async function exportAll(onlyId = "") {
  const files = [];
  const text = (content) => new TextEncoder().encode(content);
  const kept = (await queue()).filter(visible).concat((await drafts(page.user)).filter((draft) => !draft.blank));
  for (const row of kept.filter(({ id }) => !onlyId || id === onlyId)) {
    const folder = (row.kind || "item") + "-" + row.id + "/";
    files.push({ name: folder + "record.json", bytes: text(row.body || JSON.stringify(row, null, 1)) });
    for (const [index, photo] of (Array.isArray(row.photos) ? row.photos : []).entries()) {
      const bytes = await bytesOf(photo.id).catch(() => null);
      const ending = (photo.type || "image/jpeg").replace("image/", "").replace("jpeg", "jpg");
      if (bytes) files.push({ name: folder + (index + 1) + "-" + photo.id + "." + ending, bytes: new Uint8Array(bytes) });
      const whole = photo.original && await bytesOf(originalOf(photo.id)).catch(() => null);
      if (whole) files.push({ name: folder + (index + 1) + "-" + photo.id + "-original", bytes: new Uint8Array(whole) });
    }
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(zip(files));
  link.download = "gongzhi-outbox.zip";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// What people press

/** A card's buttons, a tile's, and those outside. */
async function act(button) {
  const what = button.dataset.outboxAct;
  const tile = button.closest("[data-outbox-photos] [data-outbox-row]");
  const card = button.closest("[data-outbox-list] > [data-outbox-row]");
  const id = card && card.dataset.outboxRow;
  if (what === "now") await wake();
  if (what === "export") await exportAll(id || "");
  if (!card) return;
  if (what === "retry") {
    await patchItem(id, (row) => {
      if (byLink) row.base = page.base; // its own link may have been ended: this page's opens the same finding
      row.parked = null;
      for (const photo of row.photos) {
        if (!tile || photo.id === tile.dataset.outboxRow) photo.problem = null;
      }
    });
    await wake();
  }
  if (what === "ask") {
    await patchItem(id, (row) => { row.asked = true; });
    await wake();
  }
  if (what === "afresh") {
    await requeueAfresh(id);
    await wake();
  }
  if (what === "delete" && window.confirm(word("sureDelete"))) {
    await remove(card.parentElement.dataset.outboxList === "drafts" ? "drafts" : "outbox", id);
  }
  if (what === "drop" && tile && window.confirm(word("sureDrop"))) {
    await patchItem(id, (row) => { row.photos.find((photo) => photo.id === tile.dataset.outboxRow).state = "dropped"; });
    await wake();
  }
}

/** Nobody leaves without knowing what stays behind. */
function guard(form) {
  const ask = form.querySelector("[data-outbox-ask]");
  const leave = async () => {
    if (window.caches) await caches.delete("gz-pages");
    form.submit();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const count = await unsentCount().catch(() => 0);
    if (!count) return leave();
    for (const line of ask.querySelectorAll("[data-outbox-ask-text]")) line.textContent = word("signOut", { n: count });
    ask.hidden = false;
    ask.setAttribute("tabindex", "-1");
    return ask.focus();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-outbox-leave],[data-outbox-stay]");
    if (!button) return;
    ask.hidden = true;
    if (button.hasAttribute("data-outbox-leave")) leave();
  });
}

async function unsentCount() {
  const unfinished = (await drafts(page.user)).filter((draft) => !draft.blank);
  return (await queue()).filter((row) => visible(row) && !isPatient(row)).length + unfinished.length;
}

export function start() {
  document.addEventListener("outbox:change", draw);
  document.addEventListener("outbox:net", draw);
  document.addEventListener("outbox:accepted", replace);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-outbox-act]");
    if (button && !button.closest("form[data-outbox]")) act(button).catch(() => say("notReadable"));
  });
  for (const form of document.querySelectorAll("form[data-outbox-signout]")) guard(form);
  draw();
}

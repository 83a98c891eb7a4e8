/** Filling the server's own markup: cards, picture tiles, badges and lines. Which attribute does what stands in main.js. */

import { word } from "./words.js";
import { bytesOf } from "./store.js";

/** How far each picture under way is, in percent; of this page only. */
const percents = new Map();

/** The elements of one row itself, without those of rows inside it. */
export function parts(row, selector) {
  return Array.from(row.querySelectorAll(selector)).filter((element) => element.closest("[data-outbox-row]") === row);
}

export function fill(row, attribute, text) {
  for (const element of parts(row, "[" + attribute + "]")) {
    if (element.textContent !== text) element.textContent = text;
  }
}

/** Show the elements that are meant for this state, hide those for others. */
export function show(row, current) {
  row.dataset.state = current;
  for (const element of parts(row, "[data-outbox-when]")) {
    if (element.dataset.outboxWhen.split(" ").includes(current)) element.removeAttribute("hidden"); // an svg has no .hidden
    else element.setAttribute("hidden", "");
  }
}

/** A new row from the <template> that stands in the list. */
export function newRow(list, id) {
  const row = document.importNode(list.querySelector("template").content, true).firstElementChild;
  row.dataset.outboxRow = id;
  return row;
}

/**
 * Bring the rows of a list in line with `things` without touching those that stay, so that focus and pictures stay too.
 * @param things [{id, …}] @param update (row, thing, index) => void @param before the element that stays last
 */
export function rows(list, things, update, before = null) {
  const old = new Map(Array.from(list.children).filter((row) => row.dataset.outboxRow).map((row) => [row.dataset.outboxRow, row]));
  things.forEach((thing, index) => {
    let row = old.get(thing.id);
    old.delete(thing.id);
    if (!row) {
      row = newRow(list, thing.id);
      list.insertBefore(row, before);
    }
    update(row, thing, index);
  });
  for (const row of old.values()) {
    for (const image of row.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    row.remove();
  }
}

/** The tiles of a draft's or an item's pictures; `stateOf` gives [state, why]. */
export function tiles(list, photos, stateOf, before = null) {
  if (!list.querySelector("template")) return;
  rows(list, photos, (tile, photo, index) => {
    const percent = percents.get(photo.id);
    const [current, why] = percent === undefined ? stateOf(photo) : ["sending", ""];
    show(tile, current);
    fill(tile, "data-outbox-state", word("photo" + current[0].toUpperCase() + current.slice(1), { n: percent }));
    fill(tile, "data-outbox-why", why);
    for (const bar of parts(tile, "[data-outbox-bar]")) bar.setAttribute("width", (percent || 0) + "%");
    const special = tile.dataset.outboxFixClass;
    if (special) tile.classList.toggle(special, current === "fix");
    for (const image of parts(tile, "[data-outbox-thumb]")) picture(image, photo, index);
    for (const caption of parts(tile, "[data-outbox-caption]")) {
      if (caption !== document.activeElement) caption.value = photo.caption || "";
    }
  }, before);
}

async function picture(image, photo, index) {
  image.alt = word("photoAlt", { n: index + 1 });
  const key = photo.id + photo.size;
  if (image.dataset.of === key) return;
  image.dataset.of = key;
  const bytes = await bytesOf(photo.id).catch(() => null);
  if (!bytes) return;
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(new Blob([bytes], { type: photo.type }));
}

document.addEventListener("outbox:progress", ({ detail }) => {
  if (detail.percent === null) percents.delete(detail.id);
  else percents.set(detail.id, detail.percent);
  document.dispatchEvent(new CustomEvent("outbox:net"));
});

/** One line of status, read aloud by the region it stands in. */
export function say(key, values) {
  for (const line of document.querySelectorAll("[data-outbox-status]")) line.textContent = word(key, values);
}

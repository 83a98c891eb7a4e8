/**
 * The four stores on the phone: drafts, outbox, blobs, receipts.
 *
 * Every change is one strict transaction. A connection that died in the background (WebKit) is opened again and the work
 * repeated once, so the work must be harmless when it is done twice. When the phone is full, text goes to localStorage,
 * which has room of its own; a picture that found no room stays in this page's memory and says so.
 * Bytes are kept as ArrayBuffers: a File or Blob can lose its content behind our back.
 */

import { here, newId } from "./stamps.js";

const NAME = "gongzhi-outbox";
const SPARE = "gz-spare:";
const WAITING = "gz-outbox-waiting"; // start.js loads the outbox on every page while this is set
const PATIENCE = 15000; // ms; a dead connection may also simply never answer

/** One step per version, each only adding: rows queued under an older version stay where they are. */
const STEPS = [
  (db) => {
    for (const name of ["drafts", "outbox", "receipts"]) db.createObjectStore(name, { keyPath: "id" });
    db.createObjectStore("blobs", { keyPath: "id" }).createIndex("item", "item");
  },
];

/** Another tab has the draft, or has already submitted it: what is typed here must become a draft of its own. */
export class Taken extends Error {}

/** The camera's own bytes of a picture that was made smaller, and the item that they wait in once the picture is delivered. */
export const originalOf = (id) => id + "-original";

/** Pictures that found no room on the phone: they live as long as this page. */
const memory = new Map();

let connection = null;

function connect(version) {
  return new Promise((resolve, reject) => {
    const opening = version ? indexedDB.open(NAME, version) : indexedDB.open(NAME);
    const timer = setTimeout(() => reject(new DOMException("no answer", "UnknownError")), PATIENCE);
    opening.onupgradeneeded = (event) => STEPS.slice(event.oldVersion).forEach((step) => step(opening.result));
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      clearTimeout(timer);
      const db = opening.result;
      db.onversionchange = () => db.close(); // a newer page may upgrade; we open again when we need to
      resolve(db);
    };
  });
}

function open() {
  if (!connection) {
    connection = connect(STEPS.length).catch((error) => {
      if (error.name === "VersionError") return connect(); // this page comes from a cache older than the database
      throw error;
    });
    connection.catch(() => { connection = null; });
  }
  return connection;
}

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function attempt(names, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const tx = db.transaction(names, mode, { durability: "strict" });
    const timer = setTimeout(() => reject(new DOMException("no answer", "UnknownError")), PATIENCE);
    let result;
    let failure = null;
    tx.oncomplete = () => { clearTimeout(timer); resolve(result); };
    tx.onabort = () => {
      clearTimeout(timer);
      reject(failure || tx.error || new DOMException("aborted", "UnknownError"));
    };
    const stores = {};
    for (const name of names) stores[name] = tx.objectStore(name);
    work(stores).then(
      (value) => { result = value; },
      (error) => {
        failure = tx.error || error;
        try { tx.abort(); } catch (already) { reject(failure); }
      },
    );
  });
}

async function run(names, mode, work) {
  try {
    return await attempt(names, mode, work);
  } catch (error) {
    if (error.name !== "InvalidStateError" && error.name !== "UnknownError") throw error;
    const dead = connection;
    connection = null;
    if (dead) dead.then((db) => db.close()).catch(() => {});
    return attempt(names, mode, work);
  }
}

/** Tell this page and the other tabs that rows changed. */
function changed() {
  document.dispatchEvent(new CustomEvent("outbox:change"));
  try { localStorage.setItem("gz-outbox-changed", newId()); } catch (full) { /* they look again by themselves */ }
}
window.addEventListener("storage", (event) => {
  if (event.key === "gz-outbox-changed") document.dispatchEvent(new CustomEvent("outbox:change"));
});

const spare = {
  put(name, row) { localStorage.setItem(SPARE + name + ":" + row.id, JSON.stringify(row)); },
  drop(name, id) { try { localStorage.removeItem(SPARE + name + ":" + id); } catch (none) { /* nothing was kept */ } },
  all(name) {
    const rows = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(SPARE + name + ":")) rows.push(JSON.parse(localStorage.getItem(key)));
      }
    } catch (none) { /* storage refused: nothing was kept */ }
    return rows;
  },
};

/** All rows of a store. A row that cannot be read is still listed, so that it can be deleted and blocks nobody. */
async function readable(name) {
  const rows = await run([name], "readonly", (stores) => asked(stores[name].getAll())).catch(async () => {
    const keys = await run([name], "readonly", (stores) => asked(stores[name].getAllKeys()));
    const found = [];
    for (const id of keys) {
      const row = await run([name], "readonly", (stores) => asked(stores[name].get(id))).catch(() => null);
      found.push(row || { id, broken: true });
    }
    return found;
  });
  const newer = spare.all(name);
  return rows.filter((row) => !newer.some((other) => other.id === row.id)).concat(newer);
}

/** Text that had found no room moves in when there is some. */
export async function settleSpare() {
  for (const name of ["drafts", "outbox"]) {
    for (const row of spare.all(name)) {
      const moved = await run(["drafts", "outbox"], "readwrite", async (stores) => {
        stores[name].put(row);
        if (name === "outbox") stores.drafts.delete(row.id);
        return true;
      }).catch(() => false);
      if (moved) spare.drop(name, row.id);
    }
  }
}

// Drafts

export async function drafts(owner) {
  const submitted = new Set((await queue()).map((row) => row.id)); // a full phone may have kept the draft as well
  const rows = await readable("drafts");
  return rows.filter((row) => row.owner === owner && !submitted.has(row.id)).sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
}

/** Take a draft over for this page; null when it was submitted or deleted meanwhile. */
export async function takeDraft(id) {
  const kept = spare.all("drafts").find((row) => row.id === id);
  const row = await run(["drafts"], "readwrite", async ({ drafts: store }) => {
    const found = await asked(store.get(id));
    if (found) store.put(Object.assign({}, found, { holder: here }));
    return found;
  }).catch(() => run(["drafts"], "readonly", ({ drafts: store }) => asked(store.get(id)))); // full: reading still works
  if (!row && !kept) return null;
  return Object.assign({}, kept || row, { saved: Boolean(row), inherited: row ? row.holder : null });
}

async function mine(store, draft) {
  const row = await asked(store.get(draft.id));
  if (row ? row.holder !== here && row.holder !== draft.inherited : draft.saved) throw new Taken();
}

/**
 * The whole draft in one transaction, with the bytes of new pictures and of their originals ({id: ArrayBuffer}) and without
 * dropped ones.
 * Raises Taken when another tab has it; with bytes it raises what the phone said (no room), without it falls back.
 */
export async function saveDraft(draft, bytes = {}, dropped = [], originals = {}) {
  const row = Object.assign({}, draft, { saved: true, holder: here });
  try {
    await run(["drafts", "blobs"], "readwrite", async (stores) => {
      await mine(stores.drafts, draft);
      stores.drafts.put(row);
      for (const id of Object.keys(bytes)) stores.blobs.put({ id, item: draft.id, bytes: bytes[id] });
      for (const id of Object.keys(originals)) {
        stores.blobs.put({ id: originalOf(id), item: originalOf(draft.id), bytes: originals[id] });
      }
      for (const id of dropped) [id, originalOf(id)].forEach((one) => stores.blobs.delete(one));
    });
    spare.drop("drafts", draft.id);
    draft.saved = true;
  } catch (error) {
    if (error instanceof Taken || Object.keys(bytes).length) throw error;
    spare.put("drafts", Object.assign({}, row, { saved: draft.saved }));
  }
  changed();
}

/** The draft under fresh ids, with copies of its pictures: the other tab keeps what it has. */
export async function forkDraft(draft) {
  const twin = Object.assign({}, draft, { id: newId(), saved: true, holder: here });
  const ids = draft.photos.map((photo) => [photo.id, newId()]);
  await run(["drafts", "blobs"], "readwrite", async (stores) => {
    const copied = [];
    for (const [old, fresh] of ids) {
      const blob = await asked(stores.blobs.get(old));
      const bytes = blob ? blob.bytes : memory.get(old);
      if (!bytes) continue; // already delivered with the other tab's record
      if (blob) stores.blobs.put({ id: fresh, item: twin.id, bytes });
      else memory.set(fresh, bytes);
      const whole = await asked(stores.blobs.get(originalOf(old)));
      if (whole) stores.blobs.put({ id: originalOf(fresh), item: originalOf(twin.id), bytes: whole.bytes });
      copied.push(Object.assign({}, draft.photos.find((photo) => photo.id === old), { id: fresh }));
    }
    twin.photos = copied;
    stores.drafts.put(twin);
  });
  changed();
  return twin;
}

// Outbox

/** Everything that waits, oldest first. Rows of all owners: show and send only those of one. */
export async function queue() {
  return (await readable("outbox")).sort((a, b) => (a.seq || 0) - (b.seq || 0));
}

export async function itemOf(id) {
  return (await queue()).find((row) => row.id === id) || null;
}

/**
 * Set and cleared inside the transactions that fill and empty the store, which come one after the other whichever tab
 * runs them: so nobody clears it between a look at the empty store and the arrival of an item.
 */
function somethingWaits() {
  try { localStorage.setItem(WAITING, "yes"); } catch (full) { /* then only pages with a list or form send */ }
}

async function maybeNothingWaits(outbox, id) {
  const spares = spare.all("outbox").filter((row) => row.id !== id);
  if (spares.length || await asked(outbox.count())) return;
  try { localStorage.removeItem(WAITING); } catch (refused) { /* a page that looks in vain costs nothing */ }
}

/** The draft leaves and the item enters in one transaction. Raises Taken as saveDraft does. */
export async function enqueue(draft, item) {
  item.holder = here;
  item.seq = 1 + (await queue()).reduce((most, row) => Math.max(most, row.seq || 0), 0);
  try {
    await run(["drafts", "outbox"], "readwrite", async (stores) => {
      const twin = await asked(stores.outbox.get(item.id));
      if (twin && twin.holder === here) return; // the first attempt had arrived after all
      if (twin) throw new Taken();
      await mine(stores.drafts, draft);
      stores.outbox.put(item);
      stores.drafts.delete(draft.id);
      somethingWaits();
    });
  } catch (error) {
    if (error instanceof Taken) throw error;
    spare.put("outbox", item);
    somethingWaits();
  }
  spare.drop("drafts", draft.id);
  changed();
}

/** Change the progress of one item. What was deleted meanwhile stays deleted: then null. */
export async function patchItem(id, change) {
  const kept = spare.all("outbox").find((row) => row.id === id);
  if (kept) {
    change(kept);
    spare.put("outbox", kept);
    changed();
    return kept;
  }
  const row = await run(["outbox"], "readwrite", async ({ outbox }) => {
    const found = await asked(outbox.get(id));
    if (!found) return null;
    change(found);
    outbox.put(found);
    return found;
  });
  changed();
  return row;
}

/** The same content under fresh ids: the way out when the server holds something else under this one. */
export async function requeueAfresh(id) {
  const item = await itemOf(id);
  const fresh = newId();
  const ids = item.photos.map((photo) => [photo.id, newId()]);
  const body = ids.concat([[id, fresh]]).reduce((text, [old, next]) => text.split(old).join(next), item.body);
  const photos = item.photos.map((photo, n) => Object.assign({}, photo, { id: ids[n][1], state: "", problem: null }));
  await run(["outbox", "blobs"], "readwrite", async (stores) => {
    for (const [old, next] of ids) {
      for (const [was, is, of] of [[old, next, fresh], [originalOf(old), originalOf(next), originalOf(fresh)]]) {
        const blob = await asked(stores.blobs.get(was));
        if (blob) stores.blobs.put({ id: is, item: of, bytes: blob.bytes });
        stores.blobs.delete(was);
      }
    }
    stores.outbox.put(Object.assign({}, item, { id: fresh, body, photos, text_sent: false, parked: null }));
    stores.outbox.delete(id);
  });
  spare.drop("outbox", id);
  changed();
}

/**
 * Accepted, and every picture's digest on the server equals ours: only now do the bytes leave the phone. The originals of its
 * pictures stay, as the item `originals`, where there are any.
 */
export async function finish(id, receipt, originals = null) {
  await run(["outbox", "blobs", "receipts"], "readwrite", async (stores) => {
    stores.receipts.put(receipt);
    if (originals) stores.outbox.put(originals);
    await removeRow(stores, "outbox", id, originals);
  });
  spare.drop("outbox", id);
  changed();
}

/** Delete an item or a draft with its pictures, whatever shape it is in. */
export async function remove(name, id) {
  await run([name, "blobs"], "readwrite", (stores) => removeRow(stores, name, id));
  spare.drop(name, id);
  changed();
}

async function removeRow(stores, name, id, originals = null) {
  for (const of of originals ? [id] : [id, originalOf(id)]) {
    for (const blob of await asked(stores.blobs.index("item").getAllKeys(of))) stores.blobs.delete(blob);
  }
  stores[name].delete(id);
  if (name === "outbox") await maybeNothingWaits(stores.outbox, id);
}

// Pictures

export function keepInMemory(id, bytes) { memory.set(id, bytes); }
export function dropFromMemory(id) { memory.delete(id); }

/** The bytes of a picture, or null when this phone has them no more. */
export async function bytesOf(id) {
  const row = await run(["blobs"], "readonly", (stores) => asked(stores.blobs.get(id)));
  return row ? row.bytes : memory.get(id) || null;
}

// Receipts

const KEPT = 30 * 24 * 3600 * 1000;

export async function receipts(owner) {
  const rows = await readable("receipts");
  return rows.filter((row) => row.owner === owner).sort((a, b) => (a.accepted_at < b.accepted_at ? 1 : -1));
}

/** Forget receipts after 30 days by the server's clock: the phone's may be a year off. */
export async function sweepReceipts(serverNow) {
  const limit = Date.parse(serverNow) - KEPT;
  await run(["receipts"], "readwrite", async ({ receipts: store }) => {
    for (const row of await asked(store.getAll())) {
      if (Date.parse(row.accepted_at) < limit) store.delete(row.id);
    }
  });
}

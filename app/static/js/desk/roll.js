/**
 * The roll of a gift, taken along to a desk without signal. Rooms and names are personal data: a roll belongs to who took it,
 * and leaves the phone when its plan closes or is long over, and when its reader signs out or changes (outbox/start.js).
 * A database of its own, so that forgetting it touches nothing that waits to be sent.
 */

const NAME = "gongzhi-rolls";
const KEPT = "gz-rolls"; // outbox/start.js looks after the rolls on every page while this is set
const LATE = 14 * 24 * 3600 * 1000; // ms after its last day by the phone's clock, when nobody has asked the server since

function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("rolls", { keyPath: "id" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => resolve(opening.result);
  });
}

/** One transaction over the only store, on a connection of its own: rolls are rarely touched, and a closed one blocks nobody. */
async function run(mode, work) {
  const db = await open();
  try {
    return await new Promise((resolve, reject) => {
      const tx = db.transaction("rolls", mode, { durability: "strict" });
      const request = work(tx.objectStore("rolls"));
      tx.oncomplete = () => resolve(request.result);
      tx.onabort = () => reject(tx.error);
    });
  } finally {
    db.close();
  }
}

/** Raises what the phone said when there is no room. */
export async function keepRoll(roll) {
  localStorage.setItem(KEPT, "1");
  await run("readwrite", (rolls) => rolls.put(roll));
}

/** Somebody else's roll is none. */
export async function rollOf(id, owner) {
  const roll = await run("readonly", (rolls) => rolls.get(id));
  return roll && roll.owner === owner ? roll : null;
}

export async function forgetRoll(id) {
  await run("readwrite", (rolls) => rolls.delete(id));
  if (!(await run("readonly", (rolls) => rolls.count()))) localStorage.removeItem(KEPT);
}

/** Those whose plan is closed or gone, as the server says, and those that are long over, as the phone's clock says. */
export async function forgetOver(owner) {
  if (!localStorage.getItem(KEPT)) return;
  for (const { id, owner: whose, address, until_on } of await run("readonly", (rolls) => rolls.getAll())) {
    const over = Date.now() > Date.parse(until_on) + LATE;
    if (over || whose !== owner || (await isClosed(address))) await forgetRoll(id);
  }
}

async function isClosed(address) {
  const reply = await fetch(address, { cache: "no-store", headers: { Accept: "application/json" } }).catch(() => null);
  if (!reply || !/json/.test(reply.headers.get("Content-Type"))) return false;
  return reply.status === 404 || (reply.ok && (await reply.json()).state === "closed");
}

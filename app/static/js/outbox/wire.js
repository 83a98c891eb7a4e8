/** Talking to the server. What comes back is judged by its body, never only by its status: a café's sign-in page says 200 too. */

import { byLink, page } from "./words.js";
import { bytesOf, patchItem } from "./store.js";
import { here } from "./stamps.js";

/** Milliseconds. */
export const timing = {
  first: 1000, // the first retry …
  most: 300000, // … and the longest wait between two
  ping: 8000,
  text: 30000,
  stall: 60000, // a picture that moves no byte for so long is tried again later
};

/** Not now: no network, a busy or failing server. `after` is the wait it asked for, in ms. */
export class Later extends Error {
  constructor(reason, after = 0) { super(reason); this.after = after; }
}
/** Nobody is signed in, or somebody else. */
export class SignedOut extends Error {}
/** The server will never take this: park it. `problem` is its problem+json. */
export class Refused extends Error {
  constructor(problem) { super(problem.code); this.problem = problem; }
}

/**
 * Pictures under way at once. While one waits for its answer the line is the other's: on a slow line each answer takes a second,
 * and the server its time with the picture. More would only share the same line, and lose more of it when the signal goes.
 */
const ABREAST = 2;

const BUSY = [408, 425, 429];
const REFUSED = [400, 413, 415, 422];

function judge(status, retryAfter, text) {
  let body = null;
  try { body = JSON.parse(text); } catch (notJson) { /* judged below */ }
  if (!body || typeof body !== "object") {
    if (status === 401) throw new SignedOut();
    // a proxy on the way may refuse for good without speaking our language
    if (REFUSED.includes(status)) throw new Refused({ status, code: "http_" + status });
    throw new Later("no answer of ours");
  }
  if (status >= 200 && status < 300) return body;
  const after = Math.min(Number(retryAfter) * 1000 || 0, timing.most);
  const running = status === 409 && (after || /running|progress/i.test(body.code || ""));
  if (status >= 500 || BUSY.includes(status) || running) throw new Later(body.code || String(status), after);
  if (status === 401) throw new SignedOut();
  if (status >= 300 && status < 400) throw new Later("moved");
  throw new Refused(Object.assign({ code: "http_" + status }, body, { status }));
}

async function exchange(method, address, { body = undefined, headers = {}, patience = timing.text } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  try {
    const reply = await fetch(address, {
      method, body, cache: "no-store", credentials: "same-origin", redirect: "error", signal: stop.signal,
      headers: Object.assign({ Accept: "application/json" }, headers),
    });
    return [reply.status, reply.headers.get("Retry-After"), await reply.text()];
  } catch (error) {
    throw new Later("network");
  } finally {
    clearTimeout(timer);
  }
}

/** Is this our server, and who is signed in? {gongzhi, user, csrf, now}, or null. Whoever holds a link needs no sign-in. */
export async function ping() {
  try {
    const body = judge(...await exchange("GET", page.ping || "/ping", { patience: timing.ping }));
    return body.gongzhi === true ? Object.assign(body, byLink ? { user: page.user } : {}) : null;
  } catch (error) {
    return null;
  }
}

/** fetch cannot tell how far an upload is, so pictures go by XMLHttpRequest. */
function push(address, bytes, headers, moved) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    let timer = null;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => call.abort(), timing.stall);
    };
    const fail = () => { clearTimeout(timer); reject(new Later("network")); };
    call.open("PUT", address);
    for (const name of Object.keys(headers)) call.setRequestHeader(name, headers[name]);
    call.upload.onprogress = (event) => {
      alive();
      if (event.lengthComputable) moved(Math.floor((100 * event.loaded) / event.total));
    };
    call.onload = () => {
      clearTimeout(timer);
      resolve([call.status, call.getResponseHeader("Retry-After"), call.responseText]);
    };
    call.onerror = fail;
    call.onabort = fail;
    alive();
    call.send(bytes);
  });
}

export const delivered = (photo) => photo.state === "delivered";
export const given = (photo) => delivered(photo) || photo.state === "dropped";
/** Only the page that took it still has it: no other one may send it or call it lost. */
export const elsewhere = (photo) => photo.only_in && photo.only_in !== here;
export const waiting = (photo) => !given(photo) && !photo.problem && !elsewhere(photo);

/** What a kind's `send` works with, for one item and the person of the last ping. */
export class Wire {
  constructor(item, who) {
    this.item = item;
    this.who = who;
    this.moved = false;
    this.complete = false;
  }

  /** A 401 or 403 may only mean a stale token: ask who is signed in, take the fresh one and try once more. */
  async trusted(attempt) {
    const headers = () => (this.who.csrf ? { "X-CSRF-Token": this.who.csrf } : {});
    try {
      return await attempt(headers());
    } catch (error) {
      if (!(error instanceof SignedOut) && !(error instanceof Refused && error.problem.status === 403)) throw error;
      const who = await ping();
      if (!who) throw new Later("network");
      if (who.user !== this.item.owner) throw new SignedOut();
      this.who.csrf = who.csrf;
      return attempt(headers());
    }
  }

  /** POST or PUT of text; the body of the answer. */
  async text(method, address, body) {
    return this.trusted(async (headers) => judge(...await exchange(method, address, {
      body, headers: Object.assign(body === undefined ? {} : { "Content-Type": "application/json" }, headers),
    })));
  }

  /**
   * All pictures of the item to `address`/photos/{id}, small first, guided by `address`/manifest. A picture that is refused
   * or fails never holds up the next one. Raises Later when something is left to do; else `complete` says whether the
   * server's digests all equal ours (they do not while a picture is parked).
   */
  async photos(address) {
    if (this.item.photos.some(waiting)) {
      const here = await this.manifest(address);
      for (const photo of this.item.photos.filter((one) => waiting(one) && here.get(one.id) === one.sha)) {
        await this.mark(photo, { state: "delivered" });
      }
    }
    await this.uploads((photo) => address + "/photos/" + photo.id);
    let late = null;
    const seen = await this.manifest(address);
    for (const photo of this.item.photos.filter(delivered)) {
      if (seen.get(photo.id) === photo.sha) continue;
      await this.mark(photo, { state: "" }); // the server has lost it (a restored backup): we still have it
      late = new Later("missing");
    }
    if (late) throw late;
    this.complete = this.item.photos.every(given);
  }

  /**
   * What waits, small first, ABREAST of them under way. One that is refused or fails never holds up the next. Raises Later when
   * something is left; when it raises, none is under way any more.
   */
  async uploads(addressOf) {
    const left = this.item.photos.filter(waiting).sort((a, b) => a.size - b.size);
    let late = null;
    const lane = async () => {
      for (let photo = left.shift(); photo; photo = left.shift()) {
        try {
          await this.upload(photo, addressOf(photo));
        } catch (error) {
          if (error instanceof Refused) await this.mark(photo, { problem: error.problem });
          else if (!(error instanceof Later) || !(await ping())) throw error;
          else late = error;
        }
      }
    };
    const stopped = (error) => {
      left.length = 0; // the other lane begins no more
      return error;
    };
    const ends = await Promise.all(Array.from({ length: ABREAST }, () => lane().catch(stopped)));
    const error = ends.find(Boolean) || late;
    if (error) throw error;
  }

  /** The digests the server holds, by picture. */
  async manifest(address) {
    let list;
    try {
      list = judge(...await exchange("GET", address + "/manifest"));
    } catch (error) {
      if (!(error instanceof Refused) || error.problem.status !== 404) throw error;
      list = { visit: false };
    }
    if (list.visit === false) { // a proxy had said yes in the server's name, or a backup was restored
      await patchItem(this.item.id, (row) => { row.text_sent = false; });
      throw new Later("text missing");
    }
    if (!Array.isArray(list.photos)) throw new Later("no answer of ours");
    return new Map(list.photos.filter((photo) => photo.state === "received").map((photo) => [photo.id, photo.received_sha256]));
  }

  async upload(photo, address) {
    const bytes = await bytesOf(photo.id);
    if (!bytes) throw new Refused({ code: "lost" });
    const tell = (percent) => document.dispatchEvent(new CustomEvent("outbox:progress", { detail: { id: photo.id, percent } }));
    try {
      tell(0);
      const answer = await this.trusted(async (headers) => judge(...await push(address, bytes, Object.assign({
        "Content-Type": photo.type, "X-Content-SHA256": photo.sha, Accept: "application/json",
      }, headers), tell)));
      if (answer.received_sha256 !== photo.sha) throw new Later("digest");
    } catch (error) {
      const stored = error instanceof Refused && error.problem.status === 409 && error.problem.received_sha256;
      if (stored !== photo.sha) throw error;
    } finally {
      tell(null);
    }
    await this.mark(photo, { state: "delivered" });
  }

  async mark(photo, facts) {
    this.moved = this.moved || facts.state === "delivered";
    Object.assign(photo, facts);
    await patchItem(this.item.id, (row) => {
      Object.assign(row.photos.find((other) => other.id === photo.id), facts);
    });
  }
}

/**
 * What every page loads: <script type="module" src="…/outbox/start.js">. The outbox itself (20 times as much) comes only where
 * there is a field form, a list, a sign-out, or where something waits to be sent from whatever page is open.
 */

import { byLink, page } from "./words.js";

/** Where one of these is missing, forms stay the plain forms they are. */
const able = window.indexedDB && window.crypto && crypto.subtle && window.AbortController && window.fetch;

function is(flag) {
  try { return localStorage.getItem(flag); } catch (refused) { return false; }
}

async function work() {
  try {
    await forgetWhatOthersRead();
    await navigator.serviceWorker.register(page.worker);
    if (!navigator.serviceWorker.controller && document.querySelector("form[data-outbox],[data-desk]")) await keepThisPage();
  } catch (none) {
    for (const line of document.querySelectorAll("[data-outbox-no-worker]")) line.hidden = false;
  }
}

/**
 * Pages kept for offline use, and rolls of gifts (desk/roll.js), belong to who read them. A session that merely ended keeps them, or the field form would not
 * open; the page that answers a sign-out says data-signed-out.
 */
async function forgetWhatOthersRead() {
  if (byLink) return; // what a link opens, whoever has it may read
  const last = localStorage.getItem("gz-reader");
  if (page.user) localStorage.setItem("gz-reader", page.user);
  if (!("signedOut" in page) && (!page.user || !last || last === page.user)) return;
  indexedDB.deleteDatabase("gongzhi-rolls");
  localStorage.removeItem("gz-rolls");
  const pages = await caches.open("gz-pages");
  const keys = await pages.keys();
  await Promise.all(keys.filter(({ url }) => url !== location.href).map((key) => pages.delete(key)));
}

/** The first visit came before the service worker: put what this page is made of, then the page, where a cold start finds them. */
async function keepThisPage() {
  const pages = await caches.open("gz-pages");
  const files = await caches.open("gz-files");
  const made = performance.getEntriesByType("resource").map(({ name }) => name);
  await Promise.all(made.filter((name) => name.startsWith(location.origin + "/static/")).map((name) => files.add(name).catch(() => {})));
  const reply = await fetch(location.href, { credentials: "same-origin" });
  if (reply.ok && !/no-store/.test(reply.headers.get("Cache-Control") || "")) await pages.put(location.href, reply);
}

async function start() {
  const here = document.querySelector("form[data-outbox],form[data-outbox-signout],[data-outbox-list],[data-desk]");
  if (able && page.user && (here || is("gz-outbox-waiting"))) await import("./main.js");
  if (able && page.user && is("gz-rolls")) import("../desk/roll.js").then(({ forgetOver }) => forgetOver(page.user)).catch(() => {});
  if (page.worker) await work();
}

start();

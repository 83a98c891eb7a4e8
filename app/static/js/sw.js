/**
 * Answers GETs when there is no network: the pages last seen and what they are made of. Nothing else passes through here:
 * WebKit empties bodies that a service worker sends on, and the outbox belongs to the page.
 * Served from the root (or with Service-Worker-Allowed: /). A page with Cache-Control: no-store is never kept.
 */

const PAGES = "gz-pages";
const FILES = "gz-files";
const MOST_PAGES = 40;
const PATIENCE = 4000; // ms before a page seen earlier is shown instead of a white screen
const OFFLINE = "/offline";

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(FILES).then((files) => files.add(OFFLINE)).catch(() => {}));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.headers.has("range")) return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (pathname.startsWith("/static/")) event.respondWith(file(event));
});

/** The network first: what is shown about people and money is never older than it must be. */
async function page(event) {
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((reply) => keep(PAGES, event.request, reply.clone())).catch(() => {}));
  const kept = () => caches.open(PAGES).then((pages) => pages.match(event.request, { ignoreVary: true }));
  try {
    const reply = await soon(fresh);
    return reply || (await kept()) || (await fresh);
  } catch (offline) {
    return (await kept()) || (await bare(event.request)) || (await caches.match(OFFLINE)) || Response.error();
  }
}

/** A draft continued from the list is the same form. */
async function bare(request) {
  return (await caches.open(PAGES)).match(request, { ignoreSearch: true, ignoreVary: true });
}

/** A file named with its digest never changes; any other is asked for first, so that modules of two versions never meet. */
async function file(event) {
  const { request } = event;
  const kept = await (await caches.open(FILES)).match(request, { ignoreVary: true });
  if (kept && /[?&]v=/.test(request.url)) return kept;
  try {
    const reply = await fetch(request);
    event.waitUntil(keep(FILES, request, reply.clone()));
    return reply;
  } catch (offline) {
    return kept || Response.error();
  }
}

function soon(reply) {
  return Promise.race([reply, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

async function keep(name, request, reply) {
  if (reply.status !== 200 || reply.redirected || reply.type !== "basic") return;
  if (/no-store/.test(reply.headers.get("Cache-Control") || "")) return;
  const cache = await caches.open(name);
  await cache.put(request, reply);
  if (name !== PAGES) return;
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST_PAGES)).map((key) => cache.delete(key)));
}

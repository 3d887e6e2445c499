// Once a workbook has been used, its page and its Python are there without a network.
//
// The workbook's folder is named by its contents: what is kept of it never changes. Everything else
// is asked of the network first, so that the book is never older than it has to be.

const CACHE = "one-graph";
const FOLDER = "/workbook-";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", ({ data: { keep, folder } }) => {
  const keeping = async () => {
    const cache = await caches.open(CACHE);
    for (const request of await cache.keys()) {
      if (request.url.includes(FOLDER) && !request.url.startsWith(folder)) await cache.delete(request);
    }
    for (const url of new Set(keep)) {
      if (new URL(url).origin !== location.origin) continue;
      if (!(url.startsWith(folder) && (await cache.match(url)))) await cache.add(url).catch(() => {});
    }
  };
  keeping();
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || new URL(url).origin !== location.origin) return;
  event.respondWith(url.includes(FOLDER) ? keptFirst(event) : networkFirst(event));
});

async function keptFirst({ request }) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request.url)) ?? fetchAndKeep(cache, request);
}

async function networkFirst({ request }) {
  const cache = await caches.open(CACHE);
  try {
    return await fetchAndKeep(cache, request);
  } catch (error) {
    const kept = (await cache.match(request.url)) ?? (await cache.match(request.url, { ignoreSearch: true }));
    if (kept) return kept;
    throw error;
  }
}

async function fetchAndKeep(cache, request) {
  const answer = await fetch(request);
  if (answer.status === 200) await cache.put(request.url, answer.clone());
  return answer;
}

// Keeps one version of the site on the visitor's machine, so that it opens without a
// network. Each file is known by the hash of its content, and a version is kept as a
// whole or not at all. A newer one waits until the page asks for it, or until no page
// of the older one is open.
"use strict";
const files = {}; // hash by path, "" for the first page; written here when the site is made
const version = "";

const prefix = "dpo-playground " + registration.scope + " ";
const cacheName = prefix + version;
const address = (path) => new URL(path, registration.scope).href;

async function hashOf(response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The page has asked for most files by the same addresses just before, so they come
// from the browser's own cache.
async function keepFile(cache, path) {
  const response = await fetch(address(path) + "?v=" + files[path]);
  if (!response.ok || !(await hashOf(response.clone())).startsWith(files[path])) {
    throw new Error((path || "the first page") + " is not of this version");
  }
  await cache.put(address(path), response);
}

// Where storage is full or forbidden nothing is kept, and the page goes on as before.
async function keepVersion() {
  try {
    const cache = await caches.open(cacheName);
    await Promise.all(Object.keys(files).map((path) => keepFile(cache, path)));
  } catch (problem) {
    await caches.delete(cacheName).catch(() => {});
    throw problem;
  }
}

async function dropOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
  }
}

// A page of another version gets none of this one's files. What the browser has thrown
// away comes from the network.
async function answer(request, path, asked) {
  if (asked && asked !== files[path]) return new Response("", { status: 409, statusText: "This page is of another version. Reload it." });
  const kept = await caches.match(address(path), { cacheName }).catch(() => undefined);
  return kept ?? fetch(request);
}

addEventListener("install", (event) => event.waitUntil(keepVersion()));
addEventListener("activate", (event) => event.waitUntil(dropOthers()));
addEventListener("message", (event) => { if (event.data === "replace") skipWaiting(); });
addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(registration.scope)) return;
  const path = url.pathname.slice(new URL(registration.scope).pathname.length).replace(/^index\.html$/, "");
  if (Object.hasOwn(files, path)) event.respondWith(answer(request, path, url.searchParams.get("v")));
});

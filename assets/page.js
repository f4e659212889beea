// The page's side of the program: it makes the frame that the program runs in,
// holds what must outlive the program (the last link, a file), passes events
// on, and says so when something goes wrong. Everything else is in Go.
"use strict";
(() => {
  const { stage: stageURL, wasm: wasmURL, worker: workerURL, size } = document.currentScript.dataset;
  const byId = (id) => document.getElementById(id);
  const eventTypes = ["input", "change", "click", "keydown", "toggle"];
  const restartsAllowed = 3;      // within restartWindow, before the page waits for a click
  const restartWindow = 60_000;   // ms

  let frame = null;
  let handle = null;   // the program's event handler
  let crashes = [];
  let unread = null;   // files that came while there was no program to read them
  let waiting = [];    // what was pressed and set before the first program was there
  const filesKept = 20;
  let keeps = false;   // the service worker has been asked for

  // What stands in the page is the opening's. A link is to something else.
  const { classList } = document.documentElement;
  const first = location.hash.length <= 1 && !seen();
  classList.toggle("linked", location.hash.length > 1);
  classList.toggle("annotating", first);

  // Whether whoever is here has met the annotator. A browser that keeps nothing is
  // taken to have.
  function seen() {
    try { return localStorage.getItem("annotator") !== null; } catch { return true; }
  }

  // The download begins with the page; each frame takes one response.
  const able = location.protocol !== "file:" && typeof WebAssembly === "object";
  let download = able ? fetchProgram() : null;

  function fetchProgram() {
    const response = fetch(wasmURL, { priority: "low" });
    response.then((r) => count(r.clone()), () => {}); // whoever takes the response hears of a failure
    return response;
  }

  // The browser keeps the compiled code only of a response as it came, so what
  // has arrived is counted on a copy. The length that a compressed response
  // declares is not the program's: the true one was written into the page when
  // the site was made.
  async function count(copy) {
    try {
      const reader = copy.body.getReader();
      let got = 0, shown = 0;
      for (let piece; !(piece = await reader.read()).done;) {
        got += piece.value.byteLength;
        const bar = byId("load-bar"); // once the page is parsed up to there
        if (!bar || got < shown + size / 100) continue;
        bar.value = Math.min(1, got / size);
        shown = got;
      }
    } catch {} // the response itself fails as well
  }

  const playground = window.playground = {
    fragment: location.hash.slice(1), // of the experiment as it last was
    first,                            // the page opens with the annotator
    met() { try { localStorage.setItem("annotator", "met"); } catch {} },
    files: [],                        // the user's preferences and logs, the last ones

    // The program in the frame reports here.
    takeProgram() {
      const taken = download ?? fetchProgram();
      download = null;
      return taken;
    },
    ready(handler) {
      handle = handler;
      byId("loading").hidden = true;
      classList.remove("linked");
      classList.add("running");
      if (playground.files.length) handle("kept", playground.files);
      if (unread) handle("file", unread);
      unread = null;
      for (const again of waiting ?? []) again();
      waiting = null;
      keepOffline();
    },
    failed(why, detail) {
      stop();
      show(why, detail, true);
    },
    crashed(detail) {
      stop();
      const now = Date.now();
      crashes = crashes.filter((t) => now - t < restartWindow);
      crashes.push(now);
      if (crashes.length > restartsAllowed) {
        show("crashed", detail, true);
      } else {
        show("crash", detail, false);
        start();
      }
    },
    graphicsLost() {
      stop();
      show("graphics", "", false);
      start();
    },
  };

  function show(why, detail, retry) {
    for (const p of document.querySelectorAll("[data-why]")) p.hidden = p.dataset.why !== why;
    byId("trouble-detail").textContent = detail || "";
    byId("retry").hidden = !retry;
    byId("hush").hidden = retry;
    byId("loading").hidden = retry;
    byId("trouble").hidden = false;
  }

  function stop() {
    handle = null;
    if (frame) frame.remove();
    frame = null;
    classList.remove("running");
  }

  function start() {
    byId("loading").hidden = false;
    frame = document.createElement("iframe");
    frame.title = document.title;
    frame.src = stageURL;
    byId("stage").append(frame);
  }

  function begin() {
    if (location.protocol === "file:") return show("file", "", true);
    if (typeof WebAssembly !== "object") return show("wasm", "", true);
    start();
  }

  // Where the page comes from another machine, a service worker keeps it for when there
  // is no network. A newer version is announced, and comes when the visitor wants it.
  async function keepOffline() {
    const here = /^((.+\.)?localhost|127\..*|\[::1\])$/.test(location.hostname);
    const workers = navigator.serviceWorker;
    if (here || keeps || !workers || window.top !== window) return;
    keeps = true; // a program that was started again is the same page's
    const announce = () => { byId("newer").hidden = false; };
    try {
      const kept = await workers.register(workerURL);
      const watch = (next) => next?.addEventListener("statechange", () => {
        if (kept.active && next.state === "installed") announce();
      });
      if (kept.active && kept.waiting) announce();
      watch(kept.installing);
      kept.addEventListener("updatefound", () => watch(kept.installing));
      if (workers.controller) workers.addEventListener("controllerchange", announce); // from another tab
      document.addEventListener("visibilitychange", () => { if (!document.hidden) kept.update().catch(() => {}); });
      byId("newer-reload").addEventListener("click", () => replace(kept.waiting));
    } catch {} // where the browser forbids to keep anything
  }

  function replace(next) {
    const reload = () => location.reload();
    if (!next) return reload();
    next.addEventListener("statechange", () => { if (next.state === "activated") reload(); });
    next.postMessage("replace");
  }

  function bring(files) {
    if (files.length === 0) return;
    playground.files.push(...files);
    playground.files.splice(0, playground.files.length - filesKept);
    if (handle) handle("file", [...files]); else unread = [...files];
  }

  // wait has happen what was done before the program was there, once it is. An
  // element that the program has made anew is found by what it does.
  function wait(type, { target, key }) {
    const button = target.closest?.("[data-do]"), { value, checked, open } = target;
    if (type === "click" && button) {
      const { do: does, value: which } = button.dataset;
      waiting.push(() => (button.isConnected ? button : document.querySelector(`[data-do="${does}"][data-value="${which}"]`))?.click());
    } else if (type === "input" || type === "change") {
      waiting.push(() => { Object.assign(target, target.type === "checkbox" ? { checked } : { value }); target.dispatchEvent(new Event(type, { bubbles: true })); });
    } else if (type === "toggle" && target.matches("details")) {
      waiting.push(() => { target.open = open; });
    } else if (type === "keydown" && target === document.body) {
      waiting.push(() => target.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true })));
    }
  }

  for (const type of eventTypes) {
    document.addEventListener(type, (event) => {
      if (event.target.id === "file") {
        if (type === "change") { bring(event.target.files); event.target.value = ""; }
        return;
      }
      if (handle) handle(type, event); else if (waiting) wait(type, event);
    }, type === "toggle");
  }
  for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
    document.addEventListener(type, (event) => {
      if (handle && (event.target.dataset?.drag !== undefined || event.target.type === "range")) handle(type, event);
    });
  }
  window.addEventListener("hashchange", (event) => { if (handle) handle("link", event); });
  window.addEventListener("beforeprint", (event) => { if (handle) handle("print", event); });
  window.addEventListener("popstate", (event) => { if (handle) handle("link", event); });

  const holdsFile = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  const dropTarget = {
    dragenter(event) { if (holdsFile(event)) byId("dropzone").hidden = false; },
    dragover(event) { if (holdsFile(event)) event.preventDefault(); },
    dragleave(event) { if (!event.relatedTarget) byId("dropzone").hidden = true; },
    drop(event) {
      byId("dropzone").hidden = true;
      if (!holdsFile(event)) return;
      event.preventDefault();
      bring(event.dataTransfer.files);
    },
  };
  playground.dropTarget = dropTarget; // the frame's document takes files too

  function whenParsed() {
    for (const type of Object.keys(dropTarget)) document.addEventListener(type, dropTarget[type]);
    byId("retry").addEventListener("click", () => { crashes = []; byId("trouble").hidden = true; begin(); });
    byId("hush").addEventListener("click", () => { byId("trouble").hidden = true; });
    byId("newer-later").addEventListener("click", () => { byId("newer").hidden = true; });
    begin();
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", whenParsed); else whenParsed();
})();

// The page's side of the program: it makes the frame that the program runs in,
// holds what must outlive the program (the last link, a file), passes events
// on, and says so when something goes wrong. Everything else is in Go.
"use strict";
(() => {
  const stageURL = document.currentScript.dataset.stage;
  const byId = (id) => document.getElementById(id);
  const eventTypes = ["input", "change", "click", "keydown", "toggle"];
  const restartsAllowed = 3;      // within restartWindow, before the page waits for a click
  const restartWindow = 60_000;   // ms

  let frame = null;
  let handle = null;   // the program's event handler
  let crashes = [];
  let unread = false;  // a file came while there was no program to read it

  const playground = window.playground = {
    fragment: location.hash.slice(1), // of the experiment as it last was
    file: null,                       // the user's preferences

    // The program in the frame reports here.
    progress(done, total) {
      byId("load-bar").value = total > 0 ? Math.min(1, done / total) : 0;
    },
    ready(handler) {
      handle = handler;
      byId("loading").hidden = true;
      document.documentElement.classList.add("running");
      if (playground.file) handle(unread ? "file" : "kept", playground.file);
      unread = false;
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
    document.documentElement.classList.remove("running");
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

  function bring(files) {
    const [file, ...others] = files;
    if (!file) return;
    playground.file = file;
    playground.others = others.map((other) => other.name).join(", ");
    if (handle) handle("file", file); else unread = true;
  }

  for (const type of eventTypes) {
    document.addEventListener(type, (event) => {
      if (event.target.id === "file") {
        if (type === "change") { bring(event.target.files); event.target.value = ""; }
        return;
      }
      if (handle) handle(type, event);
    }, type === "toggle");
  }
  for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) {
    document.addEventListener(type, (event) => {
      if (handle && event.target.dataset?.drag !== undefined) handle(type, event);
    });
  }
  byId("retry").addEventListener("click", () => { crashes = []; byId("trouble").hidden = true; begin(); });
  byId("hush").addEventListener("click", () => { byId("trouble").hidden = true; });
  window.addEventListener("hashchange", (event) => { if (handle) handle("link", event); });
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
  for (const type of Object.keys(dropTarget)) document.addEventListener(type, dropTarget[type]);

  begin();
})();

// Loads the program into this frame and tells the page how that goes.
"use strict";
(() => {
  const page = window.parent.playground;
  if (!page) return;
  const wasmType = "application/wasm";
  let over = false;
  const once = (report) => (...args) => { if (!over) { over = true; report(...args); } };
  const failed = once(page.failed);
  const crashed = once(page.crashed);

  window.addEventListener("error", (event) => crashed(String(event.message)));
  window.addEventListener("unhandledrejection", (event) => crashed(String(event.reason)));
  // A lost context cannot be drawn to again. A new frame can.
  window.addEventListener("webglcontextlost", (event) => {
    event.stopImmediatePropagation();
    once(page.graphicsLost)();
  }, true);
  for (const [type, listener] of Object.entries(page.dropTarget)) document.addEventListener(type, listener);

  // A host may give the program another type, which browsers refuse to stream.
  function typed(response) {
    if (response.headers.get("Content-Type")?.trim().toLowerCase() === wasmType) return response;
    return new Response(response.body, { headers: { "Content-Type": wasmType } });
  }

  // Making a context takes long: the browser may have to start what draws. So it
  // is made while the program is on its way, with the attributes that Ebitengine
  // asks for, on the canvas that Ebitengine then gets from the document.
  function prepareCanvas() {
    const canvas = document.createElement("canvas");
    canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, stencil: true });
    document.body.append(canvas);
    document.createElement = (name, ...options) => {
      if (name !== "canvas") return Document.prototype.createElement.call(document, name, ...options);
      delete document.createElement;
      return canvas;
    };
  }

  async function receive(go) {
    const response = await page.takeProgram();
    if (!response.ok) throw new Error(response.status + " " + response.statusText);
    return WebAssembly.instantiateStreaming(typed(response), go.importObject);
  }

  async function load() {
    const go = new Go();
    // After its end nothing calls into the program, whoever still holds a handler of it.
    const resume = go._resume.bind(go);
    go._resume = () => {
      if (!over && !go.exited) return resume();
      go._scheduledTimeouts.clear(); // of which the one that is due would be asked for until it is gone
    };
    let program;
    try {
      const coming = receive(go);
      prepareCanvas();
      program = await coming;
    } catch (problem) {
      failed(problem instanceof WebAssembly.CompileError ? "wasm" : "fetch", String(problem));
      return;
    }
    try {
      await go.run(program.instance);
      crashed("exit " + (go.exitCode ?? ""));
    } catch (problem) {
      crashed(String(problem));
    }
  }
  load();
})();

// In the page of one file, what is fetched lies in the page itself, packed.
"use strict";
window.fetch = async (name) => {
  const packed = document.getElementById("packed:" + name);
  if (!packed) return new Response(null, { status: 404, statusText: "not in this file: " + name });
  const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
  const content = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(content, { headers: { "Content-Type": packed.dataset.type } });
};

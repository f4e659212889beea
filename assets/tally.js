// Counts the receipts of lessons: how often each answer was given at each step.
"use strict";
const box = document.getElementById("receipts");

// check is that of core/lesson: the bytes as a number in base 257, modulo 65521.
const check = (text) => new TextEncoder().encode(text).reduce((sum, b) => (sum * 257 + b) % 65521, 0);

// read returns a receipt's lesson and answers, or null where its check is wrong.
const read = (line) => {
  const parts = /^(dpo1 (\S+)((?: \d+=\S+)*) #.*) check=(\d+)$/.exec(line);
  if (!parts || check(parts[1]) !== Number(parts[4])) return null;
  return { lesson: parts[2], answers: parts[3].trim().split(" ").filter(Boolean).map((a) => a.split("=")) };
};

const add = (parent, tag, text) => { const e = document.createElement(tag); e.textContent = text; parent.append(e); return e; };

const show = () => {
  const lines = box.value.split("\n").map((line) => line.trim()).filter((line) => line.startsWith("dpo1"));
  const good = lines.map(read);
  const wrong = good.flatMap((r, i) => r ? [] : [i + 1]);
  document.getElementById("count").textContent = `${lines.length - wrong.length} receipts are counted.` +
    (wrong.length ? ` ${wrong.length} have a typing error: number ${wrong.join(", ")}.` : "");
  const tally = new Map(); // by lesson, step and answer
  for (const r of good) for (const [step, answer] of r ? r.answers : []) {
    const key = [r.lesson, step, answer.replace(/[+-]$/, ""), answer.endsWith("+") ? "right" : answer.endsWith("-") ? "wrong" : ""].join("\t");
    tally.set(key, (tally.get(key) ?? 0) + 1);
  }
  const place = document.getElementById("tally");
  place.replaceChildren();
  if (!tally.size) return;
  const table = add(place, "table", "");
  const head = add(table, "tr", "");
  for (const name of ["Lesson", "Step", "Answer", "", "Students"]) add(head, "th", name);
  for (const key of [...tally.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const row = add(table, "tr", "");
    for (const cell of key.split("\t")) add(row, "td", cell);
    add(row, "td", tally.get(key)).className = "n";
  }
};
box.addEventListener("input", show);

// Draws what /api/page says. Text enters as text, never as markup.
"use strict";

const EVERY_MS = 5000;
const GLYPHS = { ok: "\u2713", info: "\u2022", warning: "!", error: "\u2717" };
let lastSeen = null;
const drawn = new Map();

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// `words` between backticks are things to type.
function makeText(tag, lead, text) {
  const node = make(tag);
  if (lead) node.append(make("b", "", lead + " "));
  text.split("`").forEach((part, i) => node.append(i % 2 ? make("code", "", part) : part));
  return node;
}

function drawRow(row) {
  const box = make("div");
  box.append(make("dt", "", row.label), make("dd", row.known ? "" : "unknown", row.value));
  if (row.note) box.append(make("dd", "why", row.note));
  if (row.percent !== null) {
    const bar = make("progress");
    bar.max = 100;
    bar.value = row.percent;
    bar.setAttribute("aria-label", row.label);
    box.append(bar);
  }
  return box;
}

function drawCard(card) {
  const box = make("article", "card");
  const head = make("header");
  head.append(make("h3", "", card.title));
  head.append(make("span", "badge " + card.level, GLYPHS[card.level] + " " + card.state));
  box.append(head);
  if (card.note) {
    const note = makeText("p", "", card.note);
    note.className = "note";
    box.append(note);
  }
  if (card.rows.length) {
    const rows = make("dl", "rows");
    rows.append(...card.rows.map(drawRow));
    box.append(rows);
  }
  return box;
}

function drawSection(section) {
  const box = make("section");
  box.id = section.name;
  const title = make("h2", "", section.title);
  title.id = section.name + "-title";
  box.setAttribute("aria-labelledby", title.id);
  box.append(title);
  if (section.note) box.append(make("p", "note", section.note));
  if (section.cards.length) {
    const cards = make("div", "cards");
    cards.append(...section.cards.map(drawCard));
    box.append(cards);
  }
  return box;
}

function drawFinding(finding) {
  const box = make("li", finding.severity);
  box.append(make("h3", "", GLYPHS[finding.severity] + " " + finding.title));
  box.append(makeText("p", "", finding.meaning));
  box.append(makeText("p", "What to do:", finding.remedy));
  box.append(makeText("p", "Seen:", finding.evidence));
  box.append(make("p", "note", finding.code));
  return box;
}

// Keep what has not changed, so that selected text and focus stay.
function drawSections(sections) {
  const boxes = sections.map((section) => {
    const words = JSON.stringify(section);
    const before = drawn.get(section.name);
    const box = before && before.words === words ? before.box : drawSection(section);
    drawn.set(section.name, { words, box });
    return box;
  });
  const place = document.getElementById("sections");
  const same = boxes.length === place.children.length && boxes.every((box, i) => box === place.children[i]);
  if (!same) place.replaceChildren(...boxes);
}

function clock(date) {
  return date.toISOString().slice(11, 19) + " UTC";
}

function draw(page) {
  const headline = document.getElementById("headline");
  const words = GLYPHS[page.level] + " " + page.headline;
  if (headline.textContent !== words) headline.textContent = words;
  headline.className = "banner " + page.level;
  document.title = GLYPHS[page.level] + " Anechoic";
  document.getElementById("facts").replaceChildren(...page.facts.map((row) => {
    const box = make("div");
    box.append(make("dt", "", row.label), make("dd", "", row.note ? row.value + " (" + row.note + ")" : row.value));
    return box;
  }));
  const findings = document.getElementById("findings");
  findings.hidden = page.findings.length === 0;
  findings.querySelector("ul").replaceChildren(...page.findings.map(drawFinding));
  drawSections(page.sections);
  document.getElementById("taken").textContent = "As of " + clock(new Date(page.taken_at * 1000)) + ", read every " + EVERY_MS / 1000 + " s.";
}

function showConnection(problem) {
  const banner = document.getElementById("connection");
  const words = problem === null ? "" : problem + (lastSeen === null ? "" : " What you see is from " + clock(lastSeen) + ".");
  if (banner.textContent !== words) banner.textContent = words;
  banner.hidden = problem === null;
}

async function refresh() {
  try {
    const answer = await fetch("/api/page", { cache: "no-store", signal: AbortSignal.timeout(15000) });
    if (!answer.ok) throw new Error(await answer.text());
    draw(await answer.json());
    lastSeen = new Date();
    showConnection(null);
  } catch (error) {
    const words = error.message.startsWith("The engine") ? error.message.trim() + "." : "The engine anechoicd does not answer.";
    showConnection(words);
  }
}

async function follow() {
  if (!document.hidden) await refresh();
  setTimeout(follow, EVERY_MS);
}

document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
follow();

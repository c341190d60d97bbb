"use strict";
const $ = id => document.getElementById(id);
const records = JSON.parse($("data").textContent);
$("data").remove();
// Direction overrides and control characters are shown by name: no filing may reorder or hide what stands beside it.
const visible = text => String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
  c => "[U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "]");
function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function" || typeof value === "boolean" || key === "className" || key === "tabIndex") node[key] = value;
    else node.setAttribute(key, visible(value));
  }
  node.append(...children.map(child => child instanceof Node ? child : visible(child)));
  return node;
}
const words = name => String(name).replaceAll("_", " ");
const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
const accepted = record => (record.events || []).filter(event => event.accepted);
const codes = record => [...new Set((record.warnings || []).map(warning => warning.code))];
for (const record of records) {
  record.who = record.company || (record.path || "").split("/").pop() || "(no name)";
  record.tags = accepted(record).map(event => event.type);
  record.hay = [record.who, record.headline, record.accession_number, record.path, ...(record.drugs || []).flatMap(drug => [drug.name, ...(drug.aliases || [])]),
    ...(record.counterparties || []).flatMap(party => [party.name, party.canonical])].join(" ").toLowerCase();
}
// --- overview
function tally(values) { const counts = new Map(); for (const value of values) counts.set(value, (counts.get(value) || 0) + 1); return counts; }
const fewest = 200; // rows of a card
function card(title, total, ...children) {
  if (total > fewest) children.push(el("p", { className: "dim" }, `the first ${fewest} of ${total.toLocaleString("en")}`));
  $("cards").append(el("section", { className: "card", tabIndex: 0, "aria-label": title }, el("h2", {}, title), ...children));
}
function bars(title, counts, byName = false) {
  const entries = [...counts].sort(byName ? (a, b) => a[0] < b[0] ? -1 : 1 : (a, b) => b[1] - a[1]);
  if (!entries.length) return;
  const top = Math.max(...entries.map(entry => entry[1]));
  card(title, entries.length, ...entries.slice(0, fewest).map(([name, count]) => {
    const fill = el("i"); fill.style.width = 100 * count / top + "%";
    return el("div", { className: "bar" }, el("span", { title: name }, words(name)), fill, el("span", {}, count.toLocaleString("en")));
  }));
}
const types = [...tally(records.flatMap(record => record.tags))].sort((a, b) => b[1] - a[1]).map(entry => entry[0]);
function heat(title, keyOf, byName) {
  const rows = new Map();
  for (const record of records) {
    const key = keyOf(record);
    if (!key || !record.tags.length) continue;
    if (!rows.has(key)) rows.set(key, { total: 0, counts: new Map() });
    const row = rows.get(key); row.total += 1;
    for (const tag of record.tags) row.counts.set(tag, (row.counts.get(tag) || 0) + 1);
  }
  if (!rows.size) return;
  const entries = [...rows].sort(byName ? (a, b) => a[0] < b[0] ? -1 : 1 : (a, b) => b[1].total - a[1].total);
  const top = Math.max(...entries.flatMap(([, row]) => [...row.counts.values()]));
  const table = el("table", { className: "heat" }, el("thead", {}, el("tr", {}, el("th", {}), ...types.map(type => el("th", { scope: "col" }, type)))));
  table.append(el("tbody", {}, ...entries.slice(0, fewest).map(([name, row]) => el("tr", {}, el("th", { scope: "row", title: name }, name), ...types.map(type => {
    const count = row.counts.get(type) || 0, cell = el("td", {}, count || "");
    if (count) cell.style.background = `color-mix(in srgb, var(--accent) ${Math.round(10 + 45 * count / top)}%, transparent)`;
    return cell;
  })))));
  card(title, entries.length, table);
  $("cards").lastChild.classList.add("wide");
}
const months = new Set(records.map(record => (record.filed_on || "").slice(0, 7))).size;
bars("Events", tally(records.flatMap(record => record.tags)));
heat(months > 48 ? "Events by year" : "Events by month", record => (record.filed_on || "").slice(0, months > 48 ? 4 : 7), true);
heat("Events by company", record => record.who, false);
bars("Probability of tagged events", tally(records.flatMap(accepted).map(event => { const low = Math.min(9, Math.floor(event.probability * 10)); return `${(low / 10).toFixed(1)} to ${((low + 1) / 10).toFixed(1)}`; })), true);
bars("Status", tally(records.map(record => record.status)));
bars("Warnings", tally(records.flatMap(codes)));
bars("Failures", tally(records.filter(record => record.error).map(record => record.error.code)));
// --- table
const last = "\uffff"; // sorts behind every name
const columns = [["company", r => r.who.toLowerCase()], ["filed", r => r.filed_on || ""], ["headline", r => (r.headline || last).toLowerCase()],
  ["events", r => r.primary_event || last], ["counterparties", r => (r.counterparties || []).length ? r.counterparties[0].canonical.toLowerCase() : last],
  ["drugs", r => (r.drugs || []).length ? r.drugs[0].name.toLowerCase() : last], ["status", r => r.status]];
let sort = [1, -1], shown = [], drawn = 0;
columns.forEach(([name], index) => $("head").append(el("th", { scope: "col" }, el("button", { type: "button", onclick: () => { sort = [index, sort[0] === index ? -sort[1] : 1]; refresh(); } }, name))));
for (const [id, values] of [["event", types], ["status", records.map(r => r.status)], ["warning", records.flatMap(codes)]])
  for (const value of [...new Set(values)].sort()) { const option = el("option", {}, words(value)); option.value = value; $(id).append(option); }
function some(items, limit) { return items.length > limit ? [...items.slice(0, limit), el("div", { className: "dim" }, `+${items.length - limit} more`)] : items; }
function row(record, index) {
  const tags = accepted(record).map(event => el("span", { className: "tag" }, `${event.type} ${event.probability.toFixed(2)}`));
  const parties = (record.counterparties || []).map(party => el("div", {}, party.canonical, " ", el("span", { className: "dim" }, `(${words(party.role)})`)));
  const drugs = (record.drugs || []).map(drug => el("div", {}, drug.name));
  const state = record.error ? el("span", { className: "bad" }, `failed: ${record.error.code}`) : el("span", { className: { review: "warn", no_release: "dim" }[record.status] || "" }, words(record.status));
  const line = el("tr", { tabIndex: 0 }, el("td", {}, record.who), el("td", {}, record.filed_on || ""), el("td", {}, record.headline || (record.error ? record.error.message : record.exhibit_reason) || ""), el("td", {}, ...tags),
    el("td", {}, ...some(parties, 4)), el("td", {}, ...some(drugs, 5)), el("td", {}, state, ...codes(record).filter(code => code !== "exhibit-refused").map(code => el("div", { className: "dim" }, code))));
  line.onclick = () => openRelease(index);
  line.onkeydown = event => {
    const to = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); openRelease(index); }
    else if (to) { event.preventDefault(); to.focus(); }
  };
  return line;
}
function draw(count) {
  $("rows").append(...shown.slice(drawn, drawn + count).map((record, index) => row(record, drawn + index)));
  drawn = Math.min(drawn + count, shown.length);
  $("more").textContent = drawn < shown.length ? `${drawn.toLocaleString("en")} of ${shown.length.toLocaleString("en")} drawn; scroll for more` : "";
}
function refresh() {
  const query = $("query").value.toLowerCase().split(/\s+/).filter(Boolean), event = $("event").value, status = $("status").value, warning = $("warning").value;
  shown = records.filter(r => query.every(word => r.hay.includes(word)) && (!event || r.tags.includes(event)) && (!status || r.status === status) && (!warning || codes(r).includes(warning)));
  const key = columns[sort[0]][1];
  shown.sort((a, b) => { const x = key(a), y = key(b); return x < y ? -sort[1] : x > y ? sort[1] : 0; });
  [...$("head").children].forEach((th, index) => th.setAttribute("aria-sort", index === sort[0] ? (sort[1] > 0 ? "ascending" : "descending") : "none"));
  $("shown").textContent = shown.length === records.length ? `all ${records.length.toLocaleString("en")} shown` : `${shown.length.toLocaleString("en")} of ${records.length.toLocaleString("en")} shown`;
  $("rows").replaceChildren(); drawn = 0; draw(100);
}
for (const id of ["query", "event", "status", "warning"]) $(id).addEventListener("input", refresh);
new IntersectionObserver(entries => { if (entries[0].isIntersecting && drawn < shown.length) draw(200); }, { rootMargin: "600px" }).observe($("more"));
document.addEventListener("keydown", event => {
  if ($("pane").open) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step && !event.altKey && shown[current + step]) { event.preventDefault(); openRelease(current + step); }
  } else if (event.key === "/" && !/INPUT|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); $("query").focus(); }
});
// --- one release
let current = 0;
function names(record) {
  const list = [];
  for (const drug of record.drugs || []) for (const m of drug.mentions || []) list.push({ start: m.start, end: m.end, kind: "drug", label: drug.kind });
  for (const party of record.counterparties || []) for (const m of party.mentions || []) list.push({ start: m.start, end: m.end, kind: "party", label: words(party.role) });
  for (const term of record.terms || []) for (const m of term.mentions || []) list.push({ start: m.start, end: m.end, kind: "term", label: words(term.kind) });
  return list;
}
// Offsets count Unicode characters, JavaScript counts UTF-16 units: cut by characters.
function marked(characters, start, end, found, evidence) {
  const cuts = [start, end, ...found.flatMap(s => [s.start, s.end]), ...evidence.flatMap(s => [s.start, s.end])].filter(c => c >= start && c <= end);
  const points = [...new Set(cuts)].sort((a, b) => a - b), out = [];
  for (let i = 0; i + 1 < points.length; i++) {
    const [from, to] = [points[i], points[i + 1]];
    let node = visible(characters.slice(from, to).join(""));
    const name = found.find(s => s.start <= from && to <= s.end);
    if (name) { node = el("mark", { className: name.kind, title: name.label }, node); if (to === name.end) node.append(el("sup", {}, name.label)); }
    if (evidence.some(s => s.start <= from && to <= s.end)) node = el("mark", { className: "evidence" }, node);
    out.push(node);
  }
  return out;
}
function trimmed(characters, section) { // the blank lines between two sections show nothing
  let end = section.end;
  while (end > section.start && /\s/.test(characters[end - 1])) end--;
  return end;
}
function openRelease(index) {
  current = index;
  const record = shown[index], pane = $("pane"), body = el("div", { className: "pane" });
  const add = (name, attributes, ...children) => body.append(el(name, attributes, ...children));
  const close = el("button", { type: "button", onclick: () => pane.close() }, "Close (Esc)");
  const step = (by, label, name) => el("button", { type: "button", "aria-label": name, disabled: !shown[index + by], onclick: () => openRelease(index + by) }, label);
  add("header", {}, el("h2", { id: "pane-title" }, record.headline || "(no headline)"), step(-1, "←", "Previous release"), step(1, "→", "Next release"), close);
  const facts = [record.who, record.filed_on, record.form_type, record.items && "items " + record.items.join(", "), record.exhibit, record.exhibit_reason, record.accession_number, record.status && words(record.status), record.model_version && "model " + record.model_version];
  add("p", { className: "dim" }, facts.filter(Boolean).join(" · "));
  const whole = record.exhibit_end === undefined && !record.exhibit_start;
  add("p", { className: "dim" }, (record.path || "not from a file") + (whole ? "" : `, exhibit in bytes ${record.exhibit_start || 0} to ${record.exhibit_end === undefined ? "the end" : record.exhibit_end}`));
  if (record.error) add("p", { className: "bad" }, `failed at ${record.error.stage}: ${record.error.code}: ${record.error.message}`);
  for (const event of accepted(record)) {
    const meter = el("meter", { min: 0, max: 1, "aria-label": event.type }); meter.value = event.probability;
    add("div", {}, meter, ` ${event.probability.toFixed(2)} `, el("strong", {}, event.type), " ", (event.subtypes || []).join(", "), event.type === "trial" && record.trial_outcome ? `, outcome: ${words(record.trial_outcome)}` : "");
    for (const e of event.evidence || []) add("blockquote", {}, e.text.trim(), el("small", { className: "dim" }, `characters ${e.start} to ${e.end}` +
      (e.byte_start === undefined ? (e.byte_note ? `; bytes not told: ${e.byte_note}` : "") : `, bytes ${e.byte_start} to ${e.byte_end} of the file`)));
  }
  const others = (record.events || []).filter(event => !event.accepted && event.probability >= 0.05);
  if (others.length) add("p", { className: "dim" }, "not tagged: " + others.map(event => `${event.type} ${event.probability.toFixed(2)}`).join(", "));
  if (record.byte_note) add("p", { className: "warn" }, `byte ranges of the evidence are missing: ${record.byte_note}`);
  const list = (title, kind, items) => { if (items.length) add("p", {}, el("strong", {}, title + " "), ...items.map(item => el("span", { className: "tag " + kind }, item))); };
  list("Counterparties", "party", (record.counterparties || []).map(p => `${p.name} (${words(p.role)})`));
  list("Drugs", "drug", (record.drugs || []).map(d => [d.name, ...(d.aliases || [])].join(" = ")));
  list("Terms", "term", (record.terms || []).map(t => `${words(t.kind)}: ${t.value}`));
  for (const warning of record.warnings || []) add("p", { className: "warn" }, `${warning.code}: ${warning.message}`);
  if (record.text) {
    const characters = [...record.text], found = names(record), evidence = accepted(record).flatMap(event => event.evidence || []);
    for (const section of record.sections || [{ kind: "text", start: 0, end: characters.length }]) {
      const near = s => s.start < section.end && s.end > section.start;
      add("div", { className: "section", "data-kind": section.kind }, el("small", {}, words(section.kind)), ...marked(characters, section.start, trimmed(characters, section), found.filter(near), evidence.filter(near)));
    }
  } else if (record.tags.length) add("p", { className: "dim" }, "The text is not in these results: score with --with-text to see it here.");
  pane.replaceChildren(body);
  pane.onclose = () => { while (drawn <= current) draw(200); $("rows").children[current].focus(); };
  if (!pane.open) pane.showModal();
  pane.scrollTop = 0; close.focus();
}
$("count").textContent = `${many(records.length, "record")}, ${many(records.filter(r => r.tags.length).length, "release")} tagged`;
refresh();

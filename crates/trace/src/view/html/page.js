"use strict";
// The page of a recording. Events lie in columns of numbers; what a moment looks like (frames, locals, operand stacks) is
// found by replaying from the nearest earlier landmark, so that stepping back costs what stepping forward does.
const D = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const KINDS = D.kinds, K = Object.fromEntries(KINDS.map((k, i) => [k, i]));

function decode(text) {
  const raw = atob(text), out = [];
  let value = 0, scale = 1;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw.charCodeAt(i);
    value += (byte & 127) * scale;
    if (byte & 128) scale *= 128; else { out.push(value); value = 0; scale = 1; }
  }
  return out;
}
const C = {};
for (const name of ["kind", "time", "thread", "frame", "x", "count", "pool"]) C[name] = decode(D.columns[name]);
const N = C.kind.length;
{ let t = 0; for (let i = 0; i < N; i++) C.time[i] = t += C.time[i]; }
const START = new Array(N + 1); { let s = 0; for (let i = 0; i < N; i++) { START[i] = s; s += C.count[i]; } START[N] = s; }
const str = (i) => D.strings[i];
const val = (i) => D.values[i];
const valText = (v) => v === undefined || v === null ? "(unbound)" : typeof v === "string" ? v : v[2];
const items = (i) => C.pool.slice(START[i], START[i + 1]);
const frameOf = new Map(D.frames.map((f) => [f[0], { id: f[0], code: f[1], by: f[2], thread: f[3], address: f[4], size: f[5], slots: f[6] }]));
const codeOf = new Map(D.codes.map((c) => [c.id, c]));
const codeAt = (frame) => { const f = frameOf.get(frame); return f && codeOf.get(f.code); };

// Figures for people.
const si = (v, units, base) => { let u = 0; while (v >= base && u < units.length - 1) { v /= base; u++; } return (u ? v.toPrecision(3) : String(Math.round(v))) + " " + units[u]; };
const time = (ns) => si(ns, ["ns", "µs", "ms", "s"], 1000);
const clock = (ns) => (D.meta.end < 1e7 ? (ns / 1e3).toFixed(1) + " µs" : D.meta.end < 2e10 ? (ns / 1e6).toFixed(3) + " ms" : (ns / 1e9).toFixed(4) + " s");
const bytes = (n) => (n < 0 ? "−" : "") + si(Math.abs(n), ["B", "KiB", "MiB", "GiB", "TiB"], 1024);
const num = (n) => Number(n || 0).toLocaleString("en").replace(/,/g, "\u202f");
const hex = (n) => "0x" + Number(n).toString(16);
const tail = (path) => path.split("/").pop();
function el(tag, props, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props || {})) if (k === "class") e.className = v; else if (k.startsWith("on")) e[k] = v; else if (k === "style") e.style.cssText = v; else e.setAttribute(k, v);
  for (const c of children.flat()) if (c !== null && c !== undefined) e.append(c);
  return e;
}
const fill = (parent, ...children) => { parent.replaceChildren(...children.flat().filter((c) => c !== null && c !== undefined)); };
const hue = (i) => `hsl(${(188 + i * 47) % 360} 48% 38%)`;

// The moment: replay with landmarks.
const EVERY = 512, landmarks = [];
const empty = () => ({ stacks: {}, locals: {}, ops: {}, module: {}, out: 0, line: {}, at: {} });
const copy = (s) => ({ stacks: { ...s.stacks }, locals: { ...s.locals }, ops: { ...s.ops }, module: s.module, out: s.out, line: { ...s.line }, at: { ...s.at } });
function changed(s, f, list, from) {
  if (from >= list.length) return;
  const l = { ...(s.locals[f] || {}) };
  for (let i = from; i + 1 < list.length; i += 2) { const name = str(list[i]); if (list[i + 1] === 0) delete l[name]; else l[name] = list[i + 1] - 1; }
  s.locals[f] = l;
}
function play(s, i) {
  const kind = KINDS[C.kind[i]], f = C.frame[i], th = C.thread[i];
  const stack = s.stacks[th] || [];
  const settle = (frame) => { const at = stack.lastIndexOf(frame); if (at >= 0 && at < stack.length - 1) s.stacks[th] = stack.slice(0, at + 1); };
  switch (kind) {
    case "call": {
      const by = frameOf.get(f)?.by, at = by ? stack.lastIndexOf(by) : -1;
      s.stacks[th] = (at >= 0 ? stack.slice(0, at + 1) : by ? [...stack, by] : stack).concat(f);
      s.locals[f] = {}; changed(s, f, items(i), 0); break;
    }
    case "resume": s.stacks[th] = stack.concat(f); break;
    case "return": case "unwind": case "suspend": {
      const at = stack.lastIndexOf(f); if (at >= 0) s.stacks[th] = stack.slice(0, at);
      if (kind !== "suspend") { delete s.locals[f]; delete s.ops[f]; delete s.line[f]; delete s.at[f]; }
      break;
    }
    case "line": if (!stack.includes(f)) s.stacks[th] = stack.concat(f); else settle(f); s.line[f] = C.x[i]; changed(s, f, items(i), 0); break;
    case "step": {
      if (!stack.includes(f)) s.stacks[th] = stack.concat(f); else settle(f);
      const list = items(i), n = list[0]; s.ops[f] = list.slice(1, 1 + n); s.at[f] = C.x[i]; changed(s, f, list, 1 + n);
      const l = lineOf(f, C.x[i]); if (l) s.line[f] = l; break;
    }
    case "namespace": { const list = items(i); s.module = { ...s.module }; if (list[1]) s.module[str(list[0])] = list[1] - 1; else delete s.module[str(list[0])]; break; }
    case "gap": s.stacks = {}; break;
  }
  if (kind === "output") s.out = i + 1;
}
function moment(i) {
  let k = Math.min(Math.floor(i / EVERY), landmarks.length - 1), s, at;
  if (k < 0) { s = empty(); at = 0; landmarks[0] = copy(s); k = 0; } else { s = copy(landmarks[k]); at = k * EVERY; }
  for (; at <= i; at++) { if (at % EVERY === 0 && landmarks[at / EVERY] === undefined) landmarks[at / EVERY] = copy(s); play(s, at); }
  return s;
}
const offsets = new Map();
function instruction(frame, offset) {
  const f = frameOf.get(frame); if (!f) return;
  const listing = D.listings[f.code]; if (!listing) return;
  let map = offsets.get(f.code); if (!map) offsets.set(f.code, map = new Map(listing.b.map((r) => [r[0], r])));
  return map.get(offset);
}
const lineOf = (frame, offset) => instruction(frame, offset)?.[1];

// The text of the object at an address, as an event before this one showed it.
const byAddress = new Map(); D.values.forEach((v) => { if (typeof v !== "string") byAddress.set(v[0], (byAddress.get(v[0]) || []).concat([v])); });
function textAt(address, i) { const all = byAddress.get(address); return all ? (all.length === 1 ? all[0][2] + " at " : all[0][1] + " at ") + hex(address) : hex(address); }

// What an event says, in words.
function words(i) {
  const kind = KINDS[C.kind[i]], f = C.frame[i], x = C.x[i], p = items(i), code = codeAt(f), fn = code ? code.name : "?";
  const pairs = (from) => { const out = []; for (let j = from; j + 1 < p.length; j += 2) out.push(`${str(p[j])}=${p[j + 1] ? valText(val(p[j + 1] - 1)) : "(unbound)"}`); return out.join(", "); };
  switch (kind) {
    case "line": { const text = code && sourceLine(code.file, x); return [`${code ? tail(code.file) : "?"}:${x}`, (text || "").trim() + (p.length ? "   " + pairs(0) : "")]; }
    case "step": { const ins = instruction(f, x), n = p[0]; const st = p.slice(1, 1 + n).map((v) => v ? valText(val(v - 1)) : "NULL").join(", "); return [ins ? `${ins[2]}${ins[4] ? " " + ins[4] : ins[3] !== null ? " " + ins[3] : ""}` : `at ${x}`, `[${st}]` + (p.length > 1 + n ? "   " + pairs(1 + n) : "")]; }
    case "call": return [`→ ${fn}(${pairs(0)})`, frameOf.get(f)?.address ? `frame at ${hex(frameOf.get(f).address)}, ${frameOf.get(f).size} B, ${frameOf.get(f).slots} slots` : ""];
    case "return": return [`← ${fn} returns`, valText(val(p[0]))];
    case "unwind": return [`← ${fn} is left by`, valText(val(p[0]))];
    case "suspend": return [`⇠ ${fn} yields`, valText(val(p[0]))];
    case "resume": return [`⇢ ${fn} goes on`, p.length ? "with " + valText(val(p[0])) : ""];
    case "native": return [`${str(p[0])}(${p.slice(2).map((v) => valText(val(v))).join(", ")})`, (p[1] ? "= " + valText(val(p[1] - 1)) : "") + (x ? "  " + time(x) : "")];
    case "raise": return [(p[2] ? "passes through: " : "raises ") + str(p[0]), str(p[1])];
    case "caught": return [`${str(p[0])} is caught`, `in ${fn}, line ${x}`];
    case "name": return [str(p[0]), `asked ${p.slice(4).map(str).join(", then ")}; found in ${str(p[1]) || "nowhere"}${str(p[3]) ? ", " + str(p[3]) : ""}${p[2] ? ", answered by the cache" : ""}`];
    case "path": return [str(p[0]), `${str(p[1])}${str(p[2]) ? ", guard: " + str(p[2]) : ""}${str(p[3]) ? ", cache " + str(p[3]) : ""}`];
    case "function": return [`makes ${str(p[0])}`, ""];
    case "output": return [`write(${x}, ${JSON.stringify(str(p[0]))}, ${p[1]})`, time(p[2])];
    case "namespace": return [`${str(p[0])}`, p[1] ? "= " + valText(val(p[1] - 1)) : "is deleted"];
    case "alloc": case "free": return [str(p[0]), `${bytes(x)} at ${hex(p[1])}`];
    case "count": return [`count ${p[1]} → ${p[2]}`, `of ${textAt(p[0], i)}`];
    default: return [p.map(str).join(" "), x ? time(x) : ""];
  }
}
const sourceLines = new Map();
function sourceOf(file) { if (!sourceLines.has(file)) sourceLines.set(file, D.sources[file] === undefined ? null : D.sources[file].replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/)); return sourceLines.get(file); }
const sourceLine = (file, line) => sourceOf(file)?.[line - 1];

// A list of which only the visible rows exist.
function virtual(box, height, draw, cls) {
  const inner = el("div", { class: "rows " + cls }); fill(box, inner);
  let total = 0, drawn = "";
  const paint = (force) => {
    const from = Math.max(0, Math.floor(box.scrollTop / height) - 8), to = Math.min(total, Math.ceil((box.scrollTop + box.clientHeight) / height) + 8);
    const key = from + "-" + to; if (!force && key === drawn) return; drawn = key;
    const rows = []; for (let i = from; i < to; i++) { const r = draw(i); r.style.top = i * height + "px"; rows.push(r); }
    fill(inner, rows);
  };
  box.addEventListener("scroll", () => paint(false), { passive: true });
  new ResizeObserver(() => paint(true)).observe(box);
  return {
    show(n) { total = n; inner.style.height = n * height + "px"; paint(true); },
    reveal(i) { const y = i * height; if (y < box.scrollTop + height || y > box.scrollTop + box.clientHeight - 2 * height) box.scrollTop = Math.max(0, y - box.clientHeight / 2); paint(true); },
  };
}

// Costs beside lines.
const costNames = D.cost_names, COST = Object.fromEntries(costNames.map((n, i) => [n, i]));
const lineCosts = new Map(); let mostTime = 1;
for (const [code, line, ...c] of D.costs.lines) {
  const file = codeOf.get(code)?.file; if (!file || !line) continue; const key = file + ":" + line; const old = lineCosts.get(key);
  lineCosts.set(key, old ? old.map((v, i) => v + c[i]) : c); mostTime = Math.max(mostTime, lineCosts.get(key)[COST.time]);
}

let now = 0, state = empty(), previous = null, chosen = null, sourceList, eventList, sourceFile = null;
function drawSourceRow(i) {
  const file = sourceFile, frame = chosen, line = i + 1, lit = file && codeAt(frame)?.file === file && state.line[frame] === line;
  const cost = lineCosts.get(file + ":" + line), text = sourceOf(file)?.[i] ?? "";
  let shown = [text];
  const ins = lit && state.at[frame] !== undefined && instruction(frame, state.at[frame]);
  if (ins && ins[5] && ins[5][0] === line && ins[5][2] > ins[5][1]) { const [, a, b] = ins[5]; shown = [text.slice(0, a), el("mark", {}, text.slice(a, b)), text.slice(b)]; }
  return el("div", { class: "r" + (lit ? " lit" : "") }, el("span", { class: "no" }, String(line)),
    el("span", { class: "cost", title: cost ? costNames.map((n, j) => `${n}: ${n === "time" || n === "GIL wait" ? time(cost[j]) : num(cost[j])}`).join("\n") : "" }, cost ? (cost[COST.time] ? time(cost[COST.time]) : num(cost[COST.instructions] || cost[COST.runs]) + "×") : "", cost ? el("i", { class: "heat", style: `width:${Math.max(2, 100 * cost[COST.time] / mostTime)}%` }) : null),
    el("span", { class: "text" }, shown));
}
function drawEventRow(i) {
  const [what, more] = words(i), kind = KINDS[C.kind[i]], depth = depthOf(i);
  const r = el("div", { class: "r" + (i === now ? " lit" : "") }, el("span", { class: "t" }, clock(C.time[i])), el("span", { class: "k " + kind }, kind), el("span", { class: "text" }, "\u00a0".repeat(Math.min(depth, 16) * 2), what, " ", el("span", { class: "value" }, more)));
  r.onclick = () => go(i); return r;
}
const depths = new Map();
function depthOf(i) { let f = C.frame[i]; if (KINDS[C.kind[i]] === "call") f = frameOf.get(f)?.by; const path = []; while (f && !depths.has(f) && path.length < 5000) { path.push(f); f = frameOf.get(f)?.by; } let d = f && depths.has(f) ? depths.get(f) + 1 : 0; for (const p of path.reverse()) depths.set(p, d++); const g = KINDS[C.kind[i]] === "call" ? frameOf.get(C.frame[i])?.by : C.frame[i]; return g ? depths.get(g) || 0 : 0; }

function drawCode() {
  const f = frameOf.get(chosen), listing = f && D.listings[f.code], box = $("code"), code = f && codeOf.get(f.code);
  $("code-name").textContent = code ? `${code.name}, line ${code.line}` : "";
  if (!listing) { box._code = null; fill(box, el("p", { class: "soft", style: "padding:10px" }, code ? "The instructions of this function were not recorded (--function, --full)." : "No frame is chosen.")); return; }
  if (box._code !== f.code) {
    box._code = f.code; let line = 0; const byOffset = new Map();
    for (const [w, o, text] of listing.w) (byOffset.get(o) || byOffset.set(o, []).get(o)).push(`${String(w).padStart(3)} ${text.replace(/ +/g, " ")}`);
    const rows = listing.b.map(([o, l, op, a, meaning]) => {
      const first = l && l !== line; if (l) line = l;
      return el("tr", { class: first ? "first" : "", "data-o": o }, el("td", { class: "no" }, first ? String(l) : ""), el("td", { class: "no" }, String(o)), el("td", { class: "op", title: meaning || "" }, op, a !== null ? " " : "", el("span", { class: "value" }, meaning || (a !== null ? String(a) : ""))), el("td", { class: "low" }, (byOffset.get(o) || []).join("\n")));
    });
    fill(box, el("table", { class: "code" }, el("colgroup", {}, [38, 42].map((w) => el("col", { style: `width:${w}px` })), el("col", { style: "width:46%" }), el("col")), el("tbody", {}, rows)));
    box._rows = new Map(rows.map((r) => [Number(r.dataset.o), r])); box._lit = null;
  }
  if (box._lit) box._lit.classList.remove("lit");
  const at = state.at[chosen], row = at === undefined ? undefined : box._rows.get(at);
  if (row) { row.classList.add("lit"); const y = row.offsetTop; if (y < box.scrollTop || y > box.scrollTop + box.clientHeight - 30) box.scrollTop = y - box.clientHeight / 2; }
  box._lit = row;
}
const PLAIN = new Set(["__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtins__", "__file__", "__cached__", "__annotations__"]); let showAll = false;
function drawState() {
  const stack = state.stacks[C.thread[now]] || [], box = $("state"), parts = [];
  $("frame-count").textContent = stack.length ? `${stack.length} deep` + (C.thread[now] > 1 ? `, thread ${C.thread[now]}` : "") : "";
  const shown = stack.slice(-40).reverse();
  for (const f of shown) {
    const frame = frameOf.get(f), code = codeAt(f), locals = state.locals[f] || {}, before = previous?.locals[f] || {}, ops = state.ops[f];
    const pairs = Object.entries(code?.name === "<module>" && !Object.keys(locals).length ? state.module : locals);
    const old = code?.name === "<module>" && !Object.keys(locals).length ? previous?.module || {} : before;
    const own = pairs.filter(([n]) => showAll || !PLAIN.has(n)), hidden = pairs.length - own.length;
    const list = own.slice(0, 60).flatMap(([n, v]) => [el("dt", {}, n), el("dd", { class: old[n] !== v ? "new" : "", title: typeof val(v) === "string" ? "immediate" : `${val(v)[1]} at ${hex(val(v)[0])}` }, valText(val(v)))]);
    const top = el("div", { class: "top" }, el("b", {}, code ? code.name : "(not recorded)"), el("span", { class: "soft" }, (code ? `${tail(code.file)}:${state.line[f] || code.line}` : "") + (frame?.address ? ` · ${hex(frame.address)} · ${frame.size} B` : "")));
    top.onclick = () => { chosen = f; refresh(); };
    parts.push(el("div", { class: "frame" + (f === chosen ? " now" : "") }, top, list.length ? el("dl", {}, list) : null,
      hidden ? el("button", { class: "more", onclick: () => { showAll = true; drawState(); } }, `and ${hidden} names that every module has`) : null,
      ops ? el("div", { class: "opstack", title: "operand stack, top at the right" }, el("span", { class: "soft" }, "stack"), ops.length ? ops.map((v, i) => el("span", { class: "slot" + (i === ops.length - 1 ? " top" : "") }, v ? valText(val(v - 1)) : "NULL")) : el("span", { class: "soft" }, "empty")) : null));
  }
  if (stack.length > 40) parts.push(el("p", { class: "soft", style: "padding:4px 12px" }, `… and ${stack.length - 40} below`));
  if (!parts.length) parts.push(el("p", { class: "soft", style: "padding:10px" }, "No Python frame at this moment."));
  if (state.out) {
    let text = ""; for (let i = outputs.length - 1; i >= 0 && text.length < 4000; i--) if (outputs[i] < state.out) text = str(items(outputs[i])[0]) + text;
    parts.push(el("div", { class: "out" }, el("h2", {}, "Output so far"), el("pre", { class: "mono" }, text)));
  }
  fill(box, parts);
}
const outputs = []; for (let i = 0; i < N; i++) if (C.kind[i] === K.output) outputs.push(i);

function refresh() {
  const code = codeAt(chosen), file = code?.file;
  if (file !== sourceFile) { sourceFile = file; $("source-name").textContent = file ? tail(file) : ""; if (file && !sourceOf(file)) $("source-name").textContent += " (source not recorded)"; sourceList.show(file && sourceOf(file) ? sourceOf(file).length : 0); }
  if (state.line[chosen]) sourceList.reveal(state.line[chosen] - 1); else sourceList.show(sourceFile && sourceOf(sourceFile) ? sourceOf(sourceFile).length : 0);
  drawCode(); drawState();
}
function go(i, quiet) {
  if (!N) return;
  now = Math.max(0, Math.min(N - 1, i));
  previous = now > 0 ? moment(now - 1) : empty(); state = moment(now);
  const stack = state.stacks[C.thread[now]] || [];
  chosen = stack.length ? stack[stack.length - 1] : C.frame[now] || null;
  const [what, more] = words(now), kind = KINDS[C.kind[now]];
  fill($("says"), el("span", { class: "soft" }, kind + "  "), el("b", {}, what), " ", el("span", { class: "value" }, more));
  $("slider").value = now; $("where").textContent = `${num(now + 1)} of ${num(N)} · ${clock(C.time[now])}`;
  if (C.time[now] < view[0] || C.time[now] > view[1]) look(C.time[now] - (view[1] - view[0]) / 2, C.time[now] + (view[1] - view[0]) / 2); else placeCursor();
  document.body.dataset.now = now;
  refresh(); eventList.reveal(now);
  if (!quiet && (tab === "heap" || tab === "environments")) views[tab]();
}
const grains = { all: () => true, step: (k) => k === K.step || k === K.call || k === K.return, line: (k) => k === K.line, call: (k) => k === K.call || k === K.return || k === K.unwind || k === K.suspend || k === K.resume };
function seek(direction, wanted) { let i = now + direction; while (i >= 0 && i < N && !wanted(C.kind[i], i)) i += direction; if (i >= 0 && i < N) go(i); }
const step = (d) => seek(d, grains[$("grain").value]);
const lineStep = (d) => { const seen = state.line[chosen], f = chosen; seek(d, (k, i) => k === K.line || (k === K.step && lineOf(C.frame[i], C.x[i]) && (C.frame[i] !== f || lineOf(C.frame[i], C.x[i]) !== seen))); };
const callStep = (d) => { const f = chosen; seek(d, (k, i) => C.frame[i] === f && (d < 0 ? k === K.call || k === K.resume : k === K.return || k === K.unwind || k === K.suspend)); };
function find(from) { const q = $("search").value.toLowerCase(); if (!q) return; for (let n = 0; n < N; n++) { const i = (from + n) % N; const [a, b] = words(i); if ((KINDS[C.kind[i]] + " " + a + " " + b).toLowerCase().includes(q)) { go(i); return; } } }

// The other views.
const table = (heads, rows, numeric = new Set()) => el("div", { class: "scroll" }, el("table", { class: "data" }, el("thead", {}, el("tr", {}, heads.map((h, i) => el("th", { class: numeric.has(i) ? "n" : "" }, h)))), el("tbody", {}, rows.map((r) => el("tr", {}, r.map((c, i) => el("td", { class: numeric.has(i) ? "n" : "" }, c)))))));
const facts = (pairs) => el("dl", { class: "facts" }, pairs.filter(([, v]) => v !== undefined && v !== "" && v !== null).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]));
const inner = (t) => document.querySelector(`#tab-${t} .inner`);
const views = {
  step() {},
  stages() {
    const out = [];
    D.stages.forEach((s, i) => {
      const parts = D.parts.filter((p) => p[0] === i);
      out.push(el("div", { class: "stagecard" }, el("div", { class: "top" }, el("span", { class: "badge", style: `background:${hue(i)}` }, s.number), el("b", {}, s.name), el("span", { class: "soft" }, s.summary), el("span", { style: "margin-left:auto" }, s.spans.length ? time(s.spans.reduce((a, b) => a + b[1], 0)) : "not recorded")),
        s.spans.length ? facts([["begun at", time(s.spans[0][0])], ["objects", s.objects ? num(s.objects) : ""], ["memory", s.bytes ? bytes(s.bytes) : ""], ["", s.detail]].filter(([k, v]) => v)) : null,
        parts.length ? table(["step", "time", "objects", "bytes", ""], parts.map((p) => [p[1], time(p[3]), p[4] ? num(p[4]) : "", p[5] ? bytes(p[5]) : "", p[6]]), new Set([1, 2, 3])) : null));
    });
    if (D.imports.length) { out.push(el("h3", {}, `Imports (${D.imports.length})`)); out.push(table(["module", "own time", "with imports inside", "from", "why"], D.imports.map((m) => ["\u00a0".repeat(2 * (m.depth || 0)) + m.name, time(m.own || 0), time(m.dur || 0), m.origin || "", m.verdict || ""]), new Set([1, 2]))); }
    fill(inner("stages"), out);
  },
  compile() {
    const out = [];
    for (const t of D.tokens) { out.push(el("h3", {}, `Tokens of ${tail(t.file)} (${num((t.tokens || []).length)})`)); out.push(el("pre", { class: "dump" }, (t.tokens || []).slice(0, 4000).map(([k, s, a, b, c, d]) => `${`${a},${b}-${c},${d}:`.padEnd(20)}${k.padEnd(15)}${JSON.stringify(s)}`).join("\n"))); }
    for (const t of D.asts) { out.push(el("h3", {}, `Syntax tree of ${tail(t.file)}`)); out.push(el("pre", { class: "dump" }, t.dump)); }
    for (const t of D.symbols) { out.push(el("h3", {}, `Symbol table of ${tail(t.file)}`)); out.push(el("pre", { class: "dump" }, t.dump)); }
    for (const c of D.codes) if (D.listings[c.id]) {
      const l = D.listings[c.id]; out.push(el("h3", {}, `Code object ${c.name}`)); out.push(el("p", { class: "soft" }, `${c.file}, line ${c.line}; stack ${c.stack || 0}${l.flags ? "; " + l.flags : ""}`));
      out.push(el("pre", { class: "dump" }, l.dis)); out.push(el("p", { class: "soft" }, "lowered: word, byte offset of the bytecode, instruction")); out.push(el("pre", { class: "dump" }, l.w.map(([w, o, t]) => `${String(w).padStart(5)} ${String(o).padStart(5)}  ${t}`).join("\n")));
    }
    fill(inner("compile"), out.length ? out : el("p", { class: "soft" }, "Nothing of the compilation was recorded."));
  },
  // The seven environments that exist at the current step, each inside the one before.
  environments() {
    const thread = C.thread[now], stack = state.stacks[thread] || [], code = codeAt(chosen), h = D.hardware, c = D.command;
    const chosenMoment = (list) => list.find((p) => (p.moment || "").startsWith("line ")) || list.find((p) => p.moment === "ready") || list[list.length - 1];
    const p = chosenMoment(D.processes), heap = chosenMoment(D.heaps), boot = D.stages.find((s) => s.name === "bootstrap");
    const names = Object.entries(state.module).filter(([n]) => !PLAIN.has(n)), listing = code && D.listings[code.id], ins = state.at[chosen] !== undefined && instruction(chosen, state.at[chosen]);
    const reached = new Map(); const reach = (v) => { const x = val(v); if (Array.isArray(x)) reached.set(x[0], x); };
    for (const [, v] of names) reach(v); for (const f of stack) { Object.values(state.locals[f] || {}).forEach(reach); (state.ops[f] || []).forEach((v) => v && reach(v - 1)); }
    const chip = (text, title) => el("span", { class: "slot", title: title || "" }, text);
    const levels = [
      ["Hardware", h ? [`${h.processor}, ${h.allowed} of ${h.processors} processors`, `${bytes(h.memory)} of memory`, `caches ${(h.caches || []).map((k) => `L${k.level} ${bytes(k.size)}`).join(", ")}`] : [], [h ? "counters: " + h.counters : ""]],
      ["Process", p ? [`pid ${p.pid}`, `${(p.map || []).length} mappings, ${bytes(p.resident || 0)} resident`, `${(p.descriptors || []).length} descriptors, ${p.threads || 1} threads`] : [], [p ? `as it was at ${p.moment}` : ""]],
      ["Runtime", [`Python ${D.meta.python}`, boot?.spans.length ? `up after ${time(boot.spans[0][0] + boot.spans[0][1])}` : "", `${num(D.imports.length)} imports`, `thread ${thread} of ${new Set(C.thread).size}`], [c ? (c.argv || []).join(" ") : ""]],
      ["Compilation", [`${D.codes.length} code objects`, code ? `now ${code.name}, line ${state.line[chosen] || code.line}` : "", ins ? `${ins[2]} at byte ${state.at[chosen]}` : "", listing ? `${listing.b.length} instructions, lowered to ${listing.w.length}` : ""], []],
      ["Module", [`__main__, ${names.length} names`], names.slice(0, 24).map(([n, v]) => chip(`${n} = ${valText(val(v)).slice(0, 40)}`))],
      ["Frames", [`${stack.length} deep`], stack.slice(-12).map((f) => chip(`${codeAt(f)?.name || "?"}${state.line[f] ? ":" + state.line[f] : ""}`, frameOf.get(f)?.address ? hex(frameOf.get(f).address) : ""))],
      ["Heap", [`${reached.size} objects that names refer to`, heap ? `${num((heap.allocations || 0) - (heap.frees || 0))} alive, ${bytes(heap.arena_bytes || 0)} of arenas at ${heap.moment}` : ""], [...reached.values()].slice(0, 24).map((x) => chip(x[2].slice(0, 40), `${x[1]} at ${hex(x[0])}`))],
    ];
    let box = null;
    levels.slice().reverse().forEach(([name, facts, more], i) => { const n = levels.length - 1 - i; box = el("div", { class: "env", style: `--c:${hue(n)}` }, el("div", { class: "top" }, el("b", {}, name), facts.filter(Boolean).map((f) => el("span", {}, f))), more.filter(Boolean).length ? el("div", { class: "opstack plain" }, more.filter(Boolean)) : null, box); });
    fill(inner("environments"), el("p", { class: "soft" }, "The seven environments at the current step, each inside the one before. Step with ← and →."), box);
  },
  heap() {
    const out = [el("p", { class: "soft" }, "What the names of the frames refer to at the current step. Objects with several names have a strong edge. Step with ← and →.")];
    const stack = (state.stacks[C.thread[now]] || []).slice(-8), nodes = new Map(), edges = [];
    const add = (id, label, sub, cls) => { if (!nodes.has(id)) nodes.set(id, { id, label, sub, cls, depth: 0, refs: 0 }); return nodes.get(id); };
    const link = (from, name, v) => { const x = val(v); if (!Array.isArray(x)) { const id = from + "/" + name; add(id, valText(x), "immediate", ""); edges.push([from, id, name]); nodes.get(id).refs++; } else { const id = "o" + x[0]; add(id, x[2], `${x[1]} at ${hex(x[0])}`, ""); edges.push([from, id, name]); nodes.get(id).refs++; } };
    add("module", "__main__", "namespace", "root"); for (const [n, v] of Object.entries(state.module)) if (!PLAIN.has(n)) link("module", n, v);
    for (const f of stack) { const code = codeAt(f); if (code?.name === "<module>" && Object.keys(state.module).length) continue; add("f" + f, code ? code.name : "?", `frame ${f}`, "root"); for (const [n, v] of Object.entries(state.locals[f] || {})) link("f" + f, n, v); (state.ops[f] || []).forEach((v, i) => v && link("f" + f, `stack ${i}`, v - 1)); }
    if (![...nodes.values()].some((n) => n.refs)) out.push(el("p", { class: "soft" }, "No names are bound at this step."));
    out.push(graph(nodes, edges));
    for (const g of D.graphs) {
      out.push(el("h3", {}, `What ${g.root} reaches ${g.moment ? "(" + g.moment + ")" : ""}`)); const ns = new Map();
      for (const [a, ty, text, count, size] of g.nodes || []) ns.set(a, { id: a, label: text || "", sub: `${ty}, count ${count}, ${bytes(size)}`, cls: a === g.nodes[0][0] ? "root" : "", refs: 0 });
      const es = (g.edges || []).filter(([a, b]) => ns.has(a) && ns.has(b)); es.forEach(([, b]) => ns.get(b).refs++); out.push(graph(ns, es)); if (g.cut) out.push(el("p", { class: "soft" }, "There were more objects than were recorded."));
    }
    fill(inner("heap"), out);
  },
  memory() {
    const out = [], maps = [];
    const groups = ["code", "data", "arenas", "heap", "stack", "library", "recorder", "file", "kernel", "other"];
    for (const p of D.processes) {
      const sum = new Map(); for (const m of (p.map ||= [])) { const s = sum.get(m.group) || [0, 0, 0]; s[0] += m.end - m.start; s[1] += m.resident || 0; s[2]++; sum.set(m.group, s); }
      const all = [...sum.values()].reduce((a, s) => a + s[1], 0) || 1;
      maps.push(el("h3", {}, `Memory map at ${p.moment}: ${p.map.length} mappings, ${bytes(p.resident || 0)} resident`));
      maps.push(el("div", { class: "map", role: "img", "aria-label": "resident memory to scale" }, groups.filter((g) => sum.has(g)).map((g) => el("div", { style: `width:${100 * sum.get(g)[1] / all}%;background:${hue(groups.indexOf(g))}`, title: `${g}: ${bytes(sum.get(g)[1])} resident of ${bytes(sum.get(g)[0])}` }))));
      maps.push(el("div", { class: "legend" }, groups.filter((g) => sum.has(g)).map((g) => el("span", { style: `--c:${hue(groups.indexOf(g))}` }, `${g} ${bytes(sum.get(g)[1])} of ${bytes(sum.get(g)[0])}`))));
      maps.push(el("details", {}, el("summary", { class: "soft" }, "all mappings"), table(["addresses", "access", "group", "size", "resident", "what"], p.map.map((m) => [el("span", { class: "mono" }, `${hex(m.start)}–${hex(m.end)}`), m.access, m.group, bytes(m.end - m.start), bytes(m.resident || 0), m.name || ""]), new Set([3, 4]))));
    }
    for (const h of D.heaps) { maps.push(el("h3", {}, `Heap at ${h.moment}`)); maps.push(facts([["objects alive", num((h.allocations || 0) - (h.frees || 0))], ["allocated since the start", num(h.allocations)], ["arenas", bytes(h.arena_bytes || 0)], ["large objects", bytes(h.large_bytes || 0)]])); if (h.pages?.length) maps.push(el("details", {}, el("summary", { class: "soft" }, "pages by the size of their blocks"), table(["block", "pages", "in use", "room", "full"], h.pages.map(([b, n, u, c]) => [bytes(b), num(n), num(u), num(c), Math.round(100 * u / (c || 1)) + " %"]), new Set([0, 1, 2, 3, 4])))); }
    const wordRows = (ws) => table(["address", "raw word", "what", "owner", "value"], ws.map((w) => [el("span", { class: "mono" }, hex(w.address)), el("span", { class: "mono" }, w.raw), w.name, w.owner || "", w.value ? valText(w.value) : ""]));
    for (const f of D.frame_memory) { out.push(el("h3", {}, `Frame of ${f.name} at ${hex(f.address)}, line ${f.line || "?"}${f.moment ? ", at " + f.moment : ""}`)); out.push(wordRows(f.words || [])); }
    for (const o of D.object_memory) { out.push(el("h3", {}, `${o.name}: ${o.ty} at ${hex(o.address)}`)); out.push(facts([["count", o.count === undefined ? "immortal" : num(o.count)], ["block", bytes(o.block || 0)], ["shape", (o.shape || []).join(", ")]])); out.push(wordRows(o.words || [])); if (o.slots?.length) out.push(el("p", { class: "soft" }, "hash table: each slot with the number of its entry"), el("div", { class: "opstack plain" }, o.slots.slice(0, 256).map((n) => el("span", { class: "slot" + (n >= 0 ? " top" : "") }, n === -1 ? "·" : n === -2 ? "deleted" : String(n))))); if (o.table?.length) out.push(table(["index", "key", "value"], o.table.slice(0, 2000).map(([i, k, v]) => [String(i), k ? valText(k) : "", v ? valText(v) : ""]))); }
    for (const p of D.page_memory) { out.push(el("h3", {}, `Page at ${hex(p.address)}: blocks of ${bytes(p.block)}, ${p.used || 0} of ${p.capacity} in use`)); out.push(el("div", { class: "blocks" }, (p.drawing || "").replace(/#/g, "■").replace(/\./g, "□").replace(/-/g, "·"))); }
    if (!D.frame_memory.length && !D.object_memory.length) out.push(el("p", { class: "soft" }, "Frames and objects word by word are recorded with --memory."));
    fill(inner("memory"), out, maps);
  },
  costs() {
    const out = [el("div", { class: "cards" }, D.five.map(([name, meaning, figures]) => el("div", { class: "card" }, el("b", {}, name), el("span", { class: "soft" }, meaning), el("div", { class: "figure" }, figures))))];
    if (D.costs.clock) out.push(el("p", { class: "soft" }, `Time is of ${D.costs.clock}.`));
    const show = (n, v) => (n === "time" || n === "GIL wait" ? time(v) : n === "bytes" ? bytes(v) : num(v));
    const used = costNames.map((n, i) => i).filter((i) => D.costs.lines.some((l) => l[2 + i]) || D.costs.functions.some((f) => f[1 + i]));
    const sortable = (title, heads, rows) => {
      const draw = (by) => { rows.sort((a, b) => (typeof b[by] === "number" ? b[by] - a[by] : String(a[by]).localeCompare(String(b[by])))); const t = table([heads, ...used.map((i) => costNames[i])], rows.slice(0, 500).map((r) => [r[0], ...used.map((i, j) => show(costNames[i], r[1 + j]))]), new Set(used.map((_, j) => j + 1))); [...t.querySelectorAll("th")].forEach((th, j) => { th.title = "sort by this"; th.onclick = () => { const f = draw(j); t.replaceWith(f); }; }); return t; };
      out.push(el("h3", {}, title), draw(1 + Math.max(0, used.indexOf(COST.time))));
    };
    if (D.costs.functions.length) sortable("By function", "function", D.costs.functions.map(([c, ...v]) => [codeOf.get(c)?.name || "?", ...used.map((i) => v[i])]));
    if (lineCosts.size) sortable("By line", "line", [...lineCosts].map(([key, v]) => { const at = key.lastIndexOf(":"); return [`${tail(key)}  ${(sourceLine(key.slice(0, at), Number(key.slice(at + 1))) || "").trim()}`, ...used.map((i) => v[i])]; }));
    fill(inner("costs"), out);
  },
  system() {
    const out = [], c = D.command, h = D.hardware;
    if (c) {
      out.push(el("h3", {}, "Command")); out.push(facts([["argv", el("code", {}, JSON.stringify(c.argv))], ["working directory", c.cwd], ["executable", c.executable], ["found", (c.search || []).map(([p, v]) => `${p}: ${v}`).join("; ")], ["started by", c.parent ? `${c.parent.name} (pid ${c.parent.pid}) ${c.parent.command || ""}` : ""]]));
      out.push(table(["variable", "value", "what it does"], (c.environment || []).map(([n, v, e]) => [n, v === null ? "(not set)" : v, e])));
    }
    for (const p of D.processes.slice(0, 1)) {
      out.push(el("h3", {}, "Process")); out.push(facts([["pid", `${p.pid}, parent ${p.ppid}`], ["executable", p.executable], ["page faults", `${num(p.faults?.[0])} without, ${num(p.faults?.[1])} with reading`], ...(p.scheduling || [])]));
      out.push(table(["segment", "access", "address", "in file", "in memory"], (p.segments || []).map((s) => [s.kind, s.access, el("span", { class: "mono" }, hex(s.address || 0)), bytes(s.file_size || 0), bytes(s.memory_size || 0)]), new Set([3, 4])));
      out.push(el("h3", {}, "Descriptors")); out.push(table(["number", "what"], (p.descriptors || []).map(([n, w]) => [String(n), w])));
      out.push(el("h3", {}, "Handed over by the kernel")); out.push(table(["entry", "value"], p.auxiliary || []));
    }
    if (h) { out.push(el("h3", {}, "Hardware")); out.push(facts([["processor", `${h.processor} (${h.architecture}), ${h.processors} logical, ${h.allowed} allowed`], ["memory", `${bytes(h.memory)} in pages of ${bytes(h.page)}`], ["caches", (h.caches || []).map((k) => `L${k.level} ${k.kind} ${bytes(k.size)}, line ${k.line} B`).join("; ")], ["kernel", h.kernel], ["counters", h.counters]])); }
    if (D.survivors.length) { out.push(el("h3", {}, "What survived")); out.push(table(["type", "objects", "bytes"], D.survivors.map(([t, n, b]) => [t, num(n), bytes(b)]), new Set([1, 2]))); }
    fill(inner("system"), out.length ? out : el("p", { class: "soft" }, "Nothing of the system was recorded."));
  },
};
function graph(nodes, edges) {
  const W = 230, H = 44, GX = 90, GY = 14, NS = "http://www.w3.org/2000/svg", out = new Map(); for (const [a, b] of edges) (out.get(a) || out.set(a, []).get(a)).push(b);
  const depth = new Map(); let layer = [...nodes.values()].filter((n) => n.cls === "root").map((n) => n.id), d = 0;
  while (layer.length && d < 60) { const next = []; for (const id of layer) if (!depth.has(id)) { depth.set(id, d); next.push(...(out.get(id) || [])); } layer = next.filter((id) => !depth.has(id)); d++; }
  const columns = []; for (const n of nodes.values()) (columns[depth.get(n.id) || 0] ||= []).push(n);
  const list = columns.filter(Boolean); list.forEach((c, x) => c.forEach((n, y) => { n.x = 10 + x * (W + GX); n.y = 10 + y * (H + GY); }));
  const width = 20 + list.length * (W + GX) - GX, height = 20 + Math.max(1, ...list.map((c) => c.length)) * (H + GY);
  const svg = document.createElementNS(NS, "svg"); svg.setAttribute("class", "graph"); svg.setAttribute("width", width); svg.setAttribute("height", height);
  const put = (tag, attrs, text) => { const e = document.createElementNS(NS, tag); for (const [k, v] of Object.entries(attrs)) e.setAttribute(k, v); if (text !== undefined) e.textContent = text; svg.append(e); return e; };
  for (const [a, b, name] of edges) { const p = nodes.get(a), q = nodes.get(b); if (!p || !q) continue; const x1 = p.x + W, y1 = p.y + H / 2, x2 = q.x, y2 = q.y + H / 2; put("path", { d: x2 > x1 ? `M${x1} ${y1} C${x1 + 45} ${y1} ${x2 - 45} ${y2} ${x2} ${y2}` : `M${p.x + W / 2} ${p.y + H} C${p.x + W / 2} ${p.y + H + 30} ${q.x + W / 2} ${q.y - 30} ${q.x + W / 2} ${q.y}` }); if (x2 > x1) put("text", { x: x2 - 6, y: y2 - 4, "text-anchor": "end", class: "soft" }, String(name).slice(0, 14)); }
  for (const n of nodes.values()) { put("rect", { x: n.x, y: n.y, width: W, height: H, class: n.cls || (n.refs > 1 ? "shared" : "") }); const t = put("text", { x: n.x + 9, y: n.y + 18 }, String(n.label).slice(0, 29)); t.append(Object.assign(document.createElementNS(NS, "title"), { textContent: n.label })); put("text", { x: n.x + 9, y: n.y + 35, class: "soft" }, String(n.sub).slice(0, 36)); }
  return el("div", { class: "scroll", style: "margin:8px 0" }, svg);
}

// The timeline: a window of the run, from exec to exit at first.
let view = [0, D.meta.end];
const placeCursor = () => { $("cursor").style.left = 100 * (C.time[now] - view[0]) / (view[1] - view[0]) + "%"; };
function look(a, b) {
  const end = D.meta.end, width = Math.max(2000, Math.min(end, b - a)); a = Math.max(0, Math.min(a, end - width)); view = [a, a + width];
  const lanes = $("lanes"), x = (t) => 100 * (t - a) / width, parts = [];
  const piece = (cls, i, name, from, dur, label) => { if (from + dur < a || from > a + width) return; const l = Math.max(-1, x(from)), r = Math.min(101, x(from + dur)); parts.push(el("div", { class: cls, style: `left:${l}%;width:${r - l}%;background:${hue(i)}`, title: `${name}: ${time(dur)}` }, label && (r - l) / 100 * (lanes.clientWidth || 1200) > 7 * label.length + 10 ? label : null)); };
  D.stages.forEach((s, i) => s.spans.forEach(([from, dur]) => piece("stage dark", i, `${s.number} ${s.name}`, from, dur, s.name)));
  D.parts.forEach(([i, name, from, dur]) => piece("part", i, name, from, dur));
  const canvas = el("canvas", { width: 1200, height: 8 }); parts.push(canvas); const g = canvas.getContext("2d"); g.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent");
  let last = -1; for (let i = 0; i < N; i++) { const p = Math.floor(1200 * (C.time[i] - a) / width); if (p !== last && p >= 0 && p < 1200) { g.fillRect(p, 0, 1, 8); last = p; } }
  fill(lanes, parts); fill($("ticks"), [0, .25, .5, .75, 1].map((f) => el("span", {}, width < end / 4 ? clock(a + f * width) : time(a + f * width)))); placeCursor();
}
function zoom(factor, t) { const w = (view[1] - view[0]) * factor, f = (t - view[0]) / (view[1] - view[0]); look(t - f * w, t + (1 - f) * w); }

// Start.
const TABS = [["step", "Step"], ["stages", "Stages"], ["compile", "Compilation"], ["heap", "Heap"], ["environments", "Environments"], ["memory", "Memory"], ["costs", "Costs"], ["system", "System"]];
let tab = "step";
function open(name) { tab = name; for (const s of document.querySelectorAll("section.tab")) s.classList.toggle("on", s.id === "tab-" + name); for (const b of document.querySelectorAll("nav button")) { b.setAttribute("aria-selected", String(b.dataset.tab === name)); if (b.dataset.tab === name) b.scrollIntoView({ inline: "nearest", block: "nearest" }); } views[name](); if (name === "step") go(now, true); }
function start() {
  const m = D.meta; $("title").textContent = "oriel trace " + m.script;
  $("facts").textContent = [`Python ${m.python}`, `pid ${m.pid}`, time(m.end), m.exit ? `exit status ${m.exit[0]}${m.exit[1] ? " (" + m.exit[1] + ")" : ""}` : "exit not seen", `${num(N)} events`, m.level].filter(Boolean).join(" · ");
  fill($("warnings"), m.warnings.map((w) => el("div", { class: "warning" }, w)));
  const lanes = $("lanes"), at = (e) => { const box = lanes.getBoundingClientRect(); return view[0] + (view[1] - view[0]) * Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)); };
  $("timeline").onwheel = (e) => { e.preventDefault(); zoom(e.deltaY > 0 ? 1.3 : 1 / 1.3, at(e)); };
  $("timeline").ondblclick = () => { const whole = view[0] === 0 && view[1] === m.end; if (whole && N) { const a = C.time[0], b = C.time[N - 1], w = (b - a) / 20 || 1000; look(a - w, b + w); } else look(0, m.end); };
  const pick = (e) => { const t = at(e); let lo = 0, hi = N - 1; while (lo < hi) { const mid = (lo + hi) >> 1; if (C.time[mid] < t) lo = mid + 1; else hi = mid; } go(lo); };
  $("timeline").onpointerdown = (e) => { pick(e); $("timeline").onpointermove = pick; }; window.addEventListener("pointerup", () => { $("timeline").onpointermove = null; });
  document.querySelector("nav").append(...TABS.map(([id, name], i) => el("button", { role: "tab", "data-tab": id, title: `${name} (${i + 1})`, onclick: () => open(id) }, name)));
  sourceList = virtual($("source"), 22, drawSourceRow, "wide"); eventList = virtual($("events"), 22, drawEventRow, "ev"); eventList.show(N);
  $("event-count").textContent = num(N); $("slider").max = Math.max(0, N - 1);
  $("slider").oninput = (e) => go(Number(e.target.value)); $("back").onclick = () => step(-1); $("forward").onclick = () => step(1); $("first").onclick = () => go(0); $("last").onclick = () => go(N - 1);
  $("ask").onclick = () => $("help").classList.toggle("on"); $("help").onclick = () => $("help").classList.remove("on");
  $("search").onkeydown = (e) => { if (e.key === "Enter") { find(now + 1); e.preventDefault(); } else if (e.key === "Escape") e.target.blur(); e.stopPropagation(); };
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.tagName === "SELECT") return;
    const moves = { ArrowRight: () => (e.shiftKey ? callStep(1) : step(1)), ArrowLeft: () => (e.shiftKey ? callStep(-1) : step(-1)), ArrowDown: () => lineStep(1), ArrowUp: () => lineStep(-1), Home: () => go(0), End: () => go(N - 1), n: () => find(now + 1), "+": () => zoom(1 / 1.6, C.time[now]), "-": () => zoom(1.6, C.time[now]), 0: () => look(0, D.meta.end), "/": () => { open("step"); $("search").focus(); }, "?": () => $("help").classList.toggle("on"), Escape: () => $("help").classList.remove("on") };
    if (moves[e.key] && (tab === "step" || tab === "heap" || tab === "environments" || "/?".includes(e.key) || e.key === "Escape")) { e.preventDefault(); moves[e.key](); return; }
    const n = Number(e.key); if (n >= 1 && n <= TABS.length) open(TABS[n - 1][0]);
  });
  look(0, m.end);
  let first = 0; for (let i = 0; i < N; i++) if (C.kind[i] === K.line || C.kind[i] === K.step || C.kind[i] === K.call) { const c = codeAt(C.frame[i]); if (!c || D.sources[c.file] !== undefined) { first = i; break; } }
  const wanted = new URLSearchParams(location.hash.slice(1)); open(wanted.get("tab") && views[wanted.get("tab")] ? wanted.get("tab") : "step"); go(wanted.has("event") ? Number(wanted.get("event")) : first);
  if (!N) fill($("says"), el("span", { class: "soft" }, "No single events were recorded: only stages and figures."));
  document.body.dataset.ready = "yes";
}
start();

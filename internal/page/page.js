"use strict";
(() => {
  const failed = document.getElementById("failed");
  if (failed) {
    const list = failed.parentNode, top = row => row.offsetTop - list.offsetTop;
    const least = top(failed) + failed.offsetHeight - list.clientHeight * .75; // what came before it matters more than the clean-up
    const first = [...list.children].find(row => top(row) >= Math.min(least, top(failed)));
    if (least > 0) {
      list.style.setProperty("--height", Math.min(list.scrollHeight - top(first), list.clientHeight) + "px"); // else there may be too little to scroll
      list.scrollTop = top(first); // no row is cut in half
    }
  }
  const open = () => {
    for (let e = document.getElementById(location.hash.slice(1)); e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
  };
  addEventListener("hashchange", () => { open(); document.getElementById(location.hash.slice(1))?.scrollIntoView(); });
  document.addEventListener("click", e => { if (e.target.hash && e.target.hash === location.hash) open(); }); // it was there before
  open();
  const log = document.getElementById("log");
  if (!log) return;
  const all = document.getElementById("all"), count = document.getElementById("count");
  const field = name => document.getElementById(name);
  const { sources, lines } = JSON.parse(document.getElementById("data").textContent);
  const AT = 0, SOURCE = 1, STREAM = 2, LEVEL = 3, TEXT = 4, HEIGHT = 20, PRINTED = 1000, TAB = "    "; // where a tab ends depends on where a line wraps
  const clock = at => at ? new Date(at).toISOString().slice(11, 23) : "";
  let shown = [];

  // A time of day stands for that of the first line's day.
  const first = (lines.find(l => l[AT]) || [0])[AT];
  const parse = text => {
    const m = /^(\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text.trim());
    return m && first ? first - first % 86400000 + ((+m[1] * 60 + +m[2]) * 60 + +(m[3] || 0)) * 1000 : null;
  };

  // Long lines wrap. A page holds no row but those in view, so that how many rows of letters
  // each takes is counted: all letters are as wide as one another, or twice that.
  const pixel = name => parseFloat(getComputedStyle(document.getElementById("ruler"))[name]);
  const wide = /[^\x20-\x7e]/;
  const columns = text => {
    if (!wide.test(text)) return text.length;
    let n = 0;
    for (const c of text) n += c === "\t" ? TAB.length : c.codePointAt(0) >= 0x1100 ? 2 : 1;
    return n;
  };
  const origin = line => sources[line[SOURCE]] + (line[STREAM] ? " stderr" : "");
  const longest = Math.min(Math.max(...sources.map(name => name.length)) + " stderr".length, 30);
  const widths = lines.map(line => columns(line[TEXT]));
  let phone = false, tops = [0], more = new Map();

  // How many letters a line has room for beside its time and its name.
  const room = (line, total) => Math.max(total - (line[AT] && !phone ? 13 : 0) - (phone ? Math.min(origin(line).length, 30) : longest) - 1, 8);

  function measure() {
    phone = matchMedia("(max-width:40rem)").matches;
    const total = Math.floor((log.clientWidth - 2 * pixel("paddingLeft")) / (pixel("width") / 100));
    tops = new Array(shown.length + 1);
    tops[0] = 0;
    for (let i = 0; i < shown.length; i++) {
      const line = lines[shown[i]], text = widths[shown[i]] + (more.has(shown[i]) ? more.get(shown[i]).length : 0);
      tops[i + 1] = tops[i] + HEIGHT * Math.max(1, Math.ceil(text / room(line, total)));
    }
    all.style.height = tops[shown.length] + "px";
    log.style.setProperty("--rows", Math.max(tops[shown.length], HEIGHT) + "px"); // a short log leaves no gap
  }

  function row(line, note) {
    const r = document.createElement("div");
    r.className = "row " + line[LEVEL];
    const add = (name, cls, text) => {
      const e = document.createElement(name);
      e.className = cls;
      e.textContent = text; // never HTML: it is what a program printed
      if (cls === "of") e.style.width = (phone ? Math.min(text.length, 30) : longest) + "ch"; // texts stand below one another
      r.append(e);
    };
    if (line[AT]) add("i", "at", clock(line[AT]));
    add("i", "of", origin(line));
    add("span", "", (note || "") + line[TEXT].replaceAll("\t", TAB));
    return r;
  }

  // The row at a height.
  function at(top) {
    let low = 0, high = shown.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (tops[middle + 1] <= top) low = middle + 1; else high = middle;
    }
    return low;
  }

  function paint() {
    const from = Math.max(0, at(log.scrollTop) - 10);
    const to = Math.min(shown.length, at(log.scrollTop + log.clientHeight) + 10);
    const rows = [];
    for (let i = from; i < to; i++) {
      const r = row(lines[shown[i]], more.get(shown[i]));
      r.style.top = tops[i] + "px";
      rows.push(r);
    }
    all.replaceChildren(...rows);
  }

  // Of more than two neighbours of one service that differ in numbers alone, the last stands for all.
  const shape = i => lines[i][SOURCE] + lines[i][TEXT].replace(/[0-9a-fA-F]*[0-9][0-9a-fA-F]*/g, "0");
  function fold() {
    const left = [];
    for (let i = 0; i < shown.length;) {
      const like = shape(shown[i]);
      let end = i + 1;
      while (end < shown.length && shape(shown[end]) === like) end++;
      if (end - i > 2) {
        more.set(shown[end - 1], "(" + (end - i - 1) + " more like this) ");
        left.push(shown[end - 1]);
      } else {
        left.push(...shown.slice(i, end));
      }
      i = end;
    }
    shown = left;
  }

  function filter() {
    const text = field("text").value, source = field("source").value, stream = field("stream").value;
    const level = field("level").value, from = parse(field("from").value), to = parse(field("to").value);
    const has = text && new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
    shown = [];
    more = new Map();
    for (let i = 0; i < lines.length; i++) {
      const l = lines[i];
      if (source !== "" && l[SOURCE] !== +source || stream !== "" && l[STREAM] !== +stream) continue;
      if (level === "error" && l[LEVEL] !== "error" || level === "nodebug" && l[LEVEL] === "debug") continue;
      if (level === "warn" && l[LEVEL] !== "error" && l[LEVEL] !== "warn") continue;
      if (from !== null && l[AT] < from || to !== null && l[AT] > to) continue;
      if (has && !has.test(l[TEXT])) continue;
      shown.push(i);
    }
    const found = shown.length;
    if (field("alike").value) fold();
    count.textContent = found + " of " + lines.length + " lines" + (shown.length < found ? ", in " + shown.length : "");
    measure();
    log.scrollTop = 0;
    paint();
  }

  const form = field("filters");
  form.addEventListener("input", filter);
  form.addEventListener("submit", e => e.preventDefault());
  log.addEventListener("scroll", paint);
  addEventListener("resize", () => { measure(); paint(); });
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach(d => { d.open = true; });
    const rows = shown.slice(-PRINTED).map(i => row(lines[i], more.get(i)));
    if (shown.length > PRINTED) rows.unshift(row([0, lines[shown[0]][SOURCE], 0, "", "… the last " + PRINTED + " of " + shown.length + " lines"]));
    all.replaceChildren(...rows);
  });
  addEventListener("afterprint", paint);
  addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (/^(INPUT|SELECT)$/.test(e.target.tagName)) {
      if (e.key === "Escape") log.focus();
      return;
    }
    switch (e.key) {
      case "/": field("text").focus(); break;
      case "e": field("level").value = field("level").value === "error" ? "" : "error"; filter(); break;
      case "x": form.reset(); filter(); break;
      case "f": field("alike").value = field("alike").value ? "" : "1"; filter(); break;
      case "j": log.scrollTop += HEIGHT; break;
      case "k": log.scrollTop -= HEIGHT; break;
      case "g": log.scrollTop = 0; break;
      case "G": log.scrollTop = all.offsetHeight; break;
      default: return;
    }
    e.preventDefault();
  });
  filter();
  log.scrollTop = all.offsetHeight; // the end is what came before the failure
})();

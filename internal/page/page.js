"use strict";
(() => {
  const failed = document.getElementById("failed");
  if (failed) failed.parentNode.scrollTop = failed.offsetTop - failed.parentNode.offsetTop - failed.parentNode.clientHeight / 2;
  const log = document.getElementById("log");
  if (!log) return;
  const all = document.getElementById("all"), count = document.getElementById("count");
  const field = name => document.getElementById(name);
  const { sources, lines } = JSON.parse(document.getElementById("data").textContent);
  const AT = 0, SOURCE = 1, STREAM = 2, LEVEL = 3, TEXT = 4, HEIGHT = 20, PRINTED = 1000;
  log.style.setProperty("--rows", Math.max(lines.length, 1) * HEIGHT + "px"); // a short log leaves no gap
  const clock = at => at ? new Date(at).toISOString().slice(11, 23) : "";
  let shown = [];

  // A time of day stands for that of the first line's day.
  const first = (lines.find(l => l[AT]) || [0])[AT];
  const parse = text => {
    const m = /^(\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text.trim());
    return m && first ? first - first % 86400000 + ((+m[1] * 60 + +m[2]) * 60 + +(m[3] || 0)) * 1000 : null;
  };

  const named = Math.min(Math.max(...sources.map(name => name.length)) + " stderr".length, 30) + "ch"; // texts stand below one another
  function row(line) {
    const r = document.createElement("div");
    r.className = "row " + line[LEVEL];
    const add = (name, cls, text) => {
      const e = document.createElement(name);
      e.className = cls;
      e.textContent = text; // never HTML: it is what a program printed
      if (cls === "of") e.style.minWidth = named;
      r.append(e);
    };
    if (line[AT]) add("i", "at", clock(line[AT]));
    add("i", "of", sources[line[SOURCE]] + (line[STREAM] ? " stderr" : ""));
    add("span", "", line[TEXT]);
    return r;
  }

  function paint() {
    const from = Math.max(0, Math.floor(log.scrollTop / HEIGHT) - 10);
    const to = Math.min(shown.length, from + Math.ceil(log.clientHeight / HEIGHT) + 20);
    const rows = [];
    for (let i = from; i < to; i++) {
      const r = row(lines[shown[i]]);
      r.style.top = i * HEIGHT + "px";
      rows.push(r);
    }
    all.replaceChildren(...rows);
  }

  function filter() {
    const text = field("text").value, source = field("source").value, stream = field("stream").value;
    const level = field("level").value, from = parse(field("from").value), to = parse(field("to").value);
    const has = text && new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
    shown = [];
    for (let i = 0; i < lines.length; i++) {
      const l = lines[i];
      if (source !== "" && l[SOURCE] !== +source || stream !== "" && l[STREAM] !== +stream) continue;
      if (level === "error" && l[LEVEL] !== "error" || level === "nodebug" && l[LEVEL] === "debug") continue;
      if (level === "warn" && l[LEVEL] !== "error" && l[LEVEL] !== "warn") continue;
      if (from !== null && l[AT] < from || to !== null && l[AT] > to) continue;
      if (has && !has.test(l[TEXT])) continue;
      shown.push(i);
    }
    all.style.height = shown.length * HEIGHT + "px";
    count.textContent = shown.length + " of " + lines.length + " lines";
    log.scrollTop = 0;
    paint();
  }

  const form = field("filters");
  form.addEventListener("input", filter);
  form.addEventListener("submit", e => e.preventDefault());
  log.addEventListener("scroll", paint);
  addEventListener("resize", paint);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach(d => { d.open = true; });
    const rows = shown.slice(-PRINTED).map(i => row(lines[i]));
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

// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/chromium"
)

var update = flag.Bool("update", false, "write the screenshots in docs anew")

// What the report must be able to do, in its browser.
const (
	paintLimit  = 2 * time.Second
	filterLimit = 150 * time.Millisecond
	largest     = 30 << 20
)

var (
	phone  = chromium.Screen{Width: 360, Height: 740}
	tablet = chromium.Screen{Width: 820, Height: 1100}
	wide   = chromium.Screen{Width: 1440, Height: 900}
)

const helpers = `
const $ = id => document.getElementById(id), got = {};
const count = () => parseInt($("count").textContent);
const set = (id, value) => { $(id).value = value; $(id).dispatchEvent(new Event("input", {bubbles: true})); return count(); };
`

func TestChromium(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	t.Parallel()
	browser := chromium.Start(t)
	make := func(t *testing.T, files map[string]string) string {
		t.Helper()
		dir := writeDir(t, files)
		if _, err := Make(dir, nil); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, Name)
	}
	t.Run("filters", func(t *testing.T) { testFilters(t, browser, make(t, failed)) })
	t.Run("keys", func(t *testing.T) { testKeys(t, browser, make(t, failed)) })
	t.Run("hostile", func(t *testing.T) { testHostile(t, browser, make(t, hostileFiles())) })
	t.Run("looks", func(t *testing.T) { testLooks(t, browser, make(t, wideFiles())) })
	t.Run("print", func(t *testing.T) { testPrint(t, browser, make(t, failed)) })
	t.Run("large", func(t *testing.T) {
		files := maps.Clone(failed)
		files["failure.txt"] = "orders_test.go:31: GET /orders/17: status 500, want 200\n"
		files["timeline.txt"], _, _ = strings.Cut(files["timeline.txt"], "15:04:07")
		files["timeline.txt"] += "15:05:44.120   100.120s  FAILED: orders_test.go:31: GET /orders/17: status 500, want 200\n"
		files["merged.log"] = merged(MostLines)
		testLarge(t, browser, make(t, files))
	})
}

func testFilters(t *testing.T, browser *chromium.Browser, page string) {
	got := map[string]any{}
	browser.Open(t, "file://"+page, wide).Eval(helpers+`
got.all = count();
got.text = set("text", "REQUEST 19"); set("text", "");
got.source = set("source", "1"); set("source", "");
got.stream = set("stream", "0"); set("stream", "");
got.level = set("level", "warn"); set("level", "");
got.from = set("from", "15:04:05.150"); set("from", "");
got.to = set("to", "15:04:05.009"); set("to", "");
set("source", "0"); set("level", "error"); got.alike = set("alike", "1"); got.folded = document.querySelectorAll(".row").length; got.says = document.querySelector(".row span").textContent; set("source", ""); set("level", ""); set("alike", "");
location.hash = "#file-own.txt"; await new Promise(r => setTimeout(r, 200));
got.open = $("file-own.txt").open;
return got;`, &got)
	want := map[string]any{"all": 201., "text": 11., "source": 67., "stream": 100., "level": 80., "from": 51., "to": 10., "alike": 13., "folded": 1., "says": "(12 more like this) ERROR request 189 answered in 189ms", "open": true}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// All that a mouse does, keys do.
func testKeys(t *testing.T, browser *chromium.Browser, page string) {
	tab := browser.Open(t, "file://"+page, wide)
	look := func(body string) (got string) {
		t.Helper()
		tab.Eval(helpers+"return String("+body+")", &got)
		return got
	}
	for _, step := range []struct{ keys, look, want string }{
		{"e", `count()`, "40"},
		{"x", `count()`, "201"},
		{"g", `$("log").scrollTop`, "0"},
		{"j j", `$("log").scrollTop`, "40"},
		{"k", `$("log").scrollTop`, "20"},
		{"G", `$("log").scrollTop > 1000`, "true"},
		{"/ r e q u e s t", `document.activeElement.id + " " + count()`, "text 200"},
		{"e", `$("level").value`, ""}, // it is typed here
		{"Escape", `document.activeElement.id`, "log"},
		{"Tab", `document.activeElement.tagName`, "SUMMARY"},
		{"Enter", `document.activeElement.parentNode.open`, "true"},
	} {
		tab.Press(strings.Fields(step.keys)...)
		if got := look(step.look); got != step.want {
			t.Errorf("after %s, %s is %q, want %q", step.keys, step.look, got, step.want)
		}
	}
}

// hostileFiles have, wherever a program under test can write, what would run or ask for
// something if it were taken for markup.
func hostileFiles() map[string]string {
	attack := hostile + `<link rel=stylesheet href="http://canary.invalid/a.css"><iframe src="http://canary.invalid/"></iframe><svg onload="document.title='owned'">` +
		`<a href="javascript:document.title='owned'">x</a>" onfocus="document.title='owned'" autofocus="` + "\x00\u202e]]><!--"
	files := map[string]string{}
	for _, name := range []string{"failure.txt", "plan.txt", "plan.diff", "own.txt", "about.txt", "shipped-1-compose.yaml"} {
		files[name] = attack + "\n"
	}
	files["timeline.txt"] = "15:04:07.120     3.120s  " + attack + "\n15:04:07.120     3.120s  FAILED: " + attack + "\n"
	files["merged.log"] = "2026-01-02T15:05:05Z we<b>b err " + attack + "\n2026-01-02T15:05:05Z web out \x1b[31m" + attack + "\n"
	files["web.inspect.json"] = fmt.Sprintf(`{"Name": %[1]q, "State": {"Status": %[1]q}, "NetworkSettings": {"Networks": {%[1]q: {"IPAddress": %[1]q}}}}`, strings.NewReplacer("\x00", "", "\u202e", "").Replace(attack))
	files["web.usage.csv"] = "x\n15:04:05.000,1,NaN\n15:04:05.000,1,1\n15:04:06.000,2,\"><script>\n15:04:07.000,2,2\n"
	return files
}

func testHostile(t *testing.T, browser *chromium.Browser, page string) {
	tab := browser.Open(t, "file://"+page, wide)
	tab.Eval(`document.querySelectorAll("details").forEach(d => { d.open = true; }); return new Promise(r => setTimeout(() => r(1), 300))`, nil)
	got := map[string]any{}
	tab.Eval(helpers+`
got.title = document.title; got.lines = count();
got.elements = document.querySelectorAll("img, iframe, link, body svg[onload], a[href^=javascript], [onfocus], [autofocus]").length;
got.scripts = document.scripts.length;
got.shown = $("log").textContent.includes("</script><img src=x");
return got;`, &got)
	want := map[string]any{"title": filepath.Base(filepath.Dir(page)), "lines": 2., "elements": 0., "scripts": 2., "shown": true}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	// Also what is markup by mistake could ask for nothing.
	tab.Eval(`const i = document.createElement("img"); i.src = "http://canary.invalid/img"; document.body.append(i);
		const s = document.createElement("script"); s.textContent = "document.title = 'owned'"; document.body.append(s);
		return fetch("http://canary.invalid/fetch").catch(() => 0).then(() => new Promise(r => setTimeout(() => r(1), 300)))`, nil)
	var title string
	tab.Eval(`return document.title`, &title)
	if title == "owned" {
		t.Error("a script that was not the page's own has run")
	}
	for _, url := range tab.Requests() {
		if url != "file://"+page {
			t.Errorf("the page asked for %s", url)
		}
	}
}

// wideFiles have what is longer than a screen is wide.
func wideFiles() map[string]string {
	files := maps.Clone(failed)
	long := strings.Repeat("unbroken", 60)
	files["failure.txt"] += "    | " + long + "\n"
	files["timeline.txt"] += "15:04:08.000     4.000s  container " + long + " has ended with code 137\n15:04:08.000     4.000s  FAILED: " + long + "\n"
	files["plan.txt"] += long + "\n"
	files[long[:120]+".inspect.json"] = strings.ReplaceAll(files["web.inspect.json"], "front", long)
	files["merged.log"] += "2026-01-02T15:05:05Z web err " + long + "\n2026-01-02T15:05:05Z web err " + strings.Repeat("\t", 12) + "名前 " + long + "\n2026-01-02T15:05:05Z db out ends\n"
	for i := range 30 { // more than are in view at once
		files["timeline.txt"] = fmt.Sprintf("15:04:03.0%02d     0.0%02ds  image %s found\n", i, i, strings.Repeat("a", i)) + files["timeline.txt"]
	}
	return files
}

// looks returns what is wrong with how a page looks: what reaches past the screen, and
// texts that can hardly be read against what is behind them (WCAG 2.1 AA, 4.5:1).
const looks = `
const wrong = [];
let wrapped = false;
document.querySelectorAll("details").forEach(d => { d.open = true; });
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) wrong.push("the page is " + document.documentElement.scrollWidth + " wide");
const clipped = e => { for (let p = e.parentElement; p; p = p.parentElement) if (/auto|scroll|hidden/.test(getComputedStyle(p).overflowX)) return true; return false; };
const numbers = c => c.match(/[\d.]+/g).map(Number);
const luminance = ([r, g, b]) => { const f = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
const behind = e => { for (; e; e = e.parentElement) { const c = numbers(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
for (const e of document.querySelectorAll("body *:not(script)")) {
  const box = e.getBoundingClientRect();
  if (box.width && box.right > width + 1 && !clipped(e)) wrong.push(e.tagName + "." + e.className + " ends at " + Math.round(box.right));
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !box.width) continue;
  const a = luminance(numbers(getComputedStyle(e).color)), b = luminance(behind(e));
  const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
  if (ratio < 4.5) wrong.push(e.tagName + "." + e.className + " has a contrast of " + ratio.toFixed(2) + ": " + e.textContent.slice(0, 30));
  if (parseFloat(getComputedStyle(e).fontSize) < 11.5) wrong.push(e.tagName + "." + e.className + " is written in " + getComputedStyle(e).fontSize);
}
const size = e => parseFloat(getComputedStyle(e).fontSize), cause = document.querySelector(".failure h2");
if (size(cause) < 1.1 * size(cause.nextElementSibling)) wrong.push("why is written no larger than where");
const text = document.querySelector(".timeline span").getBoundingClientRect(), time = document.querySelector(".timeline time:nth-child(2)").getBoundingClientRect();
if (text.left < time.right || text.top > time.bottom) wrong.push("a text of the time line is not beside its time");
if (text.width < (width < 500 ? .77 : .7) * document.querySelector(".timeline").clientWidth) wrong.push("the time line has " + text.width + " for its text");
const lines = [...document.querySelectorAll(".row")], rows = lines.map(r => r.getBoundingClientRect());
rows.forEach((box, i) => {
  const most = i && /名/.test(lines[i - 1].textContent) ? 21 : 1; // how wide such letters are is a guess, but they hide nothing
  if (i && (box.top - rows[i - 1].bottom > most || box.top - rows[i - 1].bottom < -1)) wrong.push("line " + i + " begins " + (box.top - rows[i - 1].bottom) + " below the one before");
  if (i && box.height > 20) wrapped = true;
});
if (!wrapped) wrong.push("no line wraps");
const list = document.querySelector(".timeline"), cut = [...list.children].find(li => li.getBoundingClientRect().top < list.getBoundingClientRect().top - 1 && li.getBoundingClientRect().bottom > list.getBoundingClientRect().top + 1);
if (cut) wrong.push("a line of the time line is cut: " + cut.textContent);
const left = document.querySelector("h1").getBoundingClientRect().left - document.querySelector(".failure").getBoundingClientRect().left;
if (left) wrong.push("the title is " + left + " right of what is below it");
return [...new Set(wrong)].slice(0, 12);`

func testLooks(t *testing.T, browser *chromium.Browser, page string) {
	tab := browser.Open(t, "file://"+page, wide)
	backgrounds := map[string]bool{}
	for _, screen := range []chromium.Screen{phone, tablet, wide} {
		for _, dark := range []bool{false, true} {
			screen.Dark = dark
			tab.Resize(screen)
			tab.Load("file://" + page)
			var wrong []string
			tab.Eval(looks, &wrong)
			for _, what := range wrong {
				t.Errorf("%d wide, dark %v: %s", screen.Width, dark, what)
			}
			var background string
			tab.Eval(`return getComputedStyle(document.body).backgroundColor`, &background)
			backgrounds[background] = true
		}
	}
	if len(backgrounds) != 2 {
		t.Errorf("in light and dark the page is %v", backgrounds)
	}
}

// On paper all is open, and the controls are gone.
func testPrint(t *testing.T, browser *chromium.Browser, page string) {
	tab := browser.Open(t, "file://"+page, wide)
	printed := tab.PDF()
	if n := bytes.Count(printed, []byte("/Type /Page\n")); n < 3 || n > 40 {
		t.Errorf("on paper it has %d pages in %d bytes", n, len(printed))
	}
	screen := wide
	screen.Print = true
	tab.Resize(screen)
	got := map[string]any{}
	tab.Eval(helpers+`
dispatchEvent(new Event("beforeprint"));
got.open = [...document.querySelectorAll("details")].every(d => d.open);
got.rows = document.querySelectorAll(".row").length;
got.form = getComputedStyle($("filters")).display;
got.whole = $("log").scrollHeight <= $("log").clientHeight + 1;
return got;`, &got)
	if want := map[string]any{"open": true, "rows": 201., "form": "none", "whole": true}; !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Of a large log the page holds the rows in view alone. Where the machine is at work
// otherwise, one of several attempts has to be in time.
func testLarge(t *testing.T, browser *chromium.Browser, page string) {
	info, err := os.Stat(page)
	if err != nil || info.Size() > largest {
		t.Fatalf("the page: %v, %v", info.Size(), err)
	}
	tab := browser.Open(t, "file://"+page, wide)
	var got struct {
		Lines, Filtered, Rows int
		Took                  float64
	}
	if *update {
		browser.Shoot(t, filepath.Dir(page), "../../docs/report-large.png", "TestA", "TestOrdersUnderLoad")
	}
	painted, filtered := time.Hour, time.Hour
	for attempt := 0; attempt < 8 && (attempt == 0 || painted > paintLimit || filtered > filterLimit); attempt++ {
		painted = min(painted, tab.Load("file://"+page))
		tab.Eval(helpers+`
got.Lines = count();
const began = performance.now(); got.Filtered = set("text", "request 99"); $("log").getBoundingClientRect(); got.Took = performance.now() - began;
got.Rows = document.querySelectorAll(".row").length;
return got;`, &got)
		filtered = min(filtered, time.Duration(got.Took*float64(time.Millisecond)))
	}
	if got.Lines != MostLines || got.Filtered != 1111 || got.Rows == 0 || got.Rows > 200 {
		t.Errorf("got %+v", got)
	}
	if painted > paintLimit || filtered > filterLimit {
		t.Errorf("painted after %v, filtered in %v; want %v and %v at most", painted, filtered, paintLimit, filterLimit)
	}
	t.Logf("%d bytes, painted after %v, filtered in %v", info.Size(), painted.Round(time.Millisecond), filtered.Round(time.Millisecond))
}

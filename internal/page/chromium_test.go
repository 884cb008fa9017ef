// SPDX-License-Identifier: Apache-2.0

package page

import (
	"encoding/json"
	"html"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// browse opens the page of a directory in Chromium, runs a function body in it, and
// returns what that returns.
func browse(t *testing.T, dir, body string, result any) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	content, err := os.ReadFile(filepath.Join(dir, Name))
	if err != nil {
		t.Fatal(err)
	}
	driver := "const done=(()=>{" + body + "})();const p=document.createElement('pre');p.id='result';p.textContent=JSON.stringify(done);document.body.append(p);"
	page := strings.Replace(string(content), "script-src ", "script-src &#39;sha256-"+hash(driver)+"&#39; ", 1)
	page = strings.Replace(page, "</body></html>", "<script>"+driver+"</script></body></html>", 1)
	driven := filepath.Join(dir, "driven.html")
	if err := os.WriteFile(driven, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--dump-dom", "file://"+driven).Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	found := regexp.MustCompile(`<pre id="result">(.*)</pre>`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("the driver has left no result in %d bytes", len(out))
	}
	if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), result); err != nil {
		t.Fatal(err)
	}
}

const helpers = `
const $ = id => document.getElementById(id), got = {};
const count = () => parseInt($("count").textContent);
const set = (id, value) => { $(id).value = value; $(id).dispatchEvent(new Event("input", {bubbles: true})); return count(); };
const press = key => { document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true})); return count(); };
`

func TestChromiumFilters(t *testing.T) {
	t.Parallel()
	dir := writeDir(t, failed)
	if _, err := Make(dir, nil); err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	browse(t, dir, helpers+`
got.all = count();
got.text = set("text", "REQUEST 19"); set("text", "");
got.source = set("source", "1"); set("source", "");
got.stream = set("stream", "0"); set("stream", "");
got.level = set("level", "warn"); set("level", "");
got.from = set("from", "15:04:05.150"); set("from", "");
got.to = set("to", "15:04:05.009"); set("to", "");
got.e = press("e");
got.x = press("x");
press("G"); got.G = $("log").scrollTop > 1000;
press("/"); got.slash = document.activeElement.id;
got.title = document.title; got.images = document.images.length;
got.requests = performance.getEntriesByType("resource").length;
return got;`, &got)
	want := map[string]any{"all": 201., "text": 11., "source": 67., "stream": 100., "level": 80., "from": 51., "to": 10.,
		"e": 40., "x": 201., "G": true, "slash": "text", "title": filepath.Base(dir), "images": 0., "requests": 0.}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Of a large log the page holds the rows in view alone.
func TestChromiumLarge(t *testing.T) {
	t.Parallel()
	dir := writeDir(t, map[string]string{"failure.txt": "x", "merged.log": merged(MostLines)})
	if _, err := Make(dir, nil); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, Name)); err != nil || info.Size() > 30<<20 {
		t.Errorf("the page: %v, %v", info, err)
	} else {
		t.Logf("the page has %d bytes", info.Size())
	}
	var got struct {
		Lines, Filtered, Rows int
		Painted, Took         float64
	}
	browse(t, dir, helpers+`
got.Painted = performance.now(); got.Lines = count();
const began = performance.now(); got.Filtered = set("text", "request 99"); got.Took = performance.now() - began;
got.Rows = document.querySelectorAll(".row").length;
return got;`, &got)
	if got.Lines != MostLines || got.Filtered != 1111 || got.Rows == 0 || got.Rows > 200 {
		t.Errorf("got %+v", got)
	}
	t.Logf("painted after %.0f ms, filtered in %.0f ms", got.Painted, got.Took)
}

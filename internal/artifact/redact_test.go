// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	const secret = "p<ss\"wörd/1=\nsecond line\n"
	d := Use(t.TempDir())
	if text := "before " + secret; d.Redact(text) != text {
		t.Error("something is hidden before it was said")
	}
	d.Hide(secret, "passphrase", "pass", "ab")
	quoted, err := json.Marshal(map[string]string{"Env": secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		secret, "a" + secret + "z", "| second line", `p<ss"wörd/1=` + "\r\n",
		string(quoted), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
		"https://u:" + url.QueryEscape(`p<ss"wörd/1=`) + "@host", "passphrase", "compass",
	} {
		got := d.Redact(text)
		if !strings.Contains(got, Hidden) || strings.Contains(got, "wörd") || strings.Contains(got, "second") || strings.Contains(got, "phrase") {
			t.Errorf("Redact(%q) = %q", text, got)
		}
		for size := 1; size <= 5; size++ { // in pieces
			var b strings.Builder
			w := d.RedactTo(&b)
			for rest := []byte(text); len(rest) > 0; rest = rest[min(size, len(rest)):] {
				if n, err := w.Write(rest[:min(size, len(rest))]); err != nil || n != min(size, len(rest)) {
					t.Fatal(n, err)
				}
			}
			if err := w.Close(); err != nil || b.String() != got {
				t.Errorf("%q in pieces of %d is %q, want %q (%v)", text, size, b.String(), got, err)
			}
		}
	}
	if got := d.Redact("ab pas p<s"); got != "ab pas p<s" {
		t.Errorf("a harmless text becomes %q", got)
	}
	d.Hide("correct horse")
	for _, text := range []string{"https://h/" + url.PathEscape("correct horse"), "https://h/?p=" + url.QueryEscape("correct horse")} {
		if got := d.Redact(text); !strings.HasSuffix(got, Hidden) {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	d.Hide("   indented secret   ")
	if got := d.Redact("indented secret"); got != Hidden {
		t.Errorf("a secret without the blanks around it becomes %q", got)
	}
	d.Hide("token", "token-of-production") // the shorter one first
	if got := d.Redact("token-of-production token"); got != Hidden+" "+Hidden {
		t.Errorf("a secret that begins with another becomes %q", got)
	}
	if CanHide(" abc ") || !CanHide(" abcd ") {
		t.Error("whether a secret is long enough is not told by what is between its blanks, from four characters on")
	}
	d.Hide("bell\a and \x01")
	if got := d.Redact(fmt.Sprintf("printed %q", "bell\a and \x01")); got != `printed "`+Hidden+`"` {
		t.Errorf("the text that Go has quoted becomes %q", got)
	}
	d.Note("login with %s", "passphrase")
	if line, err := os.ReadFile(filepath.Join(d.Path(), "timeline.txt")); err != nil || !strings.Contains(string(line), "login with "+Hidden) {
		t.Errorf("the time line is %q, %v", line, err)
	}
}

// HideLike takes over the secrets of another directory.
func TestHideLike(t *testing.T) {
	t.Parallel()
	one, two := Use(t.TempDir()), Use(t.TempDir())
	one.Hide("passphrase", "pass")
	two.Hide("other")
	two.HideLike(one)
	two.HideLike(two)
	if got, want := two.Redact("pass passphrase other "+base64.StdEncoding.EncodeToString([]byte("passphrase"))), "[hidden] [hidden] [hidden] [hidden]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := one.Redact("other"); got != "other" {
		t.Errorf("the first one hides %q", got)
	}
}

// Text that cannot be the beginning of a secret is written at once.
func TestRedactToDoesNotWait(t *testing.T) {
	d := Use(t.TempDir())
	d.Hide("secret")
	var b strings.Builder
	w := d.RedactTo(&b)
	for _, piece := range []struct{ write, want string }{{"a s", "a "}, {"e", "a "}, {"t", "a set"}, {"sec", "a set"}, {"secret", "a setsec" + Hidden}} {
		if _, err := w.Write([]byte(piece.write)); err != nil || b.String() != piece.want {
			t.Errorf("after %q there is %q, want %q (%v)", piece.write, b.String(), piece.want, err)
		}
	}
}

func TestCreateAs(t *testing.T) {
	d := Use(t.TempDir())
	file, err := d.CreateAs("mine.txt")
	if err != nil || filepath.Base(file.Name()) != "mine.txt" {
		t.Fatal(file, err)
	}
	file.Close()
	for name, want := range map[string]string{"mine.txt": "of this name already", "a/b": "not a plain file name", "../x": "not a plain", "": "not a plain", "a b": "not a plain"} {
		if _, err := d.CreateAs(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CreateAs(%q): %v, want %q", name, err, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package errorline_test

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/seatrial/seatrial/internal/errorline"
)

// TestCatalogue asks for the line that tells of everything in testdata.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		printed := map[string][]string{}
		for _, f := range archive.Files {
			name, what, _ := strings.Cut(f.Name, "/")
			if what != "want" {
				printed[f.Name] = strings.Split(string(f.Data), "\n")
				continue
			}
			want := strings.TrimSpace(string(f.Data))
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar")+"/"+name, func(t *testing.T) {
				got := errorline.Of(printed[name+"/stderr"], printed[name+"/stdout"])
				healthy := strings.HasSuffix(file, "/healthy.txtar")
				if code, ok := printed[name+"/exit"]; ok || healthy || strings.HasSuffix(file, "/builds.txtar") {
					n, err := strconv.Atoi(append(code, map[bool]string{true: "0", false: "1"}[healthy])[0]) // 0 is what the engine says of one that runs
					if err != nil {
						t.Fatal(err)
					}
					got = errorline.OfExit(n, printed[name+"/stderr"], printed[name+"/stdout"])
				}
				if !strings.Contains(got, want) || want == "" && got != "" {
					t.Errorf("quoted is\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ about, log, want string }{
		{"nothing", "", ""},
		{"blank lines", "\n  \n", ""},
		{"nothing that speaks of trouble", "starting\nbye", ""},
		{"colours", "\x1b[31mERROR\x1b[0m: no disk\r", "ERROR: no disk"},
		{"progress", "10%\r20%\rerror: no disk", "error: no disk"},
		{"a long line keeps its ends", "error: " + strings.Repeat("é", 400) + " no disk", "error: " + strings.Repeat("é", 143) + " … " + strings.Repeat("é", 142) + " no disk"},
		{"a long line with a sentence in it", "[shop] error: no room for " + strings.Repeat("a", 400) + ` "it is not found there"`, "[shop] error: no room for " + strings.Repeat("a", 124) + " … " + strings.Repeat("a", 126) + ` "it is not found there"`},
		{"the last of what is alike", "10:00:01 rates: certificate has expired at 9\n10:00:06 rates: certificate has expired at 9\n10:00:11 rates: certificate has expired at 9", "10:00:11 rates: certificate has expired at 9"},
		{"the heading of a stack", "2026.11.28 10:00:00.100000 [ 1 ] {} <Error> Application: DB::Exception: Unknown setting, Stack trace (when copying this message, always include the lines below):\n\n0. DB::Exception::Exception() @ 0x000000000d0a1b3b", "2026.11.28 10:00:00.100000 [ 1 ] {} <Error> Application: DB::Exception: Unknown setting"},
		{"trouble of long ago", "error: old\n" + strings.Repeat("ok\n", 200), ""},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			if got := errorline.Of(strings.Split(test.log, "\n"), nil); got != test.want {
				t.Errorf("of %q is quoted\n%q, want\n%q", test.log, got, test.want)
			}
		})
	}
}

// A program may dump a body in one line: to look at it must not take as long as it is.
func TestLongLines(t *testing.T) {
	t.Parallel()
	look := func(size int) (said string, took time.Duration) {
		took = time.Hour
		for range 3 {
			began := time.Now()
			said = errorline.OfExit(1, []string{"starting", "ERROR: cannot store " + strings.Repeat("a", size) + ": disk full", "bye"}, nil)
			took = min(took, time.Since(began))
		}
		return said, took
	}
	said, took := look(1 << 20)
	if !strings.HasPrefix(said, "ERROR: cannot store aa") || !strings.HasSuffix(said, "aa: disk full") {
		t.Errorf("quoted: %s", said)
	}
	if _, least := look(1 << 10); took > 100*least {
		t.Errorf("a line of 1 MiB took %v, one of 1 KiB %v", took, least)
	}
}

// All that a program said before it failed is why, whatever it speaks of, if that is one line.
func TestOnlyLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about  string
		code   int
		stderr []string
		stdout []string
		want   string
	}{
		{"on stderr", 4, []string{"", "table links has no column expires", ""}, nil, "table links has no column expires"},
		{"on stderr, beside a log", 1, []string{"lost the store"}, []string{"opened", "read 7 rows", "bye"}, "lost the store"},
		{"on stdout", 1, nil, []string{"WARN lost the store"}, "WARN lost the store"},
		{"one of two", 1, []string{"lost the store", "goodbye"}, nil, ""},
		{"of what goes well", 1, []string{"INFO opened the store"}, []string{"listening on :8080"}, ""},
		{"of what is about to be done", 1, nil, []string{"Opening the store"}, ""},
		{"of trouble that was overcome", 1, nil, []string{"Unable to reach the cache at redis:6379, proceeding without it"}, ""},
		{"of one that was asked to end", 143, []string{"lost the store"}, nil, ""},
		{"of one that did not fail", 0, []string{"lost the store"}, nil, ""},
	} {
		if got := errorline.OfExit(test.code, test.stderr, test.stdout); got != test.want {
			t.Errorf("%s: %q, want %q", test.about, got, test.want)
		}
	}
}

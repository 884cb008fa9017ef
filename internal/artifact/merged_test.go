// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Messages of several logs are in the order of their times. Lines that came in parts are
// joined, several that came together are split, and secrets are hidden even across parts.
func TestWriteMerged(t *testing.T) {
	t.Parallel()
	d := Use(t.TempDir())
	d.Hide("s3cr3t-word")
	at := func(n int) time.Time { return time.Date(2026, 1, 2, 3, 4, 5, n, time.FixedZone("", 3600)) }
	web, db := Merger{Source: "web"}, Merger{Source: "db"}
	web.Add(at(1), false, "one\r\ntwo\n")
	web.Add(at(3), false, "s3cr3t")
	web.Add(at(4), true, "error\n")
	web.Add(at(5), false, "-word\n")
	web.Add(at(6), false, "no end")
	db.Add(at(2), false, "\n")
	for _, m := range []*Merger{&web, &db} {
		m.End()
		d.AddMessages(m.All)
	}
	if err := d.WriteMerged(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(d.Path(), MergedName))
	want := `2026-01-02T02:04:05.000000001Z web out one
2026-01-02T02:04:05.000000001Z web out two
2026-01-02T02:04:05.000000002Z db out 
2026-01-02T02:04:05.000000003Z web out [hidden]
2026-01-02T02:04:05.000000004Z web err error
2026-01-02T02:04:05.000000006Z web out no end
`
	if err != nil || string(got) != want {
		t.Errorf("merged.log, %v:\n%s\nwant\n%s", err, got, want)
	}
	if err := d.WriteMerged(); err != nil || len(files(t, d)) != 1 {
		t.Errorf("without messages a file was made: %v, %v", files(t, d), err)
	}
}

// If there are too many messages, the log has the last ones, and says that some are
// missing.
func TestMergedIsBounded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lines, length, want int }{{MostMessages + 7, 1, MostMessages}, {40, 1 << 20, 16}} {
		d := Use(t.TempDir())
		m := Merger{Source: "web"}
		for i := range c.lines {
			m.Add(time.Unix(int64(i), 0), false, strings.Repeat("x", c.length)+fmt.Sprintf(" %d\n", i))
		}
		d.AddMessages(m.All)
		if err := d.WriteMerged(); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(d.Path(), MergedName))
		lines := strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
		if err != nil || len(lines) != c.want+1 || !strings.HasSuffix(lines[len(lines)-1], fmt.Sprintf("x %d", c.lines-1)) {
			t.Errorf("%d lines of %d bytes: %d lines are there, %v; want %d", c.lines, c.length, len(lines), err, c.want+1)
		}
		if want := fmt.Sprintf("seatrial out the first %d messages are left out", c.lines-c.want); !strings.Contains(lines[0], want) {
			t.Errorf("the first line is %.100q, want %q in it", lines[0], want)
		}
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	read := func(d *Dir) string {
		content, err := os.ReadFile(filepath.Join(d.Path(), FailureName))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	d := Use(t.TempDir())
	d.Hide("s3cr3t-word")
	if err := d.AddFailure("a_test.go:1: login with s3cr3t-word\n    refused\n"); err != nil {
		t.Fatal(err)
	}
	if err := d.AddToFailure("none", "web is unhealthy: s3cr3t-word"); err != nil {
		t.Fatal(err)
	}
	if got, want := read(d), "a_test.go:1: login with [hidden]\n    refused\n\nweb is unhealthy: [hidden]\n"; got != want {
		t.Errorf("failure.txt is %q, want %q", got, want)
	}
	if line, err := os.ReadFile(filepath.Join(d.Path(), TimelineName)); err != nil || !strings.HasSuffix(string(line), "  FAILED: a_test.go:1: login with [hidden]\n") {
		t.Errorf("the time line is %q, %v", line, err)
	}
	d = Use(t.TempDir())
	if err := d.AddToFailure("none", ""); err != nil || read(d) != "none\n" {
		t.Errorf("failure.txt is %q, %v, want none", read(d), err)
	}
}

func TestDropEmpty(t *testing.T) {
	t.Parallel()
	d := Use(t.TempDir())
	for name, content := range map[string]string{"web.out": "", "web.err": "x", "own.txt": ""} {
		if _, err := d.Write(name, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.DropEmpty(); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, path := range files(t, d) {
		left = append(left, filepath.Base(path))
	}
	if want := "own.txt web.err"; strings.Join(left, " ") != want {
		t.Errorf("left = %q, want %q", left, want)
	}
}

func files(t *testing.T, d *Dir) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(d.Path(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

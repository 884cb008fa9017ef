// SPDX-License-Identifier: Apache-2.0

package stall

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The processes of a table are files of /proc.
func TestOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		about string
		files map[string]string
		want  Stall
	}{
		{"not there", nil, Stall{}},
		{"asleep", map[string]string{
			"7/comm": "server\n", "7/task/7/stat": "7 (server) S 1 7", "7/task/7/schedstat": "100 2000 3\n",
		}, Stall{Seen: true, Waited: 2000}},
		{"the runtime, which reads the program", map[string]string{
			"7/comm": "runc:[2:INIT]\n", "7/task/7/stat": "7 (runc:[2:INIT]) D 1 7", "7/task/7/schedstat": "100 5 3\n",
		}, Stall{Seen: true, Unbegun: true, OnDisk: true, Waited: 5}},
		{"a thread of a child reads", map[string]string{
			"7/comm": "sh\n", "7/task/7/stat": "7 (sh) S 1 7", "7/task/7/schedstat": "1 10 1", "7/task/7/children": "8 9 ",
			"8/task/8/stat": "8 (a) D b) R 7 8", "8/task/8/schedstat": "1 100 1",
			"9/task/9/stat": "9 (db) S 7 9", "9/task/9/schedstat": "1 1000 1",
			"9/task/10/stat": "10 (db) D 7 9", "9/task/10/schedstat": "1 2000 1",
		}, Stall{Seen: true, OnDisk: true, Waited: 10 + 100 + 2000}},
		{"a name that looks like a state", map[string]string{
			"7/comm": "x) D y\n", "7/task/7/stat": "7 (x) D y) S 1 7", "7/task/7/schedstat": "bad",
		}, Stall{Seen: true}},
	}
	for _, test := range tests {
		proc := t.TempDir()
		for name, content := range test.files {
			path := filepath.Join(proc, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := Of(proc, 7); got != test.want {
			t.Errorf("%s: Of = %+v, want %+v", test.about, got, test.want)
		}
	}
}

func TestOfThisProcess(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/schedstat"); err != nil {
		t.Skip("there is no such table here")
	}
	if got := Of("/proc", os.Getpid()); !got.Seen || got.Unbegun || got.Waited <= 0 || got.Waited > time.Hour {
		t.Errorf("Of(this process) = %+v, want that it is seen, has begun, and has waited for a processor", got)
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]Stall{
		"":                             {Seen: true, Waited: 400 * time.Millisecond},
		" (its program has not begun)": {Unbegun: true, Waited: time.Minute},
		" (it waits for the disk)":     {OnDisk: true},
		" (of which its processes waited 1.2s for a processor)": {OnDisk: true, Waited: 1234 * time.Millisecond},
	} {
		if got := s.String(); got != want {
			t.Errorf("%#v says %q, want %q", s, got, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"os"
	"path/filepath"
	"testing"
)

// The first thread of an engine may be left in a container's namespace for good, and
// then says nothing about where the engine is.
func TestNamespaceOfAnyThread(t *testing.T) {
	t.Parallel()
	ours, err := os.Readlink("/proc/self/ns/mnt")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		threads    []string
		same, sure bool
	}{
		{"where we are", []string{ours, ours}, true, true},
		{"the first is in a container", []string{"mnt:[1]", ours}, true, true},
		{"elsewhere", []string{"mnt:[1]", "mnt:[2]"}, false, true},
		{"no process", nil, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			process := t.TempDir()
			for i, thread := range test.threads {
				dir := filepath.Join(process, "task", string(rune('1'+i)), "ns")
				if err := os.MkdirAll(dir, 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(thread, filepath.Join(dir, "mnt")); err != nil {
					t.Fatal(err)
				}
			}
			if same, sure := isWhereWeAre(process, "mnt"); same != test.same || sure != test.sure {
				t.Errorf("same, sure = %t, %t, want %t, %t", same, sure, test.same, test.sure)
			}
		})
	}
	if same, sure := isWhereWeAre("/proc/self", "mnt"); !same || !sure {
		t.Error("this process is not where it is")
	}
}

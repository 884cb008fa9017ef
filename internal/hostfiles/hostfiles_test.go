// SPDX-License-Identifier: Apache-2.0

package hostfiles

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// A copy has what its path leads to, and that counts; what links in it lead to is not copied.
func TestFillingIsLimited(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const mib = 1 << 20
	enginetest.WriteFile(t, filepath.Join(dir, "large", "sub", "x"), strings.Repeat("x", 2*mib))
	enginetest.WriteFile(t, filepath.Join(dir, "small", "x"), "x")
	for name, to := range map[string]string{"linked": "large", "twice": "linked", "file": "large/sub/x", "small/link": "../large/sub/x", "broken": "none"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		limit        int64
		fails, empty bool
	}{
		"large": {limit: mib, fails: true}, "large/sub/x": {limit: mib, fails: true},
		"linked": {limit: mib, fails: true}, "twice": {limit: mib, fails: true}, "file": {limit: mib, fails: true},
		"linked/": {limit: 2 * mib}, "small": {limit: mib},
		"none": {empty: true}, "broken": {empty: true},
	} {
		path := dir + "/" + name
		got, err := Filling(path, "copy", test.limit)
		if (err != nil) != test.fails || err != nil && !strings.Contains(err.Error(), "it has 2 MiB of files, and CopyLimit is 1 MiB") {
			t.Errorf("%s: error = %v, want one: %v", name, err, test.fails)
		}
		want := filepath.Clean(path)
		if test.empty {
			want = ""
		}
		if err == nil && (got.Path != want || got.Volume != "copy") {
			t.Errorf("%s: fills %s with %q, want it to fill copy with %q", name, got.Volume, got.Path, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// The artifacts of a test that panics stay, as those of one that fails in another way do.
func TestPanicKeepsArtifacts(t *testing.T) {
	t.Parallel()
	const panics = "SEATRIAL_TEST_PANICS"
	if os.Getenv(panics) != "" {
		a, err := ArtifactsOf(t)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(a.Path(), "seen.txt"), []byte("this"), 0o600); err != nil {
			t.Fatal(err)
		}
		panic("on purpose")
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestPanicKeepsArtifacts$")
	cmd.Env = append(os.Environ(), panics+"=1", "TMPDIR="+dir, "SEATRIAL_ARTIFACTS=", "SEATRIAL_NO_WATCHDOG=1")
	out, err := cmd.CombinedOutput()
	if want := regexp.MustCompile(`--- FAIL: TestPanicKeepsArtifacts .*\n +\S+_test.go:\d+: the test panicked at panics_test.go:\d+: `); err == nil || !want.Match(out) {
		t.Errorf("%v, its output does not match %s:\n%s", err, want, out)
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "*", "seen.txt")); len(found) != 1 {
		t.Errorf("files that stay: %q", found)
	}
}

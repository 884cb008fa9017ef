// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// TestShare runs testdata/share, and checks its output and what is left of it.
func TestShare(t *testing.T) {
	t.Parallel()
	img := probe(t)
	program := filepath.Join(t.TempDir(), "share.test")
	if out, err := exec.Command("go", "test", "-c", "-ldflags=-s -w", "-o", program, "./testdata/share").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tests := []struct {
		death string
		args  []string
		code  int
		want  string         // a pattern
		times map[string]int // how often each text is printed
	}{
		{"", nil, 0, `PASS`, map[string]int{"made ": 1}},
		{"", []string{"-test.v"}, 0, `share_test.go:\d+: being made`, map[string]int{"being made": 1}},
		{"", []string{"-test.run=none"}, 0, `PASS`, map[string]int{"made ": 0}},
		{"no Main", nil, 0, `PASS`, map[string]int{"made ": 1}},
		{"fails", nil, 1, `(?s)--- FAIL: TestZ/fails .*artifacts: /`, map[string]int{"made ": 1, "--- FAIL: TestZ/before": 0}},
		{"set-up fails", nil, 1, `(?s)making backend, which tests share, failed:\n.*share_test.go:\d+: migrate exited with code 3, not 0: no licence\n.*artifacts: /`,
			map[string]int{"made ": 1, "making backend, which": 4, "--- FAIL: TestOne": 1, "--- FAIL: TestTwo": 1, "--- FAIL: TestTry": 0, "--- FAIL: TestZ/": 2}},
		{"set-up panics", nil, 1, `(?s)panic: oh\n.*in the function given to Share:\n.*share_test.go`, map[string]int{"made ": 1, "--- FAIL: TestTwo": 1}},
		{"set-up skips", []string{"-test.v"}, 0, `this test needs more than there is: API 99.0`, map[string]int{"made ": 1, "--- SKIP: Test": 5, "--- FAIL": 0}},
		{"clean-up fails", nil, 1, `(?s)PASS\n--- FAIL: backend .*not clean.*artifacts.*FAIL\n$`, map[string]int{"made ": 1}},
	}
	for _, test := range tests {
		t.Run(strings.Join(append([]string{test.death}, test.args...), " "), func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			v.cmd = exec.Command(program, test.args...)
			v.cmd.Dir = "testdata/share"
			v.cmd.Env = append(os.Environ(), "TMPDIR="+v.tmp, "SEATRIAL_TEST_DEATH="+test.death, "SEATRIAL_TEST_IMAGE="+img.Ref, "SEATRIAL_REQUIRE=")
			v.cmd.Stdout, v.cmd.Stderr = &v.out, &v.out
			err := v.cmd.Run()
			code := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			out := v.out.String()
			if code != test.code || !regexp.MustCompile(test.want).MatchString(out) {
				t.Errorf("exit code %d, want %d; printed\n%s\nwant %q", code, test.code, out, test.want)
			}
			for text, want := range test.times {
				if got := strings.Count(out, text); got != want {
					t.Errorf("%q was said %d times, want %d:\n%s", text, got, want, out)
				}
			}
			looked := test.death != "fails"
			for _, at := range regexp.MustCompile(`artifacts: (/\S+)`).FindAllStringSubmatch(out, -1) {
				if test.death == "fails" && strings.Contains(at[1], "TestZ_fails") {
					logsSinceItBegan(t, at[1])
					looked = true
				}
				os.RemoveAll(at[1])
			}
			if !looked {
				t.Errorf("the test that failed has no artifacts:\n%s", out)
			}
			v.settles(t)
		})
	}
}

func logsSinceItBegan(t *testing.T, dir string) {
	t.Helper()
	for name, want := range map[string]string{"backend-server.out": "since [hidden]\n", "backend-server.err": "since, to stderr\n"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			files, _ := filepath.Glob(filepath.Join(dir, "*"))
			t.Errorf("%s has %q, %v, want %q; there are %q", name, got, err, want, files)
		}
	}
	if merged, err := os.ReadFile(filepath.Join(dir, artifact.MergedName)); err != nil || !strings.Contains(string(merged), "out since [hidden]\n") || strings.Contains(string(merged), "out before\n") {
		t.Errorf("all logs together are %q, %v, want what was logged since the test began", merged, err)
	}
	for _, leak := range enginetest.Leaks(t, dir, "GRtsp8-c4nary", func(string) bool { return false }) {
		t.Error(leak) // a secret of the shared project
	}
}

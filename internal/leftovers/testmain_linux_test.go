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
)

// TestMainOfAPackage runs testdata/shared, and checks its output and what is left of it.
func TestMainOfAPackage(t *testing.T) {
	t.Parallel()
	img := probe(t)
	program := filepath.Join(t.TempDir(), "shared.test")
	if out, err := exec.Command("go", "test", "-c", "-ldflags=-s -w", "-o", program, "./testdata/shared").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tests := []struct {
		death   string
		args    []string
		code    int
		want    string // a pattern
		without string // a pattern
	}{
		{"", []string{"-test.v"}, 0, `(?s)^    shared_test.go:\d+: made\n.*--- PASS: TestReachesItToo`, `FAIL|artifacts`},
		{"", []string{"-test.list=."}, 0, `^TestReachesIt\n`, `made`},
		{"", []string{"-test.run=none", "-test.bench=.", "-test.benchtime=3x"}, 0, `BenchmarkIt.* 3\t`, ``},
		{"", []string{"-test.run=none", "-test.fuzz=FuzzIt", "-test.fuzztime=5x", "-test.parallel=1", "-test.fuzzcachedir=" + t.TempDir()}, 0, `(?s)fuzz: elapsed: .*execs: [1-9].*PASS`, ``},
		{"fails", nil, 1, `(?s)--- FAIL: TestReachesIt .*FAIL\nwhat the tests share \(TestMain\):\n    shared_test.go:\d+: made\n    report: /.*\n    artifacts: /`, `FAIL: TestMain`},
		{"set-up fails", nil, 1, `(?s)^--- FAIL: TestMain \(\d+\.\d\ds\)\n    shared_test.go:\d+: made\n    shared_test.go:\d+: migrate exited with code 3, not 0: no licence\n            last lines of migrate.*artifacts: .*FAIL\n$`, `Reaches`},
		{"set-up panics", nil, 2, `(?s)--- FAIL: TestMain.*panic: oh\n.*in the function given to Main:\n.*shared_test.go`, `Reaches`},
		{"set-up skips", []string{"-test.v"}, 0, `(?s)shared_test.go:\d+: this test needs more than there is: API 99.0.*--- SKIP: TestMain`, `Reaches`},
		{"clean-up fails", nil, 1, `(?s)^PASS\n--- FAIL: TestMain.*not clean.*artifacts.*FAIL\n$`, ``},
		{"panics", nil, 2, `panic: of a goroutine`, ``},
		{"exits", nil, 4, ``, ``},
		{"hangs", []string{"-test.timeout=15s"}, 2, `panic: test timed out`, ``},
	}
	for _, test := range tests {
		t.Run(strings.Join(append([]string{test.death}, test.args...), " "), func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			v.cmd = exec.Command(program, test.args...)
			v.cmd.Dir = "testdata/shared"
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
			if code != test.code || !regexp.MustCompile(test.want).MatchString(v.out.String()) ||
				test.without != "" && regexp.MustCompile(test.without).MatchString(v.out.String()) {
				t.Errorf("exit code %d, want %d; printed\n%s\nwant %q, and not %q", code, test.code, v.out.String(), test.want, test.without)
			}
			// The artifacts of failed tests stay for people.
			for _, at := range regexp.MustCompile(`artifacts: (/\S+)`).FindAllStringSubmatch(v.out.String(), -1) {
				if files, _ := os.ReadDir(at[1]); len(files) == 0 {
					t.Errorf("%s is empty", at[1])
				}
				os.RemoveAll(at[1])
			}
			v.settles(t)
		})
	}
}

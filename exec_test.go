// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

func TestExec(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{Env: map[string]string{"A": "outer"}})
	tests := []struct {
		about string
		exec  spec.Exec
		want  seatrial.Result
	}{
		{"streams", spec.Exec{Command: []string{"/probe", "-print", "out", "-print", "!err"}}, seatrial.Result{Stdout: "out\n", Stderr: "err\n"}},
		{"code", spec.Exec{Command: []string{"/probe", "-exit", "9"}, ExitCodes: []int{0, 9}}, seatrial.Result{ExitCode: 9}},
		{"stdin", spec.Exec{Command: []string{"/probe", "-cat"}, Stdin: "a\x00b"}, seatrial.Result{Stdout: "a\x00b"}},
		{"no stdin", spec.Exec{Command: []string{"/probe", "-cat"}}, seatrial.Result{}},
		{"user and directory", spec.Exec{Command: []string{"/probe", "-id"}, User: "5:6", Dir: "/proc"}, seatrial.Result{Stdout: "5:6 /proc\n"}},
		{"environment", spec.Exec{Command: []string{"/probe", "-env", "A", "-env", "B"}, Env: map[string]string{"B": "in ner"}}, seatrial.Result{Stdout: "outer\nin ner\n"}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			if diff := cmp.Diff(test.want, *c.Exec(t, test.exec)); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExecFails(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{})
	tests := []struct {
		about, want string
		exec        spec.Exec
	}{
		{"code", `running "/probe -print !no such table -exit 4" in box: exited with code 4: no such table`,
			spec.Exec{Command: []string{"/probe", "-print", "!no such table", "-exit", "4"}}},
		{"code, and nothing that speaks of trouble", `in box: exited with code 4: the orders are gone`,
			spec.Exec{Command: []string{"/probe", "-print", "!the orders are gone", "-exit", "4"}}},
		{"other code", "exited with code 0", spec.Exec{Command: []string{"/probe"}, ExitCodes: []int{1}}},
		{"command missing", "no such file or directory", spec.Exec{Command: []string{"/none"}}},
		{"not in PATH", "executable file not found in $PATH", spec.Exec{Command: []string{"none"}}},
		{"not executable", "permission denied", spec.Exec{Command: []string{"/etc/hosts"}}},
		{"no such user", "unable to find user nobody", spec.Exec{Command: []string{"/probe"}, User: "nobody"}},
		{"no such directory", "no such file or directory", spec.Exec{Command: []string{"/probe"}, Dir: "/none"}},
		{"late", "it did not end within", spec.Exec{Command: []string{"/probe", "-after", "2s"}, TimeLimit: 500 * time.Millisecond}},
		{"nothing", "Command is not given", spec.Exec{}},
		{"bad variable", `Env: "A=B" is not a name for a variable`, spec.Exec{Command: []string{"/probe"}, Env: map[string]string{"A=B": ""}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			mustFail(t, test.want, func(t seatrial.T) { c.Exec(t, test.exec) })
		})
	}
	c.Stop(t)
	mustFail(t, `running "/probe" in box: it exited with code 0`, func(t seatrial.T) { c.Exec(t, spec.Exec{Command: []string{"/probe"}}) })
}

// tree lists the contents of a directory.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		b.WriteString(info.Mode().String() + " " + name)
		if link, err := os.Readlink(path); err == nil {
			b.WriteString(" -> " + link)
		} else if content, err := os.ReadFile(path); err == nil {
			b.WriteString(" " + string(content))
		}
		b.WriteString("\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

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
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func idle(t *testing.T, s spec.Container) *seatrial.Container {
	t.Helper()
	s.Image, s.Command = probe(t).Ref, []string{"-after", "5m"}
	if s.Ready == nil { // it is known to stay
		s.Ready = wait.ReadyCondition{AtOnce: true}
	}
	if s.Name == "" {
		s.Name = "box"
	}
	return seatrial.Run(t, s)
}

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
		{"other code", "exited with code 0", spec.Exec{Command: []string{"/probe"}, ExitCodes: []int{1}}},
		{"command missing", "no such file or directory", spec.Exec{Command: []string{"/none"}}},
		{"not in PATH", "executable file not found in $PATH", spec.Exec{Command: []string{"none"}}},
		{"not executable", "permission denied", spec.Exec{Command: []string{"/etc/hosts"}}},
		{"no such user", "unable to find user nobody", spec.Exec{Command: []string{"/probe"}, User: "nobody"}},
		{"no such directory", "no such file or directory", spec.Exec{Command: []string{"/probe"}, Dir: "/none"}},
		{"late", "it did not end within", spec.Exec{Command: []string{"/probe", "-after", "2s"}, TimeLimit: 500 * time.Millisecond}},
		{"nothing", "Command is not given", spec.Exec{}},
		{"bad variable", `Env: "A=B" is no name of a variable`, spec.Exec{Command: []string{"/probe"}, Env: map[string]string{"A=B": ""}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			mustFail(t, test.want, func(t seatrial.T) { c.Exec(t, test.exec) })
		})
	}
	c.Stop(t)
	mustFail(t, "is not running; its state: exited with code 0", func(t seatrial.T) { c.Exec(t, spec.Exec{Command: []string{"/probe"}}) })
}

func TestRunToEnd(t *testing.T) {
	t.Parallel()
	img := probe(t)
	got := *seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "out", "-print", "!err", "-exit", "3"}, ExitCodes: []int{0, 3}})
	if diff := cmp.Diff(seatrial.Result{ExitCode: 3, Stdout: "out\n", Stderr: "err\n"}, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	r := mustFail(t, "waiting for exit 0 of migrate: exited with code 3", func(t seatrial.T) {
		seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "column exists", "-exit", "3"}})
	})
	if !strings.Contains(r.Errors(), "| column exists") {
		t.Errorf("the last lines are missing:\n%s", r.Errors())
	}
	mustFailIn(t, 5*time.Second, "waiting for exit 0 of migrate: not within", func(t seatrial.T) {
		seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-after", "10m"}})
	})
}

// tree describes what lies in a directory.
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

func TestCopyThereAndBack(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{})
	from := filepath.Join(t.TempDir(), "from")
	writeFile(t, filepath.Join(from, "a b", "x.txt"), "x")
	writeFile(t, filepath.Join(from, "secret"), "s")
	writeFile(t, filepath.Join(from, "run"), "r")
	for name, mode := range map[string]os.FileMode{"secret": 0o600, "run": 0o755, "a b": 0o555} {
		if err := os.Chmod(filepath.Join(from, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(filepath.Join(from, "a b"), 0o755) })
	for name, to := range map[string]string{"inside": "a b/x.txt", "outside": "/etc/passwd", "broken": "../none"} {
		if err := os.Symlink(to, filepath.Join(from, name)); err != nil {
			t.Fatal(err)
		}
	}
	want := tree(t, from)

	c.CopyIn(t, from, "/new/dir")
	c.CopyIn(t, from, "/new/dir/") // into what is there
	if got := c.Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/new/dir/secret", "-stat", "/new/dir/outside"}}).Stdout; got != "-rw------- 0:0 s\nLrwxrwxrwx 0:0 -> /etc/passwd\n" {
		t.Errorf("inside they are %q", got)
	}
	to := filepath.Join(t.TempDir(), "made", "to")
	c.CopyOut(t, "/new/dir", to)
	t.Cleanup(func() { os.Chmod(filepath.Join(to, "a b"), 0o755) })
	if diff := cmp.Diff(want, tree(t, to)); diff != "" {
		t.Errorf("what came back (-want +got):\n%s", diff)
	}

	c.CopyIn(t, filepath.Join(from, "run"), "/one/file")
	c.Stop(t) // it need not run
	one := filepath.Join(t.TempDir(), "one")
	c.CopyOut(t, "/one/file", one)
	if got := tree(t, one); got != "-rwxr-xr-x . r\n" {
		t.Errorf("a file came back as %q", got)
	}
}

func TestCopyFails(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{})
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	writeFile(t, file, "")
	for want, do := range map[string]func(t seatrial.T){
		"copying none to /x in box: stat none: no such file": func(t seatrial.T) { c.CopyIn(t, "none", "/x") },
		`"x" is no absolute path`:                            func(t seatrial.T) { c.CopyIn(t, file, "x") },
		"say which name the file shall have":                 func(t seatrial.T) { c.CopyIn(t, file, "/x/") },
		"/probe is not a directory there":                    func(t seatrial.T) { c.CopyIn(t, file, "/probe/x/y") },
		"in box: /probe is not a directory there":            func(t seatrial.T) { c.CopyIn(t, file, "/probe/x") },
		"there is no /none in it":                            func(t seatrial.T) { c.CopyOut(t, "/none", filepath.Join(dir, "x")) },
		`"etc" is no absolute path`:                          func(t seatrial.T) { c.CopyOut(t, "etc", dir) },
		"one of the two is a directory":                      func(t seatrial.T) { c.CopyOut(t, "/probe", dir) },
	} {
		mustFail(t, want, do)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{Labels: map[string]string{"mine": "1"}, Env: map[string]string{"A": "b"}})
	c.CopyIn(t, "container.go", "/data.txt")
	var ref string
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		img := c.Commit(r)
		ref = img.Ref
		again := seatrial.Run(r, spec.Container{Image: img.Ref, Command: []string{"-env", "A", "-after", "1m"}})
		if got := again.Exec(r, spec.Exec{Command: []string{"/probe", "-stat", "/data.txt"}}).Stdout; !strings.Contains(got, "package seatrial") {
			r.Errorf("the file in the committed image is %q", got)
		}
		if labels := enginetest.Docker(t, "image", "inspect", "--format", "{{json .Config.Labels}}", img.Ref); !strings.Contains(labels, `"mine":"1"`) || strings.Contains(labels, `"container"`) || !strings.Contains(labels, `"io.github.seatrial.name":"`+ref+`"`) {
			r.Errorf("the labels of the committed image are %s", labels)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	if !strings.HasPrefix(ref, "localhost/seatrial/") {
		t.Errorf("Ref = %q", ref)
	}
	if left := enginetest.Docker(t, "image", "ls", "--quiet", ref); left != "" {
		t.Errorf("the committed image is left: %s", left)
	}
}

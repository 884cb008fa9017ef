// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

func remembered(dir string) *Memory {
	return &Memory{Dir: dir,
		Args:    []string{"compose", "--ansi", "never", "--progress", "plain", "--project-name", "shop-1", "--project-directory", dir, "--profile", "debug", "--file", dir + "/compose.yaml", "--file", "/state/owner.yaml"},
		Environ: []string{"HOME=/root", "PATH=/bin", "PWD=" + dir, "DOCKER_HOST=unix:///x", "SEATRIAL_PORT_WEB_8080=23923", "TAG=3", "COMPOSE_OF_OUR_OWN=x"},
	}
}

// The block has what docker compose has to know, and nothing of this machine.
func TestPlain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	got, err := remembered(dir).plain("shop-1")
	want := map[string]string{"COMPOSE_PROJECT_NAME": "shop-1", "COMPOSE_FILE": dir + "/compose.yaml:/state/owner.yaml", "COMPOSE_PATH_SEPARATOR": ":",
		"COMPOSE_PROFILES": "debug", "SEATRIAL_PORT_WEB_8080": "23923", "TAG": "3", "COMPOSE_OF_OUR_OWN": "x"}
	if os.PathListSeparator != ':' {
		want["COMPOSE_FILE"], want["COMPOSE_PATH_SEPARATOR"] = dir+"/compose.yaml;/state/owner.yaml", ";"
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got  %q, %v\nwant %q", got, err, want)
	}
	odd := remembered(dir)
	odd.Args[len(odd.Args)-1] = "/a:b/owner.yaml"
	if got, err := odd.plain("shop-1"); err != nil || got["COMPOSE_FILE"] != dir+"/compose.yaml|/a:b/owner.yaml" {
		t.Errorf("a path with the separator: %q, %v", got, err)
	}
	for why, change := range map[string]func(*Memory){
		"--env-file":              func(m *Memory) { m.EnvFiles = []string{"x.env"} },
		"for that of the project": func(m *Memory) { m.Dir = filepath.Dir(dir) },
		"not to be read":          func(m *Memory) { m.Environ = append(m.Environ, "COMPOSE_DISABLE_ENV_FILE=1") },
	} {
		m := remembered(dir)
		change(m)
		if _, err := m.plain("shop-1"); err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "hint: seatrial compose --") {
			t.Errorf("%s: %v", why, err)
		}
	}
}

// A block is put there, made anew and taken out, and what is another's is left alone.
func TestBlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine, other := &Named{Record: Record{Name: "shop-1", Dir: dir}}, &Named{Record: Record{Name: "shop-2", Dir: "/elsewhere"}}
	old, fresh, theirs := filepath.Join(dir, ".env"), filepath.Join(dir, "new.env"), filepath.Join(dir, "theirs.env")
	if err := os.WriteFile(old, []byte("A=1\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	var said []string
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	m := remembered(dir)
	for _, file := range []string{old, fresh, theirs} {
		m.Written = append(m.Written, Written{file, file != old})
		if err := put(file, envblock.Block{Name: mine.Name, Dir: mine.Dir}, map[string]string{"B": "1"}, say); err != nil {
			t.Fatal(err)
		}
	}
	if len(said) > 0 {
		t.Errorf("said %q", said)
	}
	if err := put(theirs, envblock.Block{Name: other.Name, Dir: other.Dir}, map[string]string{"B": "2"}, say); err != nil || len(said) != 1 || !strings.Contains(said[0], "of environment shop-1 of "+dir+" is replaced") {
		t.Errorf("another one's block is replaced: %v, said %q", err, said)
	}
	m.remake(mine, nil, say)
	content, _ := os.ReadFile(old)
	if !strings.Contains(string(content), "SEATRIAL_PORT_WEB_8080='23923'") {
		t.Errorf("it was not made anew:\n%s", content)
	}
	before, _ := os.ReadFile(theirs)
	taken := m.ours(mine)
	m.unmake(mine, say)
	if content, _ := os.ReadFile(old); string(content) != "A=1\n" {
		t.Errorf("what is left is %q", content)
	}
	if info, err := os.Stat(old); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	if _, err := os.Stat(fresh); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was not there before is still there: %v", err)
	}
	if content, _ := os.ReadFile(theirs); string(content) != string(before) {
		t.Errorf("another one's has changed:\n%s", content)
	}
	if len(m.Written) > 0 || len(said) > 1 {
		t.Errorf("written %v, said %q", m.Written, said)
	}
	m.remake(mine, taken, say) // as reset does
	for _, file := range []string{old, fresh} {
		if content, _ := os.ReadFile(file); !strings.Contains(string(content), "SEATRIAL_PORT_WEB_8080='23923'") {
			t.Errorf("what was taken out of %s is not there again:\n%s", file, content)
		}
	}
	if content, _ := os.ReadFile(theirs); string(content) != string(before) || len(said) > 1 {
		t.Errorf("another one's has changed:\n%s\nand it said %q", content, said)
	}
}

func TestMayWrite(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"tracked.env": "", "open.env": "", "ignored.env": "", ".gitignore": "ignored.env\n", "odd/.git": "gitdir: nowhere\n"} {
		_ = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("open.env", filepath.Join(dir, "link.env")); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "--quiet"}, {"add", "tracked.env"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	for _, test := range []struct {
		file       string
		force      bool
		want, said string // of the error, of the warning
	}{
		{"tracked.env", false, "git tracks", ""},
		{"tracked.env", true, "git tracks", ""},
		{"link.env", true, "is a link", ""},
		{"odd", true, "is not a file", ""},
		{"open.env", false, "", "git does not ignore"},
		{"new.env", false, "", "git does not ignore"},
		{"ignored.env", false, "", ""},
		{"odd/.env", false, "it cannot be told whether git tracks", ""},
		{"odd/.env", true, "", ""},
	} {
		said := ""
		err := mayWrite(context.Background(), filepath.Join(dir, test.file), test.force, func(format string, args ...any) { said += fmt.Sprintf(format, args...) })
		if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s, force %v: error %v, want %q", test.file, test.force, err, test.want)
		}
		if (said != "") != (test.said != "") || !strings.Contains(said, test.said) {
			t.Errorf("%s, force %v: said %q, want %q", test.file, test.force, said, test.said)
		}
	}
}

// What else gets the variables of the block is said.
func TestTaken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"compose.yaml": "services:\n  web: {image: web, env_file: .env}\n  open: {build: open}\n  closed: {build: closed}\n  all: {build: .}\n",
		".env":         "A=1\n", "open/Dockerfile": "FROM scratch\n", "closed/Dockerfile": "FROM scratch\n", "closed/.dockerignore": "*.env\n.env\n", "Dockerfile": "FROM scratch\n",
	} {
		_ = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := tailor.Compose(context.Background(), spec.Project{Files: []string{dir}}, tailor.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]string{
		".env": {"the build of service all takes", "service web has"}, "open/.env": {"the build of service all takes", "the build of service open takes"},
		"closed/.env": {"the build of service all takes"}, "../.env": nil,
	} {
		got := taken(plan, filepath.Join(dir, file))
		ok := len(got) == len(want)
		for i := range min(len(got), len(want)) {
			ok = ok && strings.HasPrefix(got[i], want[i])
		}
		if !ok {
			t.Errorf("%s: %q, want %q", file, got, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// brokenImage is one whose programs cannot be run: /text is no program, /plain
// may not be executed, /foreign is for a machine that this one is not.
func brokenImage(t *testing.T) *seatrial.Image {
	t.Helper()
	context := enginetest.ProbeContext(t)
	program, err := os.ReadFile(filepath.Join(context, "probe"))
	if err != nil {
		t.Fatal(err)
	}
	foreign := append([]byte{}, program...)
	foreign[18], foreign[19] = 0x16, 0 // e_machine of ELF: s390, big-endian in fact
	for name, content := range map[string][]byte{"foreign": foreign, "plain": program, "text": []byte("echo hello\n")} {
		if err := os.WriteFile(filepath.Join(context, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	writeFile(t, filepath.Join(context, "Dockerfile"), `FROM scratch
COPY probe plain /
COPY --chmod=755 foreign text /
ENTRYPOINT ["/probe"]
`)
	return seatrial.Build(t, spec.Image{Context: context})
}

// The causes are what Docker, the kernel or the program would say to somebody
// who did the same by hand. They were written down before seatrial was asked.
// Each must stand in the first line, within a second of being knowable; what
// goes on before that, pulling an image say, counts as well.
func TestFailuresTellTheCause(t *testing.T) {
	enginetest.Need(t)
	img := brokenImage(t)
	taken := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "taken", Command: []string{"-serve", ":80"}, Ports: []int{80}})
	ready := wait.Log("ready")
	tests := []struct {
		about, cause string
		spec         spec.Container
	}{
		{"crash on start", "exited with code 3", spec.Container{Command: []string{"-print", "no licence", "-exit", "3"}, Ready: ready}},
		{"out of memory", "memory", spec.Container{Command: []string{"-eat", "200"}, Limits: spec.Limits{Memory: 32 << 20}, Flags: []string{"--memory-swap", "32m"}, Ready: ready}},
		{"command missing", "no such file or directory", spec.Container{Entrypoint: []string{"/none"}}},
		{"command not in PATH", "executable file not found", spec.Container{Entrypoint: []string{"none"}}},
		{"not executable", "permission denied", spec.Container{Entrypoint: []string{"/plain"}}},
		{"a directory", "is a directory", spec.Container{Entrypoint: []string{"/etc"}}},
		{"no such user", "unable to find user nobody", spec.Container{User: "nobody"}},
		{"no such group", "unable to find group none", spec.Container{User: "0:none"}},
		{"directory is a file", "not a directory", spec.Container{Dir: "/probe"}},
		{"image missing", "connection refused", spec.Container{Image: "127.0.0.1:1/none:1"}},
		{"image's name is none", "invalid reference format", spec.Container{Image: "Not An Image"}},
		{"port in use", "already allocated", spec.Container{Flags: []string{"--publish", taken.Addr(t, 80) + ":80"}}},
		{"limit below the least", "Minimum memory limit", spec.Container{Limits: spec.Limits{Memory: 1}}},
		{"no such capability", "NO_SUCH", spec.Container{Flags: []string{"--cap-add", "NO_SUCH"}}},
		{"file mounted on a directory", "not a directory", spec.Container{Mounts: []spec.Mount{{Host: "go.mod", Target: "/etc"}}}},
		{"alias of a default network", "network-scoped alias", spec.Container{Networks: []spec.Endpoint{{Network: "bridge", Aliases: []string{"db"}}}}},
		{"the host's network and another", "host", spec.Container{Networks: []spec.Endpoint{{Network: "host"}, {Network: "none"}}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			s := test.spec
			if s.Image == "" {
				s.Image = img.Ref
			}
			s.Name = "srv"
			began := time.Now()
			r := mustFail(t, test.cause, func(t seatrial.T) { seatrial.Run(t, s); t.Errorf("it runs") })
			line, _, _ := strings.Cut(r.Errors(), "\n")
			took := time.Since(began).Round(time.Millisecond)
			t.Logf("after %v: %s", took, line)
			if took > 2*time.Second { // a start takes most of it
				t.Errorf("it took %v", took)
			}
		})
	}
}

// These can be seen in the program's own words only.
func TestFailuresOfThePrograms(t *testing.T) {
	enginetest.Need(t)
	img := brokenImage(t)
	tests := []struct {
		about, cause string
		spec         spec.Container
	}{
		{"wrong architecture", "exec format error", spec.Container{Entrypoint: []string{"/foreign"}}},
		{"not a program", "exec format error", spec.Container{Entrypoint: []string{"/text"}}},
		{"read-only file system", "read-only file system", spec.Container{Command: []string{"-write", "/x=y"}, Flags: []string{"--read-only"}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			s := test.spec
			s.Image, s.Name = img.Ref, "srv"
			r := mustFail(t, "exited with code", func(t seatrial.T) { seatrial.RunToEnd(t, s) })
			if !strings.Contains(r.Errors(), test.cause) {
				t.Errorf("the cause %q is missing:\n%s", test.cause, r.Errors())
			}
			t.Log(r.Errors())
		})
	}
}

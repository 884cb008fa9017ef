// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// brokenImage returns an image whose programs cannot be run: /text is no program,
// /plain is not executable, /foreign is for another architecture.
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
	enginetest.WriteFile(t, filepath.Join(context, "Dockerfile"), `FROM scratch
COPY probe plain /
COPY --chmod=755 foreign text /
ENTRYPOINT ["/probe"]
`)
	return seatrial.Build(t, spec.Image{Context: context})
}

// runLimit is how long Run waits for a condition that has no limit of its own.
const runLimit = 2 * time.Minute

// The patterns for the first lines of the commonest failures were written by
// somebody who had not seen seatrial's messages: the words of the engine, the
// kernel or the program, and the name of the object. (A wrong password needs a
// database's driver: the example's tests have that one.)
func TestRunFifteenFailures(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	img := brokenImage(t)
	port := []int{8080}
	ready := wait.Log("ready")
	probing := spec.Healthcheck{Command: []string{"/probe", "-print", "connection refused to backend", "-exit", "1"}, Interval: 50 * time.Millisecond, Retries: 1}
	tests := []struct {
		about, cause string
		spec         spec.Container
		in           time.Duration // when the failure can be known, after the start
	}{
		{"crash on start", `cannot parse config: line 3`,
			spec.Container{Command: []string{"-print", "!panic: cannot parse config: line 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:5 +0x1d", "-exit", "2"}, Ready: ready}, 0},
		{"out of memory", `out of memory|oom[ -]?kill|too much memory|memory limit exceeded`,
			spec.Container{Command: []string{"-eat", "200"}, Limits: spec.Limits{Memory: 16 << 20}, Flags: []string{"--memory-swap", "16m"}, Ready: ready}, 0},
		{"unhealthy", `health.*connection refused to backend`,
			spec.Container{Command: []string{"-serve", ":80"}, Healthcheck: &probing}, 0},
		{"port never opened", `\b8080\b.*nothing listens|nothing listens.*\b8080\b`,
			spec.Container{Command: []string{"-after", "1m"}, Ports: port, Ready: wait.Within(3*time.Second, wait.Listening(8080))}, 3 * time.Second},
		{"opened on loopback inside", `listens on 127\.0\.0\.1:8080 inside the container`,
			spec.Container{Command: []string{"-serve", "127.0.0.1:8080"}, Ports: port, Ready: wait.Within(3*time.Second, wait.Listening(8080))}, 3 * time.Second},
		{"exits 0 too early", `exited with code 0 before`,
			spec.Container{Command: []string{"-print", "nothing to do"}, Ready: ready}, 0},
		{"TLS mismatch", `does not speak TLS|server gave HTTP response to HTTPS client`,
			spec.Container{Command: []string{"-serve", ":8080"}, Ports: port, Ready: wait.HTTPS(8080, "/")}, 0},
		{"command missing", `nosuchprogram.*(not found|no such file)`,
			spec.Container{Entrypoint: []string{"nosuchprogram"}}, 0},
		{"not executable", `/plain\b.*permission denied`,
			spec.Container{Entrypoint: []string{"/plain"}}, 0},
		{"wrong architecture", `exec format error`,
			spec.Container{Entrypoint: []string{"/foreign"}, Ready: ready}, 0},
		{"no such user", `unable to find user nobodyhere`,
			spec.Container{User: "nobodyhere"}, 0},
		{"read-only file system", `/x: read-only file system`,
			spec.Container{Command: []string{"-write", "/x=y"}, Flags: []string{"--read-only", "--tmpfs", "/tmp"}, Ready: ready}, 0},
		{"image missing", `no such image.*example\.invalid/none:1|example\.invalid/none:1.*not (found|there|on the engine)`,
			spec.Container{Image: "example.invalid/none:1", Flags: []string{"--pull", "never"}}, 0},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			s := test.spec
			if s.Image == "" {
				s.Image = img.Ref
			}
			s.Name = "srv"
			began := time.Now()
			r := mustFail(t, "", func(t seatrial.T) { seatrial.Run(t, s); t.Errorf("it runs") })
			line, _, _ := strings.Cut(r.Errors(), "\n")
			took := (time.Since(began) - test.in).Round(time.Millisecond)
			t.Logf("after %v: %s", took, line)
			if !regexp.MustCompile("(?i)" + test.cause).MatchString(line) {
				t.Errorf("the first line is\n%s\nwant in it %q; all of it:\n%s", line, test.cause, r.Errors())
			}
			if took > runLimit/4 { // it must not wait until its limit
				t.Errorf("it took %v", took)
			}
		})
	}
	// The fifteenth failure is a name that is in use: see TestRunNameInUse.
}

// A container of others that is named like a role in the test does no harm. But the
// test's own docker command may use a name that is in use.
func TestRunNameInUse(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	img := probe(t)
	first := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "taken", Command: []string{"-serve", ":80"}})
	second := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "taken", Command: []string{"-serve", ":80"}})
	if first.ID == second.ID {
		t.Errorf("both are container %s", first.ID)
	}
	name := strings.TrimPrefix(strings.TrimSpace(enginetest.Docker(t, "inspect", "--format", "{{.Name}}", first.ID)), "/")
	mustFail(t, `Conflict. The container name "/`+name+`" is already in use`, func(t seatrial.T) {
		seatrial.Docker(t, spec.Command{Args: []string{"create", "--name", name, img.Ref}})
	})
	mustFail(t, "--name", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Flags: []string{"--name", "taken"}})
	})
}

// The causes are the messages of Docker, the kernel or the program when the same is
// done by hand. They were written down before seatrial was run. Each must be in the
// first line within a second of when it can be known; a message before that, about
// pulling an image say, is accepted, too.
func TestRunFailuresTellTheCause(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	img := brokenImage(t)
	taken := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "taken", Command: []string{"-serve", ":80"}, Ports: []int{80}})
	tests := []struct {
		about, cause string
		spec         spec.Container
	}{
		{"command missing", "no such file or directory", spec.Container{Entrypoint: []string{"/none"}}},
		{"not a program", "exec format error", spec.Container{Entrypoint: []string{"/text"}, Ready: wait.Exit(0)}},
		{"a directory", "is a directory", spec.Container{Entrypoint: []string{"/etc"}}},
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
			if took > runLimit/4 { // it must not wait until its limit
				t.Errorf("it took %v", took)
			}
		})
	}
}

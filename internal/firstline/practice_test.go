// SPDX-License-Identifier: Apache-2.0

package firstline_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Main(m)) }

const practicePage = "../../docs/firstline.md"

// A practice is a project that fails on a real engine: its files, and who holds the port that
// it may ask for.
type practice struct {
	here       *seatrial.Engine
	dir, image string
	ready      map[string]wait.Condition
	keep       []int
}

// A told is what was said of a failure, and after which time.
type told struct {
	text string
	took time.Duration
}

// TestPractice has projects fail as they do in practice, and judges the first line as the
// catalogue does. The page of the documentation that shows them has the same lines; with
// -update and SEATRIAL_FAILURES=all it is written, with docker compose's words for the same
// files beside ours.
func TestPractice(t *testing.T) {
	enginetest.Need(t)
	here := seatrial.On(spec.Engine{Host: os.Getenv("DOCKER_HOST")}) // the process's own may be the catalogue's fake
	image := here.Build(t, spec.Image{Context: enginetest.ProbeContext(t)}).Ref
	var mu sync.Mutex
	ours, theirs := map[string]told{}, map[string]told{}
	all := read(t, "practice", func(t *testing.T, _ rules, files map[string]string) string {
		p := newPractice(t, here, image, files)
		first := p.up(t)
		mu.Lock()
		defer mu.Unlock()
		ours[t.Name()] = first
		if *update {
			theirs[t.Name()] = p.compose(t)
		}
		return first.text
	})
	n := enginetest.Sample(t, "SEATRIAL_FAILURES", 5, len(all), "failures in practice")
	page, err := os.ReadFile(practicePage)
	if err != nil && !*update {
		t.Fatal(err)
	}
	var b strings.Builder
	t.Run("all", func(t *testing.T) {
		for i := range n {
			f := all[i*len(all)/n]
			t.Run(f.Cause, func(t *testing.T) {
				if !*update { // times are of one at a time
					t.Parallel()
				}
				line := f.Line(t)
				if verdict := f.Rules.verdict(line); verdict != "yes" {
					t.Errorf("%s: the first line is\n    %s\nwant in it %q, and not %q", verdict, line, f.Rules.Want, f.Rules.Not)
				}
				if !*update && !strings.Contains(string(page), line+"\n") {
					t.Errorf("%s has not\n    %s\ngo test -update with SEATRIAL_FAILURES=all writes it", practicePage, line)
				}
				is, they := ours[t.Name()], theirs[t.Name()]
				fmt.Fprintf(&b, "\n%s\n    seatrial        %5.1fs  %s\n    docker compose  %5.1fs  %s\n", f.Cause, is.took.Seconds(), is.text, they.took.Seconds(), they.text)
			})
		}
	})
	if !*update || n < len(all) {
		return
	}
	before, rest, _ := strings.Cut(string(page), "```\n")
	_, after, _ := strings.Cut(rest, "```\n")
	if err := os.WriteFile(practicePage, []byte(before+"```\n"+strings.TrimPrefix(b.String(), "\n")+"```\n"+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// newPractice writes the files of a project.
func newPractice(t *testing.T, here *seatrial.Engine, image string, files map[string]string) practice {
	t.Helper()
	l, err := net.Listen("tcp", "0.0.0.0:0") // something else has the port
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	port := l.Addr().(*net.TCPAddr).Port
	p := practice{here: here, dir: t.TempDir(), image: image, ready: map[string]wait.Condition{}}
	for name, content := range files {
		switch name {
		case "ready": // of a service: :PORT, or a line of the log
			service, what, _ := strings.Cut(strings.TrimSpace(content), ": ")
			p.ready[service] = wait.Within(5*time.Second, wait.Log(what))
			if number, err := strconv.Atoi(strings.TrimPrefix(what, ":")); err == nil {
				p.ready[service] = wait.Within(5*time.Second, wait.Listening(number))
			}
			continue
		case "keep":
			p.keep = []int{port}
			continue
		case "arm64":
			content = elf(183)
		}
		content = strings.NewReplacer("{{image}}", image, "{{port}}", strconv.Itoa(port), "␍", "\r").Replace(content)
		enginetest.WriteFile(t, filepath.Join(p.dir, strings.ReplaceAll(name, ":", "/")), content)
	}
	return p
}

// elf is the head of a program of Linux for this machine.
func elf(machine uint16) string {
	var b bytes.Buffer
	b.WriteString("\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 9))
	_ = binary.Write(&b, binary.LittleEndian, struct {
		Type, Machine                       uint16
		Version                             uint32
		Entry, Programs, Sections           uint64
		Flags                               uint32
		Header, Program, N, Section, M, Str uint16
	}{Type: 2, Machine: machine, Version: 1, Programs: 64, Header: 64, Program: 56})
	return b.String()
}

// up is the first line of the failure of Up.
func (p practice) up(t *testing.T) told {
	t.Helper()
	began := time.Now()
	var took time.Duration
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		defer func() { took = time.Since(began) }()
		p.here.Up(r, spec.Project{Files: []string{filepath.Join(p.dir, "compose.yaml")}, Ready: p.ready, KeepPorts: p.keep})
	})
	r.Discard(t)
	line, _, _ := strings.Cut(r.Errors(), "\n")
	return told{p.plain(line), took}
}

// compose is what docker compose says of it at last.
func (p practice) compose(t *testing.T) told {
	t.Helper()
	project := "practice-" + owner.NewID()
	run := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "docker", append([]string{"compose", "--ansi", "never", "--progress", "plain", "-p", project}, args...)...)
		cmd.Dir = p.dir
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	began := time.Now()
	out, err := run("up", "--detach", "--wait", "--wait-timeout", "60")
	took := time.Since(began)
	if out, err := run("down", "--volumes", "--rmi", "local", "--timeout", "1"); err != nil && !strings.Contains(out, "enviroment") && !strings.Contains(out, "prod.env") {
		t.Errorf("docker compose down: %v\n%s", err, out)
	}
	if err == nil {
		return told{"(passes)", took}
	}
	return told{strings.ReplaceAll(p.plain(out[strings.LastIndex(out, "\n")+1:]), project, "shop"), took}
}

// plain is a line without what is another one each time.
func (p practice) plain(line string) string {
	line = regexp.MustCompile(regexp.QuoteMeta(p.dir)+"/?").ReplaceAllString(line, "")
	line = strings.ReplaceAll(line, p.image, "probe")
	for _, port := range p.keep {
		line = strings.ReplaceAll(line, strconv.Itoa(port), "8080")
	}
	line = regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(line, "ID")
	line = regexp.MustCompile(`(\d) restarts?\b`).ReplaceAllString(line, "N restarts")
	line = regexp.MustCompile(`in \d+ lines`).ReplaceAllString(line, "in N lines")
	line = strings.Replace(line, `before logging "ready"`, "before becoming ready", 1) // which of the two waits it was is a matter of time
	line = regexp.MustCompile(`ref \S+::\S+: `).ReplaceAllString(line, "ref ID: ")
	return regexp.MustCompile(`within [\d.]+m?s`).ReplaceAllString(line, "within TIME")
}

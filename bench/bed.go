// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/client"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// mark is the label of all objects of the peers, and the prefix of all names.
const mark = "seatrial-bench"

// A bed has what the rows need, and the clean-up of a row.
type bed struct {
	ctx   context.Context
	root  string // the checkout
	dir   string // of temporary files
	probe string // the image of all containers
	api   *client.Client
	tidys []func() // of this row
	ends  []func()
}

func newBed(ctx context.Context, root string) (*bed, error) {
	dir, err := os.MkdirTemp("", mark+"-")
	if err != nil {
		return nil, err
	}
	b := &bed{ctx: ctx, root: root, dir: dir, probe: fmt.Sprintf("%s/probe:%d", mark, os.Getpid())}
	b.ends = append(b.ends, func() { os.RemoveAll(dir) })
	if b.api, err = client.New(client.FromEnv); err != nil {
		return nil, err
	}
	if err := b.build("probe", "./internal/enginetest/probe", b.probe, "HEALTHCHECK --start-period=1m --start-interval=200ms CMD [\"/main\", \"-check\", \"http://127.0.0.1/health\"]\n"); err != nil {
		b.end()
		return nil, err
	}
	return b, nil
}

// build builds an image with a static program of the checkout.
func (b *bed) build(name, pkg, image, more string) error {
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	module, pkg := filepath.Join(b.root, filepath.Dir(pkg)), "./"+filepath.Base(pkg)
	build := exec.CommandContext(b.ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "main"), pkg)
	build.Dir, build.Env = module, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling %s: %w\n%s", name, err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nCOPY main /main\n"+more+"ENTRYPOINT [\"/main\"]\n"), 0o644); err != nil {
		return err
	}
	b.ends = append(b.ends, func() { _, _ = quiet("docker", "image", "rm", "--force", image) })
	_, err := b.command("docker", "build", "--quiet", "--tag", image, dir)
	return err
}

// tidy removes what a row left, intentionally or not.
func (b *bed) tidy() {
	for _, f := range slices.Backward(b.tidys) {
		f()
	}
	b.tidys = nil
	removeLabelled(mark)
}

func (b *bed) end() {
	b.tidy()
	for _, f := range slices.Backward(b.ends) {
		f()
	}
}

func removeLabelled(label string) {
	if ids, err := quiet("docker", "ps", "--all", "--quiet", "--filter", "label="+label); err == nil && ids != "" {
		_, _ = quiet("docker", append([]string{"rm", "--force", "--volumes"}, strings.Fields(ids)...)...)
	}
}

// command runs a command, which ends if the run is interrupted.
func (b *bed) command(name string, args ...string) (string, error) {
	return output(exec.CommandContext(b.ctx, name, args...))
}

// quiet is command for the clean-up, which is not interrupted.
func quiet(name string, args ...string) (string, error) { return output(exec.Command(name, args...)) }

// output runs a command to its end. If the run is interrupted, the command is asked to end, so that
// it removes what it made.
func output(c *exec.Cmd) (string, error) {
	if c.Cancel != nil {
		c.Cancel, c.WaitDelay = func() error { return c.Process.Signal(syscall.SIGTERM) }, patience
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(c.Args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// since is the milliseconds from then until now.
func since(then time.Time) float64 { return float64(time.Since(then).Microseconds()) / 1000 }

// asTest runs f as a test of ours, ends the test, and returns the failure.
func asTest(f func(t *enginetest.Recorder)) error {
	r := enginetest.Record("TestBench", time.Time{}, f)
	if r.Failed() {
		return errors.New(r.Errors())
	}
	return nil
}

// A lasting test is one whose verbs are called in several runs.
type lasting struct {
	t    *enginetest.Recorder
	over chan struct{}
	done chan struct{}
}

func newLasting() *lasting {
	l := &lasting{over: make(chan struct{}), done: make(chan struct{})}
	begun := make(chan *enginetest.Recorder)
	go func() {
		defer close(l.done)
		enginetest.Record("TestBench", time.Time{}, func(t *enginetest.Recorder) {
			begun <- t
			<-l.over
		})
	}()
	l.t = <-begun
	return l
}

// do calls verbs in the lasting test.
func (l *lasting) do(f func(t *enginetest.Recorder)) error {
	finished := make(chan struct{})
	go func() { // FailNow ends it
		defer close(finished)
		f(l.t)
	}()
	<-finished
	if l.t.Failed() {
		return errors.New(l.t.Errors())
	}
	return nil
}

func (l *lasting) end() {
	close(l.over)
	<-l.done
}

// answered polls until every address answers.
func (b *bed) answered(addresses ...string) error {
	for _, address := range addresses {
		for limit := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			resp, err := http.Get("http://" + address + "/health")
			if err == nil {
				resp.Body.Close()
				break
			}
			if time.Now().After(limit) || b.ctx.Err() != nil {
				return fmt.Errorf("%s does not answer: %w", address, err)
			}
		}
	}
	return nil
}

// freePorts finds unused ports of this machine, below those that the kernel and engines hand
// out by themselves: one of these may be taken before its project starts.
func freePorts(n int) (ports []int, err error) {
	const first, last = 20000, 30000
	for port := first + rand.IntN(last-first-n); len(ports) < n; port++ {
		if port > last {
			return nil, fmt.Errorf("no free port from %d to %d", first, last)
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer l.Close()
		ports = append(ports, port)
	}
	return ports, nil
}

// program compiles a program of the checkout.
func (b *bed) program(module, pkg string) (string, error) {
	name := filepath.Join(b.dir, filepath.Base(module)+"-"+filepath.Base(pkg))
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.CommandContext(b.ctx, "go", "build", "-buildvcs=false", "-o", name, pkg)
	build.Dir = filepath.Join(b.root, module)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compiling %s: %w\n%s", pkg, err, out)
	}
	return name, nil
}

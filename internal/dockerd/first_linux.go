// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/process"
)

//go:embed init.sh
var script []byte

// first is the engine's first process, as its starter sees it.
type first struct {
	cmd    *exec.Cmd
	orders *os.File      // when it is closed, the engine ends
	up     chan struct{} // closed when the process waits for the network
	down   chan struct{} // closed when dockerd or the first process has ended
	ended  chan struct{} // closed when the last process has ended
	heard  chan struct{} // closed when all messages are read
	how    string        // how it ended; valid after down
}

// startFirst starts the engine's first process. It ends when the pipe is closed,
// and so in any case with the test's process.
func (e *Engine) startFirst(env, command []string) error {
	path := filepath.Join(e.dir, "init.sh")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		return err
	}
	log, err := os.OpenFile(e.Log(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	theirs, orders, err := os.Pipe()
	if err != nil {
		return err
	}
	defer theirs.Close()
	said, say, err := os.Pipe()
	if err != nil {
		orders.Close()
		return err
	}
	defer say.Close()
	cmd := exec.Command("/bin/sh", append([]string{path, e.dir, e.name(), e.hostname(), e.fallback()}, command...)...)
	cmd.Dir, cmd.Env = "/", env
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = log, log, []*os.File{theirs, say}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setsid: true, // signals of the test's terminal must not reach it
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET |
			syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
	}
	if err := cmd.Start(); err != nil {
		orders.Close()
		said.Close()
		if errors.Is(err, syscall.EPERM) {
			return fmt.Errorf("making namespaces: %w\n    hint: root in a container may do so only if that is privileged", err)
		}
		return err
	}
	e.first = &first{cmd: cmd, orders: orders, up: make(chan struct{}), down: make(chan struct{}),
		ended: make(chan struct{}), heard: make(chan struct{})}
	go e.first.listen(said)
	go func() {
		defer close(e.first.ended)
		_ = cmd.Wait()
	}()
	return outside.Note{First: process.Of(cmd.Process.Pid)}.Write(e.dir)
}

// PID returns the process id of the engine's first process, whose namespaces are
// the engine's. The engine must have been started.
func (e *Engine) PID() int { return e.first.cmd.Process.Pid }

// fallback returns the store's driver if overlayfs cannot be used.
func (e *Engine) fallback() string {
	if e.options.ClassicStore {
		return ""
	}
	return "native"
}

// listen reads the messages of the first process. The end of file means that it has
// ended.
func (f *first) listen(said io.ReadCloser) {
	defer close(f.heard)
	defer said.Close()
	f.how = "the first process of its namespaces ended"
	down := false
	for in := bufio.NewScanner(said); in.Scan(); {
		if code, ok := strings.CutPrefix(in.Text(), "ended "); ok && !down {
			f.how, down = "dockerd exited with code "+code, true
			close(f.down)
		} else if in.Text() == "up" {
			close(f.up)
		}
	}
	if !down {
		close(f.down)
	}
}

// await waits for one event, or for the engine's end.
func (f *first) await(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-f.down:
		return errors.New(f.how)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// order writes the one line that the first process waits for.
func (f *first) order(line string) error {
	_, err := io.WriteString(f.orders, line+"\n")
	return err
}

// end kills all processes, and returns when they are gone.
func (f *first) end() {
	_ = f.cmd.Process.Kill()
	<-f.ended
	f.orders.Close()
	<-f.heard
}

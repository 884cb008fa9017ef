// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An sshConn is a connection to an engine through an ssh process.
type sshConn struct {
	cmd     *exec.Cmd
	in, out *os.File
	tail    *tailWriter   // to be read after ended
	ended   chan struct{} // closed when the process is gone
	read    atomic.Bool   // something was read
	close   func()        // what to do when it is closed; once
}

// startSSH starts ssh. The process lives until the connection is closed, or,
// since its input is a pipe, until this process is gone.
func startSSH(args, env []string, closed func()) (*sshConn, error) {
	childIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer childIn.Close()
	out, childOut, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, err
	}
	defer childOut.Close()
	c := &sshConn{in: in, out: out, tail: new(tailWriter), ended: make(chan struct{})}
	c.cmd = exec.CommandContext(context.Background(), "ssh", args...)
	c.cmd.Env, c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = env, childIn, childOut, c.tail
	ownGroup(c.cmd)
	c.cmd.WaitDelay = time.Second // a shared connection holds its sessions' stderr
	if err := c.cmd.Start(); err != nil {
		in.Close()
		out.Close()
		return nil, err
	}
	c.close = sync.OnceFunc(func() {
		endGroup(c.cmd)
		_ = c.cmd.Process.Kill() // where there are no groups
		in.Close()
		out.Close()
		closed()
	})
	go func() {
		_ = c.cmd.Wait()
		close(c.ended)
	}()
	return c, nil
}

// Read explains an end before the first byte: that is ssh's, or that of the
// docker command on the other side.
func (c *sshConn) Read(p []byte) (int, error) {
	n, err := c.out.Read(p)
	if n > 0 {
		c.read.Store(true)
	}
	if errors.Is(err, io.EOF) && !c.read.Load() {
		return n, c.failure()
	}
	return n, err
}

// failure is what the process said before it ended, or just the end.
func (c *sshConn) failure() error {
	select {
	case <-c.ended:
	case <-time.After(2 * time.Second):
		return io.EOF
	}
	code := c.cmd.ProcessState.ExitCode()
	if code <= 0 {
		return io.EOF
	}
	var said []string
	for _, line := range c.tail.lines() {
		if line = strings.TrimSpace(line); line != "" {
			said = append(said, line)
		}
	}
	return &sshError{code: code, ended: c.cmd.ProcessState.String(), said: said}
}

func (c *sshConn) Write(p []byte) (int, error) {
	n, err := c.in.Write(p)
	if err != nil && !c.read.Load() && !errors.Is(err, os.ErrClosed) {
		if failure := c.failure(); !errors.Is(failure, io.EOF) {
			err = failure
		}
	}
	return n, err
}

func (c *sshConn) Close() error { c.close(); return nil }

// CloseWrite tells the engine that no more comes.
func (c *sshConn) CloseWrite() error { return c.in.Close() }

func (c *sshConn) SetDeadline(t time.Time) error {
	return errors.Join(c.in.SetWriteDeadline(t), c.out.SetReadDeadline(t))
}
func (c *sshConn) SetReadDeadline(t time.Time) error  { return c.out.SetReadDeadline(t) }
func (c *sshConn) SetWriteDeadline(t time.Time) error { return c.in.SetWriteDeadline(t) }
func (c *sshConn) LocalAddr() net.Addr                { return sshAddr{} }
func (c *sshConn) RemoteAddr() net.Addr               { return sshAddr{} }

type sshAddr struct{}

func (sshAddr) Network() string { return "ssh" }
func (sshAddr) String() string  { return "ssh" }

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docker/cli/cli/connhelper/ssh"
)

// An sshHost is an engine's host behind ssh. Connections to the engine share ssh
// connections: fifty followed logs would be fifty logins, and a server takes ten
// at a time (MaxStartups in sshd_config(5)).
type sshHost struct {
	address *ssh.Spec
	env     []string
	newDir  func() (string, error)

	turn chan struct{} // of one: who starts a master; others can give up waiting

	mu       sync.Mutex
	dir      string // of the sockets; empty if there is none
	masters  []*sshMaster
	starting bool
	resting  bool  // close all when nobody uses it
	refused  error // by the last dial
	failed   error
	when     time.Time // it failed
}

// An sshMaster is an ssh process that others share the connection of. It is a
// connection to the engine like theirs, kept idle: when this process dies, its
// input ends, the engine sees the end and closes, and ssh ends.
type sshMaster struct {
	*sshConn
	socket   string
	sessions int
}

// An sshd grants ten sessions per connection (MaxSessions in sshd_config(5)).
// One is the master's own, three are left to docker commands. Who is refused one
// makes a connection of its own, as if there were no master.
const perMaster = 6

func newSSHHost(address string, env []string, newDir func() (string, error)) (*sshHost, error) {
	a, err := ssh.ParseURL(address)
	if newDir == nil {
		newDir = func() (string, error) { return os.MkdirTemp("", "seatrial-ssh-") }
	}
	return &sshHost{address: a, env: env, newDir: newDir, turn: make(chan struct{}, 1)}, err
}

// dial is for the API client.
func (h *sshHost) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, err := h.connect(ctx)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused = err
	if err != nil {
		return nil, err // conn is none, but not nil
	}
	return conn, nil
}

// reason returns why the last connection could not be made. The API client tells
// instead of it what it thinks, if the words look like a socket's.
func (h *sshHost) reason() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refused
}

func (h *sshHost) connect(ctx context.Context) (net.Conn, error) {
	if _, err := exec.LookPath("ssh"); err != nil {
		return nil, err
	}
	if runtime.GOOS == "windows" { // its ssh cannot share
		return h.startSSH(func() {})
	}
	m, err := h.master(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := h.startSSH(func() { h.done(m) }, "-o", "ControlMaster=no", "-S", m.socket)
	if err != nil {
		h.done(m)
		return nil, err
	}
	return conn, nil
}

func (h *sshHost) startSSH(closed func(), more ...string) (*sshConn, error) {
	args, err := sshArgs(h.address, more...)
	if err != nil {
		return nil, err
	}
	return startSSH(args, h.env, closed)
}

// master returns one that has room, and takes it.
func (h *sshHost) master(ctx context.Context) (*sshMaster, error) {
	if m, _ := h.take(false); m != nil {
		return m, nil
	}
	select {
	case h.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.turn }()
	if time.Since(h.when) < time.Second {
		return nil, h.failed // the API client asks twice
	}
	m, slot := h.take(true) // somebody else may have started one meanwhile
	if m != nil {
		return m, nil
	}
	m, err := h.start(ctx, slot)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.starting = false
	if err != nil {
		if ctx.Err() == nil {
			h.failed, h.when = err, time.Now()
		}
		if h.resting {
			h.closeUnused()
		}
		return nil, err
	}
	if slot == len(h.masters) {
		h.masters = append(h.masters, nil)
	}
	m.sessions++
	h.masters[slot] = m
	return m, nil
}

// take returns a master that has room, or else the place for a new one. Nothing
// is put to rest then until the new one is started.
func (h *sshHost) take(start bool) (m *sshMaster, slot int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.resting = false
	slot = len(h.masters)
	for i, m := range h.masters {
		if m.gone() {
			slot = min(slot, i)
		} else if m.sessions < perMaster {
			m.sessions++
			return m, i
		}
	}
	h.starting = h.starting || start
	return nil, slot
}

func (m *sshMaster) gone() bool {
	select {
	case <-m.ended:
		m.close()
		return true
	default:
		return false
	}
}

// start starts a master, and returns when the engine has answered through it.
func (h *sshHost) start(ctx context.Context, slot int) (*sshMaster, error) {
	h.mu.Lock()
	err := h.makeDir()
	h.mu.Unlock()
	if err != nil {
		return nil, err
	}
	socket := filepath.Join(h.dir, strconv.Itoa(slot))
	_ = os.Remove(socket) // of one that was killed
	conn, err := h.startSSH(func() { _ = os.Remove(socket) }, "-o", "ControlMaster=yes", "-S", socket)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, conn.close)
	err = conn.ping()
	if !stop() && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		conn.close()
		return nil, err
	}
	return &sshMaster{sshConn: conn, socket: socket}, nil
}

// ping asks the engine for a sign of life, by hand.
func (c *sshConn) ping() error {
	if _, err := io.WriteString(c, "HEAD /_ping HTTP/1.1\r\nHost: api.moby.localhost\r\n\r\n"); err != nil {
		return err
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: http.MethodHead})
	if err == nil {
		answer.Body.Close()
	}
	return err
}

// The path of a unix socket is short, and ssh makes it longer for a moment.
const longestDir = 104 - len("/00.") - 16 - 1

// makeDir makes the private directory. The caller has the lock.
func (h *sshHost) makeDir() (err error) {
	if h.dir != "" {
		return nil
	}
	dir, err := h.newDir()
	if err == nil && len(dir) > longestDir {
		_ = os.RemoveAll(dir)
		dir, err = os.MkdirTemp("/tmp", "seatrial-ssh-")
	}
	if err != nil {
		return err
	}
	if err := h.wrap(dir); err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	h.dir = dir
	return nil
}

// wrap makes an ssh command for docker commands, which then share the first
// master's connection, and never ask on the terminal.
func (h *sshHost) wrap(dir string) error {
	real, err := exec.LookPath("ssh")
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return err
	}
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		return err
	}
	script := "#!/bin/sh\nexec " + quoted(real) + " -o BatchMode=yes -o ControlMaster=no -S " + quoted(filepath.Join(dir, "0")) + ` "$@"` + "\n"
	name := filepath.Join(bin, "ssh")
	if err := os.WriteFile(name, []byte(script), 0o700); err != nil {
		return err
	}
	if exec.Command(name, "-V").Run() != nil { // nothing is executed from there: mount(8), noexec
		return os.Remove(name)
	}
	return nil
}

// sharing returns the environment of a docker command with our ssh command.
func (h *sshHost) sharing(env []string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.makeDir() != nil {
		return env // as the docker command does it by itself
	}
	path := os.Getenv("PATH")
	for _, one := range env {
		if value, ok := strings.CutPrefix(one, "PATH="); ok {
			path = value
		}
	}
	return append(env, "PATH="+filepath.Join(h.dir, "bin")+string(os.PathListSeparator)+path)
}

// done says that a session of a master is over.
func (h *sshHost) done(m *sshMaster) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m.sessions--
	if h.resting {
		h.closeUnused()
	}
}

// rest closes all when nobody uses it any more. Who was starting a master, and
// gave up, is waited for.
func (h *sshHost) rest() {
	h.mu.Lock()
	h.resting = true
	h.mu.Unlock()
	select {
	case h.turn <- struct{}{}:
		defer func() { <-h.turn }()
	case <-time.After(2 * time.Second):
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closeUnused()
}

// closeUnused closes all if nobody uses any. The caller has the lock.
func (h *sshHost) closeUnused() {
	if h.starting {
		return
	}
	for _, m := range h.masters {
		if m.sessions > 0 {
			return
		}
	}
	for _, m := range h.masters {
		m.close()
	}
	for _, m := range h.masters {
		<-m.ended
	}
	h.masters = nil
	if h.dir != "" {
		_ = os.RemoveAll(h.dir)
		h.dir = ""
	}
}

var _ interface{ CloseWrite() error } = (*sshConn)(nil)

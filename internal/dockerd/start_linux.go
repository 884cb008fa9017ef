// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/outside"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// Start starts the engine, and returns when its API answers. If it fails, or the
// context ends first, only files are left, including the log, and Start may be
// called again. After Kill it starts the engine with its data.
func (e *Engine) Start(ctx context.Context) error {
	if e.first != nil {
		return errors.New("starting a private engine: it was started before")
	}
	err := e.start(ctx)
	if err == nil {
		return nil
	}
	if e.first != nil {
		err = fmt.Errorf("%w%s", err, lastLines(e.Log()))
	}
	return errors.Join(fmt.Errorf("starting a private engine: %w", err), e.Kill())
}

func (e *Engine) start(ctx context.Context) error {
	if err := root(); err != nil {
		return err
	}
	binary, path, err := programs(e.options.Binary, os.Getenv("PATH"))
	if err != nil {
		return err
	}
	if err := e.makeDir(); err != nil {
		return err
	}
	way, err := wayOut()
	e.noWayOut = err
	if err := e.startFirst(e.environment(path, err == nil), e.command(binary, path)); err != nil {
		return err
	}
	if err := e.first.await(ctx, e.first.up); err != nil {
		return err
	}
	if err := e.serve(); err != nil {
		return err
	}
	if err := e.connect(ctx, way); err != nil {
		return err
	}
	return e.ready(ctx)
}

// Possible returns why engines cannot be started here, or nil if they can.
func Possible(binary string) error {
	if err := root(); err != nil {
		return err
	}
	status, _ := os.ReadFile("/proc/self/status")
	if err := privileged(string(status)); err != nil {
		return err
	}
	_, _, err := programs(binary, os.Getenv("PATH"))
	return err
}

func root() error {
	if uid := os.Geteuid(); uid != 0 {
		return fmt.Errorf("it needs root, for namespaces and mounts, and this is uid %d\n    hint: go test -exec 'sudo -E' runs the program of the tests as root", uid)
	}
	return nil
}

// privileged returns why root may not make namespaces and mounts here, as in a container that
// was started without --privileged, by what the kernel says of this process. What cannot be
// read is no reason.
func privileged(status string) error {
	const admin = 1 << 21 // CAP_SYS_ADMIN
	for line := range strings.Lines(status) {
		set, is := strings.CutPrefix(line, "CapEff:")
		if !is {
			continue
		}
		if bits, err := strconv.ParseUint(strings.TrimSpace(set), 16, 64); err == nil && bits&admin == 0 {
			return errors.New("it needs to make namespaces and mounts, and root may not here (no CAP_SYS_ADMIN)\n    hint: a container in which engines are started needs docker run --privileged")
		}
	}
	return nil
}

// needed are the commands that dockerd and this package call.
var needed = []string{"containerd", "containerd-shim-runc-v2", "runc", "docker-proxy", "ip", "iptables", "mount", "umount"}

// install says how what is needed comes to a machine.
const install = "\n    hint: install Docker's engine (docker-ce, or docker.io of Debian and Ubuntu: dockerd, containerd, runc, docker-proxy), iproute2 and iptables; " +
	"EngineSpec.Dockerd says where another dockerd is, with what belongs to it beside it"

// programs finds dockerd, and returns its PATH, which begins with its own
// directory.
func programs(binary, path string) (string, string, error) {
	path += ":" + sbin
	if binary == "" {
		found, ok := look("dockerd", path)
		if !ok {
			return "", "", errors.New("looking for dockerd: it is not in PATH" + install)
		}
		binary = found
	}
	binary, err := filepath.Abs(binary)
	if err != nil {
		return "", "", err
	}
	if _, err := os.Stat(binary); err != nil {
		return "", "", fmt.Errorf("looking for dockerd: %w%s", err, install)
	}
	path = filepath.Dir(binary) + ":" + path
	for _, name := range needed {
		if _, ok := look(name, path); !ok {
			return "", "", fmt.Errorf("looking for %s: it is neither beside %s nor in PATH%s", name, binary, install)
		}
	}
	return binary, path, nil
}

// maxSocket is the longest path that a unix socket may have.
const maxSocket = 107

// newDir makes the directory of an engine or a rack.
func newDir(run string) (dir string, err error) {
	parent, err := filepath.EvalSymlinks(os.TempDir())
	if err == nil {
		parent, err = filepath.Abs(parent)
	}
	if err == nil {
		dir, err = os.MkdirTemp(parent, outside.Pattern(run))
	}
	if err != nil {
		return "", err
	}
	return dir, errors.Join(sweep.MarkDir(dir), outside.Note{}.Write(dir))
}

// makeDir makes the files that the engine needs, unless they exist from its last
// life.
func (e *Engine) makeDir() (err error) {
	if e.dir == "" {
		if e.dir, err = newDir(e.options.Run); err != nil {
			return err
		}
	}
	e.socket = filepath.Join(e.dir, "docker.sock")
	if len(e.socket) > maxSocket {
		second := outside.SocketDir(e.dir)
		if err := os.MkdirAll(second, 0o700); err != nil {
			return err
		}
		e.socket = filepath.Join(second, "docker.sock")
	}
	store := "{}\n"
	if e.options.ClassicStore { // 20.10 knows no --feature, and ignores this
		store = `{"features": {"containerd-snapshotter": false}}` + "\n"
	}
	return errors.Join(
		os.MkdirAll(filepath.Join(e.dir, "tmp"), 0o700),
		os.WriteFile(filepath.Join(e.dir, "daemon.json"), []byte(store), 0o600),
	)
}

// command returns the command line of dockerd. Paths below /run are in the engine's
// namespace.
func (e *Engine) command(binary, path string) []string {
	args := []string{binary,
		"--config-file", filepath.Join(e.dir, "daemon.json"),
		"--data-root", e.data(),
		"--exec-root", "/run/docker",
		"--pidfile", "/run/docker.pid",
		"--host", e.Host(),
		"--cgroup-parent", "/" + e.name(),
		"--exec-opt", "native.cgroupdriver=cgroupfs",
	}
	for _, name := range []string{"docker-init", "tini-static"} { // for docker run --init
		if init, ok := look(name, path); ok {
			args = append(args, "--init-path", init)
			break
		}
	}
	return append(args, e.options.Args...)
}

// environment returns dockerd's environment, which has nothing of the test's except
// proxies.
func (e *Engine) environment(path string, world bool) []string {
	env := []string{"PATH=" + path, "HOME=" + e.dir, "TMPDIR=" + filepath.Join(e.dir, "tmp"), watchdog.Mark(e.options.Run)}
	if !world {
		return env
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		for _, name := range []string{name, strings.ToLower(name)} {
			if value, ok := os.LookupEnv(name); ok {
				env = append(env, name+"="+value)
			}
		}
	}
	return env
}

// ready waits until the API answers. Only the socket is polled for: dockerd makes
// it early, and answers when it is ready.
func (e *Engine) ready(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	gone := make(chan struct{})
	defer func() { cancel(nil); <-gone }()
	go func() {
		defer close(gone)
		if err := e.first.await(ctx, ctx.Done()); err != nil {
			cancel(err)
		}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", e.socket)
		}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/_ping", nil)
	if err != nil {
		return err
	}
	for {
		if resp, err := client.Do(req); err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for its API: %w", context.Cause(ctx))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill ends the engine at once, as if its machine had lost power: all processes,
// its network, and what is mounted. Its data stays. Kill does nothing if the engine
// is off.
func (e *Engine) Kill() error {
	if e.first == nil {
		return nil
	}
	e.off()
	return outside.Remove(e.dir)
}

func (e *Engine) off() {
	e.disconnect()
	if e.first != nil {
		e.first.end()
		e.first = nil
	}
	e.endRegistry()
}

// Stop ends the engine at once, without a grace period, and removes all of its
// data. It may be called at any time after New, and more than once.
func (e *Engine) Stop() error {
	if e.dir == "" {
		return nil
	}
	e.off()
	if err := sweep.RemoveDir(e.dir); err != nil {
		return fmt.Errorf("removing the private engine in %s: %w", e.dir, err)
	}
	return nil
}

// lastLines returns the end of a log, to be appended to an error: the last line on
// the same line, others below.
func lastLines(file string) string {
	const most, bytes = 12, 8 << 10
	content, err := os.ReadFile(file)
	if err != nil || len(content) == 0 {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(content[max(0, len(content)-bytes):])), "\n")
	last := all[max(0, len(all)-most):]
	return ": " + strings.TrimSpace(last[len(last)-1]) + "\n    last lines of its log:\n    | " + strings.Join(last, "\n    | ")
}

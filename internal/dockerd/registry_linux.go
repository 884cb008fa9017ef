// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/seatrial/seatrial/internal/registry"
)

// serve serves a registry inside the engine's network, from this process.
func (e *Engine) serve() error {
	handler, err := registry.New(filepath.Join(e.dir, "registry"))
	if err != nil {
		return err
	}
	listener, err := listenIn(e.first.cmd.Process.Pid, registryAddress)
	if err != nil {
		return fmt.Errorf("listening for its registry: %w", err)
	}
	e.registry, e.serving = &http.Server{Handler: handler}, make(chan struct{})
	go func() {
		defer close(e.serving)
		_ = e.registry.Serve(listener)
	}()
	return nil
}

func (e *Engine) endRegistry() {
	if e.registry != nil {
		e.registry.Close()
		<-e.serving
	}
}

// listenIn listens in the network namespace of another process. A socket stays
// in the namespace that it was made in.
func listenIn(pid int, address string) (l net.Listener, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		if unix.Gettid() == unix.Getpid() {
			// But the main one does not. It would stay in the other network, and
			// /proc/self with it. While we hold it, another one is taken.
			defer runtime.UnlockOSThread()
			l, err = listenIn(pid, address)
			return
		}
		var space *os.File
		if space, err = os.Open(fmt.Sprintf("/proc/%d/ns/net", pid)); err != nil {
			return
		}
		defer space.Close()
		if err = unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
			return
		}
		l, err = net.Listen("tcp4", address)
	}()
	<-done
	return l, err
}

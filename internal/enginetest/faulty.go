// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"io"
	"net"
	"os"
	"strings"
	"sync"
)

// A Faulty engine is the real one behind a socket that can fail.
type Faulty struct {
	Host string // as DOCKER_HOST has it

	real string
	l    net.Listener
	wg   sync.WaitGroup

	mu    sync.Mutex
	hangs bool
	down  bool
	conns map[net.Conn]bool
}

// NewFaulty puts a socket in this directory before the engine that DOCKER_HOST
// names, which must be a unix socket, too.
func NewFaulty(dir string) (*Faulty, error) {
	real := strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://")
	if real == "" {
		real = "/var/run/docker.sock"
	}
	l, err := net.Listen("unix", dir+"/faulty.sock")
	if err != nil {
		return nil, err
	}
	f := &Faulty{Host: "unix://" + dir + "/faulty.sock", real: real, l: l, conns: map[net.Conn]bool{}}
	f.wg.Go(f.accept)
	return f, nil
}

// Down breaks all connections, and refuses new ones, as a daemon that restarts.
func (f *Faulty) Down() { f.set(true, false) }

// Hang takes requests from now on and answers none.
func (f *Faulty) Hang() { f.set(false, true) }

// Up is the end of the fault. What hung is broken.
func (f *Faulty) Up() { f.set(false, false) }

func (f *Faulty) set(down, hangs bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down, f.hangs = down, hangs
	for c := range f.conns {
		c.Close()
	}
	clear(f.conns)
}

// Close ends it.
func (f *Faulty) Close() {
	f.l.Close()
	f.Down()
	f.wg.Wait()
}

func (f *Faulty) accept() {
	for {
		c, err := f.l.Accept()
		if err != nil {
			return
		}
		f.wg.Go(func() { f.serve(c) })
	}
}

func (f *Faulty) serve(c net.Conn) {
	defer c.Close()
	real, err := net.Dial("unix", f.real)
	if err != nil {
		return
	}
	defer real.Close()
	f.mu.Lock()
	down, hangs := f.down, f.hangs
	f.conns[c], f.conns[real] = true, true
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.conns, c)
		delete(f.conns, real)
	}()
	switch {
	case down:
		return
	case hangs:
		_, _ = io.Copy(io.Discard, c)
		return
	}
	done := make(chan struct{}, 2)
	pipe := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		if half, ok := to.(*net.UnixConn); ok {
			_ = half.CloseWrite()
		}
		done <- struct{}{}
	}
	go pipe(real, c)
	go pipe(c, real)
	<-done
	<-done
}

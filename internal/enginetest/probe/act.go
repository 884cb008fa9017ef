// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// An actor makes things true when it is told to, and notes the time, so that a
// test can tell how long it takes to notice.
//
//	GET /act?what=WHAT&name=NAME&after=DURATION
//	GET /stamp?name=NAME: when it became true, in nanoseconds
//	GET /ready/NAME: 200 once it was made ready, 503 before
type actor struct {
	mu        sync.Mutex
	stamps    map[string]time.Time
	ready     map[string]bool
	listeners map[string]net.Listener
}

func newActor() *actor {
	_ = os.Remove(firstCheck) // of an earlier start
	return &actor{stamps: map[string]time.Time{}, ready: map[string]bool{}, listeners: map[string]net.Listener{}}
}

func (a *actor) handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /act", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		after, err := time.ParseDuration(q.Get("after"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		time.AfterFunc(after, func() { a.act(q.Get("what"), q.Get("name")) })
	})
	mux.HandleFunc("GET /stamp", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		fmt.Fprint(w, a.stamps[r.URL.Query().Get("name")].UnixNano())
	})
	mux.HandleFunc("GET /check", func(w http.ResponseWriter, _ *http.Request) {
		content, err := os.ReadFile(firstCheck)
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(content)
	})
	mux.HandleFunc("GET /ready/{name}", func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		if !a.ready[r.PathValue("name")] {
			http.Error(w, "warming up", http.StatusServiceUnavailable)
		}
	})
}

func (a *actor) act(what, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var err error
	at := time.Now() // what is seen at once is stamped before
	switch what {
	case "print":
		say(name)
	case "ready":
		a.ready[name] = true
	case "listen":
		err = a.listen(name)
		at = time.Now()
	case "close":
		err = a.listeners[name].Close()
	case "file":
		err = os.WriteFile("/"+name, []byte("complete\n"), 0o644)
		at = time.Now()
	default:
		err = fmt.Errorf("cannot %s", what)
	}
	if err != nil {
		say("!" + err.Error())
	}
	a.stamps[name] = at
}

// listen greets whoever connects.
func (a *actor) listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	a.listeners[addr] = l
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(conn, "hi")
			conn.Close()
		}
	}()
	return nil
}

// look is a command that tells whether there is a file.
func look(name string) int {
	if _, err := os.Stat(name); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// firstCheck holds when a health check passed for the first time.
const firstCheck = "/first-check"

func first(at time.Time) {
	f, err := os.OpenFile(firstCheck, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return // not the first, or nowhere to write
	}
	defer f.Close()
	fmt.Fprint(f, strconv.FormatInt(at.UnixNano(), 10))
}

// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"time"
)

// A Fake answers as an engine does, for what can be decided without one: who looks
// for an engine finds it, and it has nothing. A test has it answer more by Handle.
type Fake struct {
	name, api string
	answers   map[string]http.HandlerFunc
}

// NewFake returns an engine of this name that speaks this version of the API; the
// version may be empty, as for something that is no engine.
func NewFake(name, api string) *Fake {
	f := &Fake{name: name, api: api, answers: map[string]http.HandlerFunc{}}
	f.Answer("/version", map[string]string{"Version": name, "ApiVersion": api, "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"})
	for _, list := range []string{"/containers/json", "/networks", "/images/json"} {
		f.Answer(list, []any{})
	}
	f.Handle("/_ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	f.Handle("/info", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, map[string]any{"Name": name, "SystemTime": time.Now().Format(time.RFC3339Nano)})
	})
	f.Handle("/events", func(w http.ResponseWriter, r *http.Request) { Stream(w, r, nil) })
	f.Handle("/grpc", func(w http.ResponseWriter, _ *http.Request) { // the builder
		http.Error(w, `{"message":"this is a fake"}`, http.StatusNotImplemented)
	})
	return f
}

// Handle has the fake answer requests for a path, without the API's version in it,
// by this function. One that ends in a slash stands for all below it that has no other answer.
func (f *Fake) Handle(path string, answer http.HandlerFunc) { f.answers[path] = answer }

// Answer has the fake answer requests for a path by this value as JSON.
func (f *Fake) Answer(path string, value any) {
	f.Handle(path, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, value) })
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// Stream answers with a line for each of these, when it comes, until the client has
// enough.
func Stream(w http.ResponseWriter, r *http.Request, lines <-chan string) {
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	for {
		select {
		case line := <-lines:
			_, _ = io.WriteString(w, line+"\n")
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

var versioned = regexp.MustCompile(`^/v1\.\d+`)

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", f.api)
	w.Header().Set("Ostype", "linux")
	w.Header().Set("Builder-Version", "2")
	asked := versioned.ReplaceAllString(r.URL.Path, "")
	answer, ok := f.answers[asked]
	if !ok {
		answer, ok = f.answers[path.Dir(asked)+"/"]
	}
	if !ok {
		http.Error(w, `{"message":"no such page"}`, http.StatusNotFound)
		return
	}
	answer(w, r)
}

// ServeUnix serves the fake at a unix socket until the test ends, and returns its address as
// DOCKER_HOST has it.
func (f *Fake) ServeUnix(t TB) (host string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "st") // paths of sockets must be short: t.TempDir's may be too long
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	f.ServeAt(t, filepath.Join(dir, "s"))
	return "unix://" + filepath.Join(dir, "s")
}

// Serve serves the fake until the test ends.
func (f *Fake) Serve(t TB, l net.Listener) {
	t.Helper()
	server := &http.Server{Handler: f, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
}

// ServeAt serves the fake at a unix socket until the test ends. Paths of sockets
// must be short: t.TempDir's may be too long.
func (f *Fake) ServeAt(t TB, socket string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	f.Serve(t, l)
}

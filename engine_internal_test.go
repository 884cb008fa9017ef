// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

// An engine that was not there is looked for again; one that was found stays.
func TestTheEngineIsLookedForAgain(t *testing.T) {
	mine := found.engine
	found.engine = nil
	t.Cleanup(func() { found.engine, found.again = mine, time.Time{} })
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "docker.sock")
	t.Setenv("DOCKER_HOST", "unix://"+socket)
	if e, err := theEngine(); err == nil {
		t.Fatalf("found an engine at %s, and there is none", e.Host())
	}

	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.47") })}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	var first *engine.Engine
	for end := time.Now().Add(10 * time.Second); first == nil; time.Sleep(20 * time.Millisecond) {
		if first, err = theEngine(); err != nil && time.Now().After(end) {
			t.Fatal(err)
		}
	}
	t.Cleanup(first.Rest)
	t.Setenv("DOCKER_HOST", "unix:///nowhere.sock")
	if again, err := theEngine(); again != first || err != nil {
		t.Errorf("theEngine() = %p, %v, want the same as before, %p", again, err, first)
	}
}

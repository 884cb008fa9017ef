// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// An engine that was not there is looked for again; one that was found stays.
func TestTheEngineIsLookedForAgain(t *testing.T) {
	e := &Handle{connect: Standard.connect}
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "docker.sock")
	t.Setenv("DOCKER_HOST", "unix://"+socket)
	if found, err := e.Connect(t.Context()); err == nil {
		t.Fatalf("found an engine at %s, and there is none", found.Host())
	}

	enginetest.NewFake("late", "1.47").ServeAt(t, socket)
	var first *engine.Engine
	for end := time.Now().Add(2 * time.Minute); first == nil; time.Sleep(20 * time.Millisecond) {
		if first, err = e.Connect(t.Context()); err != nil && time.Now().After(end) {
			t.Fatal(err)
		}
	}
	t.Cleanup(first.CloseIdle)
	t.Setenv("DOCKER_HOST", "unix:///nowhere.sock")
	if again, err := e.Connect(t.Context()); again != first || err != nil {
		t.Errorf("Connect = %p, %v, want the same as before, %p", again, err, first)
	}
}

// Who shares something about an engine gets the same each time, and of another engine, or for
// another purpose, something else.
func TestPerEngine(t *testing.T) {
	t.Parallel()
	type one struct{ n int }
	type other struct{ n int }
	var a, b Handle
	PerEngine[one](&a).n = 1
	if got := [...]int{PerEngine[one](&a).n, PerEngine[other](&a).n, PerEngine[one](&b).n}; got != [...]int{1, 0, 0} {
		t.Errorf("got %v, want only the first to be what was set", got)
	}
}

// An engine that does not tell the time, as a manager that is cut off, holds up
// nobody who asks for nothing of it.
func TestSilentEngineHoldsUpNobody(t *testing.T) {
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "docker.sock")
	asked := make(chan struct{})
	silent := enginetest.NewFake("silent", "1.47")
	silent.Handle("/info", func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	silent.ServeAt(t, socket)
	t.Setenv("DOCKER_HOST", "unix://"+socket)
	e := &Handle{connect: Standard.connect}
	found, err := e.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(found.CloseIdle)
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan error, 1)
	go func() {
		_, err := e.Clock(ctx)
		told <- err
	}()
	<-asked
	other := make(chan struct{})
	go func() {
		_, _ = e.Connect(t.Context())
		close(other)
	}()
	select {
	case <-other:
	case err := <-told:
		t.Errorf("who asks for the connection alone waits until the clock is given up: %v", err)
		told <- err
	}
	cancel()
	if err := <-told; err == nil {
		t.Error("the clock of an engine that says nothing was read")
	}
}

// What cuts off a request is told without the request.
func TestCutOffRequest(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	err := fmt.Errorf("running app: %w", &url.Error{Op: "Post", URL: "http://host/containers/create", Err: context.DeadlineExceeded})
	got := CutOff(ctx, err)
	if want := "running app: the engine did not answer before time was up"; got.Error() != want || !errors.Is(got, context.DeadlineExceeded) {
		t.Errorf("CutOff = %q, want %q, which is a deadline exceeded", got, want)
	}
}

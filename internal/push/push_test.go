// SPDX-License-Identifier: Apache-2.0

package push

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/lock"
)

// The test's own program replaces the docker command: its push checks the name on
// the engine at its beginning and at its end.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "docker" {
		os.Exit(m.Run())
	}
	name := os.Args[len(os.Args)-1]
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://"))
	}}}
	for range 2 {
		r, err := client.Get("http://engine/tagged?" + name)
		if err != nil || r.StatusCode != http.StatusOK {
			fmt.Fprintln(os.Stderr, "tag does not exist")
			os.Exit(1)
		}
		time.Sleep(10 * time.Millisecond)
	}
	os.Exit(0)
}

// fakeEngine has one image, and counts how often each name is added to it and
// removed.
func fakeEngine(t *testing.T, image, name string) (e *engine.Engine, tags *atomic.Int32) {
	t.Helper()
	dir, err := os.MkdirTemp("", "push")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var mu sync.Mutex
	tagged := false
	tags = new(atomic.Int32)
	set := func(to bool) func(http.ResponseWriter, *http.Request) {
		return func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if tagged = to; to {
				tags.Add(1)
				w.WriteHeader(http.StatusCreated)
				return
			}
			_, _ = w.Write([]byte("[]"))
		}
	}
	fake := enginetest.NewFake("docker", "1.47")
	fake.Answer("/info", map[string]string{"ID": "one"})
	fake.Answer("/images/"+image+"/json", map[string]string{"Id": "sha256:1"})
	fake.Handle("/images/"+image+"/tag", set(true))
	fake.Handle("/images/"+name, set(false))
	fake.Handle("/tagged", func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if !tagged {
			http.Error(w, "it has no such name", http.StatusNotFound)
		}
	})
	fake.ServeAt(t, dir+"/docker.sock")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(dir, "docker"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	e, err = engine.At(t.Context(), engine.Named{Host: "unix://" + dir + "/docker.sock", Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	return e, tags
}

// Concurrent pushes of an image do not remove each other's tag.
func TestManyPushOneImage(t *testing.T) {
	const image, name = "localhost/seatrial/web:1", "registry:5000/seatrial/web:1"
	e, tags := fakeEngine(t, image, name)
	var records [2]Record // as of two independent processes
	var pushes sync.WaitGroup
	for i := range 12 {
		time.Sleep(time.Duration(i) * time.Millisecond)
		pushes.Go(func() {
			if err := To(t.Context(), e, image, name, &records[i%2], func(string) {}); err != nil {
				t.Error(err)
			}
		})
	}
	pushes.Wait()
	if got := tags.Load(); got != 2 {
		t.Errorf("it was pushed %d times, want once for each record", got)
	}
}

func TestPushIsCutOff(t *testing.T) {
	e, _ := fakeEngine(t, "a:1", "b:1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := To(ctx, e, "a:1", "b:1", new(Record), func(string) {}); err == nil {
		t.Error("a push that is cut off is no error")
	}
}

// A push that was cut off while another process had its turn gives back its own.
func TestPushIsCutOffWhileItWaits(t *testing.T) {
	e, tags := fakeEngine(t, "a:1", "b:1")
	release, err := lock.Take(t.Context(), lock.Dir(), "one push b:1", "pushing image b:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := To(ctx, e, "a:1", "b:1", new(Record), func(string) { cancel() }); err == nil {
		t.Error("a push that is cut off while it waits is no error")
	}
	cancel()
	release()
	ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := To(ctx, e, "a:1", "b:1", new(Record), func(string) {}); err != nil || tags.Load() != 1 {
		t.Errorf("the next push: %v, and it was tagged %d times", err, tags.Load())
	}
}

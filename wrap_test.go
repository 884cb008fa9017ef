// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/registry"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestWrapContainer(t *testing.T) {
	t.Parallel()
	img := probe(t)
	seatrial.Run(t, spec.Container{Image: img.Ref}) // starts a watchdog, so that the objects below are removed if the test is killed
	id := strings.TrimSpace(enginetest.Docker(t, "run", "--detach", "--publish", "127.0.0.1::80", img.Ref, "-print", "early", "-serve", ":80", "-farewell", "bye"))
	t.Cleanup(func() { _ = exec.Command("docker", "rm", "--force", "--volumes", id).Run() })
	there := func() bool {
		return strings.Contains(enginetest.Docker(t, "ps", "--all", "--no-trunc", "--quiet"), id)
	}
	wrapped := func(owned bool) {
		t.Helper()
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			c := seatrial.WrapContainer(r, spec.Existing{Name: id[:12], As: "old", Owned: owned})
			c.Wait(r, wait.Log("early"), wait.HTTP(80, "/health"))
			if c.Name != "old" || c.ID != id {
				r.Errorf("it is %s, %s", c.Name, c.ID)
			}
			c.Restart(r)
			c.Wait(r, wait.HTTP(80, "/health"))
			if got := c.Stdout(r); !strings.HasPrefix(got, "early\nlistening on :80\nbye\n") {
				r.Errorf("Stdout = %q", got)
			}
			if got := c.Exec(r, spec.Exec{Command: []string{"/probe", "-print", "x"}}).Stdout; got != "x\n" {
				r.Errorf("Exec = %q", got)
			}
		})
		if r.Failed() {
			t.Errorf("owned %v: %s", owned, r.Errors())
		}
	}
	if wrapped(false); !there() {
		t.Fatal("a wrapped container is gone after the test")
	}
	if wrapped(true); there() {
		t.Error("a wrapped container that the test owned is left")
	}
	mustFail(t, `wrapping container "none-of-that": the engine (`, func(t seatrial.T) {
		seatrial.WrapContainer(t, spec.Existing{Name: "none-of-that"})
	})
	mustFail(t, "Name is not given", func(t seatrial.T) { seatrial.WrapContainer(t, spec.Existing{}) })
}

// guarded starts a registry that requires a password, and counts requests for
// manifests. A local engine needs no TLS for 127.0.0.1.
func guarded(t *testing.T, password string) (addr string, pulls *atomic.Int32) {
	t.Helper()
	handler, err := registry.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	pulls = new(atomic.Int32)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if _, given, _ := req.BasicAuth(); given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="guarded"`)
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"who are you?"}]}`, http.StatusUnauthorized)
			return
		}
		if req.Method == http.MethodHead && strings.Contains(req.URL.Path, "/manifests/") {
			pulls.Add(1)
		}
		handler.ServeHTTP(w, req)
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return l.Addr().String(), pulls
}

// login gives the docker command credentials: in the file, or by a helper.
func login(t *testing.T, addr, password string, helper bool) {
	t.Helper()
	dir := t.TempDir()
	old := os.Getenv("DOCKER_CONFIG")
	if old == "" {
		old = filepath.Join(os.Getenv("HOME"), ".docker")
	}
	if plugins := filepath.Join(old, "cli-plugins"); exists(plugins) {
		if err := os.Symlink(plugins, filepath.Join(dir, "cli-plugins")); err != nil {
			t.Fatal(err)
		}
	}
	config := fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, addr, base64.StdEncoding.EncodeToString([]byte("tester:"+password)))
	if helper {
		config = fmt.Sprintf(`{"credHelpers": {%q: "seatrial-test"}}`, addr)
		script := fmt.Sprintf("#!/bin/sh\ncat >/dev/null\necho '{\"ServerURL\": \"%s\", \"Username\": \"tester\", \"Secret\": \"%s\"}'\n", addr, password)
		if err := os.WriteFile(filepath.Join(dir, "docker-credential-seatrial-test"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	enginetest.WriteFile(t, filepath.Join(dir, "config.json"), config)
	t.Setenv("DOCKER_CONFIG", dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestWrapImage(t *testing.T) {
	base := probe(t)
	seatrial.Need(t, spec.Need{HostFiles: true}) // an engine with this machine's 127.0.0.1
	for _, helper := range []bool{false, true} {
		t.Run(fmt.Sprintf("helper=%v", helper), func(t *testing.T) {
			addr, pulls := guarded(t, "open sesame")
			ref := addr + "/tested/app:1"
			mustFail(t, `wrapping image "`+ref+`": pulling image`, func(t seatrial.T) { seatrial.WrapImage(t, spec.ExistingImage{Ref: ref}) })
			login(t, addr, "open sesame", helper)
			enginetest.Docker(t, "tag", base.Ref, ref)
			enginetest.Docker(t, "push", "--quiet", ref)
			enginetest.Docker(t, "image", "rm", ref)
			pulls.Store(0)

			mustFail(t, `wrapping image "`+ref+`": the engine (`, func(t seatrial.T) {
				seatrial.WrapImage(t, spec.ExistingImage{Ref: ref, Pull: spec.PullNever})
			})
			if n := pulls.Load(); n != 0 {
				t.Errorf("with PullNever, the registry was asked %d times", n)
			}
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { seatrial.WrapImage(r, spec.ExistingImage{Ref: ref}) })
					if r.Failed() {
						t.Error(r.Errors())
					}
				})
			}
			all.Wait()
			once := pulls.Load()
			if n := seatrial.WrapImage(t, spec.ExistingImage{Ref: ref, Pull: spec.PullMissing}); n.ID == "" || pulls.Load() != once {
				t.Errorf("an image that is there was pulled: %d requests after %d", pulls.Load(), once)
			}
			seatrial.WrapImage(t, spec.ExistingImage{Ref: ref, Platform: "linux/amd64"})
			before := pulls.Load()
			if before != once {
				t.Errorf("an image for the platform that is there was pulled: %d requests after %d", before, once)
			}
			// The registry has no other platform. Some engines report that, others take
			// what there is.
			enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
				seatrial.WrapImage(r, spec.ExistingImage{Ref: ref, Platform: "linux/s390x"})
			})
			if pulls.Load() == before {
				t.Error("an image for another platform than the one that is there was not pulled")
			}
			before = pulls.Load()
			seatrial.WrapImage(t, spec.ExistingImage{Ref: ref, Pull: spec.PullAlways})
			if always := pulls.Load() - before; always == 0 || once > always {
				t.Errorf("four tests that want it asked the registry %d times, and PullAlways %d times, want as often", once, always)
			}
			r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
				img := seatrial.WrapImage(r, spec.ExistingImage{Ref: ref, Pull: spec.PullNever, Owned: true})
				seatrial.RunToEnd(r, spec.Container{Image: img.Ref, Command: []string{"-print", "hello"}})
			})
			if r.Failed() {
				t.Error(r.Errors())
			}
			if left := enginetest.ImageNames(t, addr+"/tested/app"); len(left) > 0 {
				t.Errorf("an owned image is left: %q", left)
			}
		})
	}
	mustFail(t, "Ref is not given", func(t seatrial.T) { seatrial.WrapImage(t, spec.ExistingImage{}) })
	mustFail(t, `Pull: "sometimes" is not one of missing, always and never`, func(t seatrial.T) {
		seatrial.WrapImage(t, spec.ExistingImage{Ref: base.Ref, Pull: "sometimes"})
	})
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		seatrial.WrapImage(r, spec.ExistingImage{Ref: base.Ref})
	})
	if r.Failed() || len(enginetest.ImageNames(t, base.Ref)) == 0 {
		t.Errorf("a wrapped image is gone after the test, or: %s", r.Errors())
	}
}

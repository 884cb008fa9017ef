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
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/registry"
	"github.com/seatrial/seatrial/spec"
)

// guarded starts a registry that lets nobody in without a password, and counts
// how often a manifest is asked for. An engine that is local takes 127.0.0.1 for
// safe.
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
	writeFile(t, filepath.Join(dir, "config.json"), config)
	t.Setenv("DOCKER_CONFIG", dir)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func TestWrapImage(t *testing.T) {
	base := probe(t)
	seatrial.Need(t, spec.Need{HostFiles: true}) // an engine whose 127.0.0.1 is ours
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
			// The registry has no other. Some engines say so, and some take what there is.
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
			if left := names(t, addr+"/tested/app"); len(left) > 0 {
				t.Errorf("an owned image is left: %q", left)
			}
		})
	}
	mustFail(t, "Ref is not given", func(t seatrial.T) { seatrial.WrapImage(t, spec.ExistingImage{}) })
	mustFail(t, `Pull: "sometimes" is none of missing, always and never`, func(t seatrial.T) {
		seatrial.WrapImage(t, spec.ExistingImage{Ref: base.Ref, Pull: "sometimes"})
	})
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		seatrial.WrapImage(r, spec.ExistingImage{Ref: base.Ref})
	})
	if r.Failed() || len(names(t, base.Ref)) == 0 {
		t.Errorf("a wrapped image is gone after the test, or: %s", r.Errors())
	}
}

// A blank image is the test's, whoever builds it.
func TestBlankImage(t *testing.T) {
	t.Parallel()
	base := probe(t)
	var blank *seatrial.Image
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		blank = seatrial.BlankImage(r, "My App")
		seatrial.BlankImage(r, "never built")
		cmd := exec.Command("docker", "build", "--quiet", "--tag", blank.Ref, "-")
		cmd.Stdin = strings.NewReader("FROM " + base.Ref + "\nENV A=1\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			r.Errorf("docker build: %v\n%s", err, out)
		}
		seatrial.RunToEnd(r, spec.Container{Image: blank.Ref, Command: []string{"-print", "hello"}})
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	if !strings.HasPrefix(blank.Ref, "localhost/seatrial/my-app:") {
		t.Errorf("Ref = %q, want one that can be read", blank.Ref)
	}
	if left := names(t, blank.Ref); len(left) > 0 {
		t.Errorf("after the test, there is %q", left)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, role := range []string{"", "db", "A long role with ÜMLÄUTS and spaces", "-", "x"} {
		name := seatrial.Name(t, role)
		if seen[name] || len(name) > 40 || !form.MatchString(name) || !strings.HasPrefix(name, "name-") {
			t.Errorf("Name(%q) = %q, want a new one of at most 40 characters that begins with the test's name", role, name)
		}
		seen[name] = true
	}
}

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestUpStablePortStays(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, oneServer)
	s.StablePorts = true
	web := seatrial.Up(t, s).Service(t, "web")
	before := web.Port(t, 8080)
	if before < 20000 || before > 29999 {
		t.Errorf("the leased port is %d, want one of 20000 to 29999", before)
	}
	web.Restart(t)
	if after := web.Port(t, 8080); after != before {
		t.Errorf("after a restart the port is %d, want %d as before", after, before)
	}
}

// thieve takes leased ports before the project can, without asking for a lease.
func thieve(t *testing.T, most int) *atomic.Int32 {
	t.Helper()
	var stolen atomic.Int32
	done, over := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(done); <-over })
	go func() {
		defer close(over)
		taken := map[string]net.Listener{}
		for {
			select {
			case <-done:
				for _, l := range taken {
					l.Close()
				}
				return
			case <-time.After(5 * time.Millisecond):
			}
			for _, lease := range enginetest.Leases(t, t.Name()) {
				port, ok := strings.CutPrefix(lease, "port/")
				if !ok || taken[port] != nil || int(stolen.Load()) >= most {
					continue
				}
				if l, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
					taken[port] = l
					stolen.Add(1)
				}
			}
		}
	}()
	return &stolen
}

func TestUpStolenPort(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, oneServer)
	s.StablePorts = true
	t.Run("once", func(t *testing.T) {
		stolen := thieve(t, 1)
		app := seatrial.Up(t, s)
		app.Service(t, "web").Wait(t, wait.HTTP(8080, "/health"))
		timeline, err := os.ReadFile(filepath.Join(seatrial.Artifacts(t), "timeline.txt"))
		if err != nil || stolen.Load() != 1 || !strings.Contains(string(timeline), "was taken by others meanwhile: starting again") {
			t.Errorf("%d ports were stolen; the time line (%v):\n%s", stolen.Load(), err, timeline)
		}
	})
	t.Run("always", func(t *testing.T) {
		stolen := thieve(t, 100)
		r := mustFail(t, "was taken by something outside this project (attempt 3)", func(t seatrial.T) { seatrial.Up(t, s) })
		if stolen.Load() != 3 {
			t.Errorf("%d ports were stolen, want 3\n%s", stolen.Load(), r.Errors())
		}
	})
}

// When the holder of a lock ends or is killed, the next one that waits gets it.
func TestUpLocksWait(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, strings.Replace(oneServer, `ports: ["8080:80"]`, "network_mode: host", 1))
	s.Files = []string{filepath.Join(s.Files[0], "compose.yaml")}
	enginetest.WriteFile(t, s.Files[0], strings.Replace(strings.Replace(oneServer, `ports: ["8080:80"]`, "network_mode: host", 1), ":80", "127.0.0.1:18999", 1))
	s.Lock = []string{"host-network"}

	var waiter *enginetest.Recorder
	over := make(chan struct{})
	var ended atomic.Bool
	t.Run("holder", func(t *testing.T) {
		seatrial.Up(t, s)
		go func() {
			defer close(over)
			waiter = enginetest.Record(t.Name()+"/waiter", time.Time{}, func(r *enginetest.Recorder) {
				seatrial.Up(r, s)
				if !ended.Load() {
					r.Errorf("the lock was taken while the other test held it")
				}
			})
		}()
		time.Sleep(2 * time.Second)
		impatient, want := s, "time was up while waiting: lock host-network is held by "+t.Name()
		for impatient.TimeLimit = 6 * time.Second; ; impatient.TimeLimit *= 4 {
			r := enginetest.Record(t.Name()+"/impatient", time.Time{}, func(r *enginetest.Recorder) { seatrial.Up(r, impatient) })
			r.Discard(t)
			if strings.Contains(r.Errors(), want) {
				break
			}
			if !strings.Contains(r.Errors(), "time was up") || impatient.TimeLimit > time.Minute {
				t.Errorf("the call without time says\n%s", r.Errors())
				break
			}
			t.Logf("repeated: %v was too short: %s", impatient.TimeLimit, r.Errors()) // a busy engine takes a while to list the leases of others
		}
		mustFail(t, "by this very test, which would wait for itself", func(r seatrial.T) {
			if err := seatrial.Try(t, func(t seatrial.T) { seatrial.Up(t, s) }); err != nil {
				r.Errorf("%v", err)
			}
		})
		ended.Store(true)
	})
	<-over
	if waiter.Failed() {
		t.Errorf("the waiting call says\n%s", waiter.Errors())
	}
}

// Directories that containers write to are copied, with owners and modes, whatever
// the user, and the test can read what was written.
func TestUpCopiesDirectories(t *testing.T) {
	t.Parallel()
	img := probe(t)
	if os.Getuid() != 0 {
		t.Skip("only root can give files to others")
	}
	s := project(t, img, `services:
  web:
    image: example/probe:1
    user: "1234:2345"
    command: ["-stat", "/data/secret", "-serve", ":8080"]
    ports: ["80:8080"]
    volumes: ["./data:/data"]
  reader:
    image: example/probe:1
    user: "1234"
    command: ["-serve", ":8080"]
    ports: ["81:8080"]
    volumes: ["./data:/data:ro"]
`)
	dir := filepath.Join(s.Files[0], "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "secret"), "swordfish")
	for _, path := range []string{dir, filepath.Join(dir, "secret")} {
		if err := os.Chown(path, 1234, 2345); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(dir, "secret"), 0o640); err != nil {
		t.Fatal(err)
	}
	app := seatrial.Up(t, s)
	web := app.Service(t, "web")
	web.Wait(t, wait.Log("listening"))
	if got, want := strings.Split(web.Stdout(t), "\n")[0], "-rw-r----- 1234:2345 swordfish"; got != want {
		t.Errorf("in the container the file is %q, want %q", got, want)
	}
	enginetest.Put(t, web.URL(t, 80)+"/file/name", "written")
	if got := enginetest.Get(t, app.Service(t, "reader").URL(t, 81)+"/file/name"); got != "written" {
		t.Errorf("the read-only service has %q, want what the other one wrote", got)
	}
	to := filepath.Join(t.TempDir(), "data")
	web.CopyOut(t, "/data", to)
	if got, err := os.ReadFile(filepath.Join(to, "name")); string(got) != "written" {
		t.Errorf("copied out there is %q, %v", got, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "name")); err == nil {
		t.Error("what the container has written is in the checkout")
	}
	enginetest.WriteFile(t, filepath.Join(dir, "large"), strings.Repeat("x", 2<<20))
	s.CopyLimit = 1 << 20
	mustFail(t, "compose.yaml:7 service web: a copy of "+dir+": it has 2 MiB of files, and CopyLimit is 1 MiB", func(t seatrial.T) { seatrial.Up(t, s) })
}

// An image that the files build is found the next time, by any process.
func TestUpFindsBuiltImages(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := enginetest.ProbeContext(t)
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), fmt.Sprintf(`services:
  web:
    build: {context: ., dockerfile_inline: "FROM scratch\nCOPY probe /probe\nCOPY extra /data/name\nLABEL of=%s\nENTRYPOINT [\"/probe\"]"}
    command: ["-serve", ":80"]
    ports: ["80:80"]
`, seatrial.Name(t, "")))
	enginetest.WriteFile(t, filepath.Join(t.TempDir(), "unused"), "")
	extra := filepath.Join(t.TempDir(), "extra")
	enginetest.WriteFile(t, extra, "added")
	s := spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}, Builds: map[string]spec.Build{".": {Files: []string{extra}}},
		Ready: map[string]wait.Condition{"web": wait.HTTP(80, "/health")}}
	for _, want := range []string{" built, in", " found"} {
		t.Run(want, func(t *testing.T) {
			app := seatrial.Up(t, s)
			if got := enginetest.Get(t, app.Service(t, "web").URL(t, 80)+"/file/name"); got != "added" {
				t.Errorf("the file that was added to the context is %q", got)
			}
			timeline, err := os.ReadFile(filepath.Join(seatrial.Artifacts(t), "timeline.txt"))
			if err != nil || !strings.Contains(string(timeline), want) {
				t.Errorf("the time line lacks %q (%v):\n%s", want, err, timeline)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(dir, "extra")); err == nil {
		t.Error("the added file is in the checkout")
	}
	enginetest.WriteFile(t, extra, "changed")
	app := seatrial.Up(t, s)
	if got := enginetest.Get(t, app.Service(t, "web").URL(t, 80)+"/file/name"); got != "changed" {
		t.Errorf("after a change the added file is %q", got)
	}
}

// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

// serve is a container that answers on port 80.
func serve(image string) spec.Container {
	return spec.Container{Image: image, Command: []string{"-serve", ":80"}, Ports: []int{80}, Ready: wait.HTTP(80, "/health")}
}

func get(t *testing.T, url string) string {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// refused calls f with a test of its own, which must fail with this text in the
// first line.
func refused(t *testing.T, want string, f func(t seatrial.T)) {
	t.Helper()
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { f(r) })
	if first, _, _ := strings.Cut(r.Errors(), "\n"); !strings.Contains(first, want) {
		t.Errorf("failed = %v with %q, want failure with %q", r.Failed(), first, want)
	}
}

// One test uses several engines. An image that was built on one is on the others
// only after Load, also between the two kinds of image stores.
func verbsOnSeveralEngines(t *testing.T, modern *swarmtest.Engine, others map[string]*swarmtest.Engine) {
	img := modern.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	if got := get(t, modern.Run(t, serve(img.Ref)).URL(t, 80)+"/health"); got != "ok\n" {
		t.Errorf("on the engine that built the image: %q", got)
	}
	reachesTest(t, modern, img.Ref)
	// Listeners are seen although the engine has its own process ids.
	late := modern.Run(t, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-after", "1s", "-serve", ":80"}, Ports: []int{80}})
	if got := get(t, late.URL(t, 80)+"/health"); got != "ok\n" {
		t.Errorf("the first request to one that listens late: %q", got)
	}
	for name, e := range others {
		t.Run(name, func(t *testing.T) {
			missing := "image \"" + img.Ref + "\" comes from no registry, and this engine (" + e.Host() + ") does not have it"
			refused(t, missing, func(t seatrial.T) { e.Run(t, spec.Container{Image: img.Ref}) })
			refused(t, missing, func(t seatrial.T) {
				e.Up(t, spec.Project{Files: []string{"../testdata/shop/compose.yaml"}, Images: map[string]string{"example/probe:1": img.Ref}})
			})
			copied := e.Load(t, img)
			if copied.Ref != img.Ref || copied.ID == "" {
				t.Errorf("Load = %+v, want %s with an id", copied, img.Ref)
			}
			if got := get(t, e.Run(t, serve(copied.Ref)).URL(t, 80)+"/health"); got != "ok\n" {
				t.Errorf("on the engine with the loaded image: %q", got)
			}
			reachesTest(t, e, copied.Ref)
			began := time.Now()
			e.Load(t, img) // nothing is sent
			t.Logf("loading it again took %v", time.Since(began).Round(time.Millisecond))
		})
	}
}

// One engine serves all tests that leave it unchanged.
func TestEngine(t *testing.T) {
	t.Parallel()
	e := swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd)})
	img := e.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	for _, test := range []struct {
		name string
		test func(*testing.T, *swarmtest.Engine, *seatrial.Image)
	}{
		{"in another network", engineInAnotherNetwork}, {"behind a tunnel", engineBehindATunnel}, {"killed", killedOnAnotherEngine},
	} {
		t.Run(test.name, func(t *testing.T) { test.test(t, e, img) })
		if left := docker(t, e.Host(), "ps", "--all", "--quiet"); left != "" {
			t.Fatalf("%s: containers %q are left", test.name, left)
		}
	}
	t.Run("no zombies", func(t *testing.T) { noZombies(t, e) })
}

// Ports of an engine in an unknown network are refused, and not looked for on
// 127.0.0.1.
func engineInAnotherNetwork(t *testing.T, e *swarmtest.Engine, img *seatrial.Image) {
	lost := seatrial.On(spec.Engine{Host: e.Host(), Temporary: true})
	c := lost.Run(t, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ports: []int{80}, Ready: wait.Log("listening")})
	refused(t, "where this test cannot reach it: the engine's process is in another network namespace", func(t seatrial.T) { c.Addr(t, 80) })
	found := seatrial.On(spec.Engine{Host: e.Host(), Address: e.Address(), Temporary: true})
	if got := get(t, found.Run(t, serve(img.Ref)).URL(t, 80)+"/health"); got != "ok\n" {
		t.Errorf("with its address: %q", got)
	}
}

// Need says what an engine lacks. (That the test is then skipped is shown in package
// leftovers.)
func needs(t *testing.T, old *swarmtest.Engine) {
	old.Need(t, spec.Need{API: "1.41", Compose: "2.24", HostFiles: true, Root: true})
	for want, need := range map[string]spec.Need{
		"API 1.44; the engine speaks 1.41":              {API: "1.44"},
		"docker compose 99.0; there is":                 {Compose: "99.0"},
		"platform plan9/amd64; the engine runs linux/":  {Platform: "plan9/amd64"},
		"a manager of a swarm, which the engine is not": {Manager: true},
	} {
		refused(t, want, func(t seatrial.T) { old.Need(t, need) }) // a recorded test cannot be skipped
	}
}

// TestSecondVictim has a container on an engine of another process.
func TestSecondVictim(t *testing.T) {
	host, image, _ := strings.Cut(os.Getenv("SEATRIAL_TEST_SECOND"), " ")
	if host == "" {
		t.Skip("is started and killed by TestEngine")
	}
	c := seatrial.On(spec.Engine{Host: host}).Run(t, spec.Container{Image: image, Command: []string{"-deaf", "-serve", ":80"}, Ready: wait.Log("listening")})
	c.Wait(t, wait.Exit(0)) // until the test is killed
}

// The watchdog removes what a killed test left on any engine that it used.
func killedOnAnotherEngine(t *testing.T, e *swarmtest.Engine, img *seatrial.Image) {
	for watchdog, left := range map[string]int{"": 0, "SEATRIAL_NO_WATCHDOG=1": 1} {
		tmp := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestSecondVictim$")
		cmd.Env = append(os.Environ(), "SEATRIAL_TEST_SECOND="+e.Host()+" "+img.Ref, "SEATRIAL_NO_COLLECT=1", "TMPDIR="+tmp, watchdog)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		containers := func() []string { return strings.Fields(docker(t, e.Host(), "ps", "--all", "--quiet")) }
		running := func() bool { return docker(t, e.Host(), "ps", "--quiet", "--filter", "status=running") != "" }
		for end := time.Now().Add(2 * time.Minute); !running(); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("the victim's container does not run")
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		began := time.Now()
		for len(containers()) > 0 && time.Since(began) < time.Minute {
			time.Sleep(50 * time.Millisecond)
		}
		if got := len(containers()); got != left {
			t.Errorf("with %q, %d containers are left, want %d", watchdog, got, left)
		}
		for _, id := range containers() {
			docker(t, e.Host(), "rm", "--force", id)
		}
		if !enginetest.AwaitProcesses("TMPDIR=" + tmp) {
			t.Errorf("with %q, a process of the victim's is left", watchdog)
		}
	}
}

// An engine may be stopped before the end of the test, even twice. Its objects and
// everything else of the engine are gone with it.
func TestEngineStopsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	var errs string
	dockerd := enginetest.NeedDockerd(t, enginetest.Dockerd)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		e := swarmtest.StartEngine(r, swarmtest.EngineSpec{Dockerd: dockerd})
		was := footprintOf(t, e)
		img := e.Build(r, spec.Image{Context: enginetest.ProbeContext(t)})
		e.Run(r, serve(img.Ref))
		if marked := process.WithVariable(watchdog.Mark(process.Run), ""); len(marked) < 2 {
			r.Errorf("processes with the run's mark = %v, want the engine's first and its daemon", marked)
		}
		began := time.Now()
		e.Stop(r)
		t.Logf("stopped after %v", time.Since(began).Round(time.Millisecond))
		gone(t, 0, was.everything)
		e.Stop(r)
		late := enginetest.Record(t.Name(), time.Time{}, func(late *enginetest.Recorder) { e.Run(late, serve(img.Ref)) })
		errs = late.Errors()
	})
	if r.Failed() {
		t.Errorf("the test failed: %s", r.Errors())
	}
	if !strings.Contains(errs, "was stopped") {
		t.Errorf("running something after Stop: %q, want that the engine was stopped", errs)
	}
}

// A tunnel ends at an address of this machine, but the ports of its engine do not.
func engineBehindATunnel(t *testing.T, e *swarmtest.Engine, img *seatrial.Image) {
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, address := range []string{"unix://" + dir + "/tunnel.sock", "tcp://127.0.0.1:0"} {
		network, at, _ := strings.Cut(address, "://")
		l, err := net.Listen(network, at)
		if err != nil {
			t.Fatal(err)
		}
		tunnel(t, l, strings.TrimPrefix(e.Host(), "unix://"))
		host := network + "://" + l.Addr().String()
		t.Run(network, func(t *testing.T) {
			far := seatrial.On(spec.Engine{Host: host, Temporary: true})
			c := far.Run(t, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ports: []int{80}, Ready: wait.Log("listening")})
			refused(t, "where this test cannot reach it", func(t seatrial.T) { c.Addr(t, 80) })
		})
	}
}

// tunnel carries connections to a socket, until the test ends.
func tunnel(t *testing.T, l net.Listener, socket string) {
	var all sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", socket)
			if err != nil {
				near.Close()
				continue
			}
			all.Go(func() { // close both ends as soon as one is closed
				defer near.Close()
				defer far.Close()
				_, _ = io.Copy(far, near)
			})
			all.Go(func() {
				defer near.Close()
				defer far.Close()
				_, _ = io.Copy(near, far)
			})
		}
	})
}

// reachesTest makes a container reach a server of the test on 127.0.0.1, which is not
// the 127.0.0.1 of the engine.
func reachesTest(t *testing.T, e *swarmtest.Engine, image string) {
	t.Helper()
	hooks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "called") }))
	defer hooks.Close()
	e.RunToEnd(t, spec.Container{Image: image, Command: []string{"-check", "http://hooks.example.com/"}, Reach: map[string]string{"hooks.example.com:80": hooks.URL}})
}

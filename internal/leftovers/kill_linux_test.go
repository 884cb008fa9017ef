// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	_ "github.com/seatrial/seatrial/internal/enginetest/badinit"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// The kill harness: a test of its own process uses all there is, is killed, and
// the engine and the machine must then be as they were before.

// TestVictim is what is killed. It goes through its phases again and again, and
// writes into a file in which one it is.
func TestVictim(t *testing.T) {
	phaseFile := os.Getenv("SEATRIAL_TEST_PHASE")
	if phaseFile == "" {
		t.Skip("is started and killed by TestKill")
	}
	victim, context := t, enginetest.ProbeContext(t)
	for n, last := 0, false; ; n++ {
		ok := t.Run(strconv.Itoa(n), func(t *testing.T) {
			phase := func(name string) {
				if err := os.WriteFile(phaseFile, []byte(name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if dir := os.Getenv("SEATRIAL_TEST_TMPDIR"); dir != "" {
				seatrial.Artifacts(victim) // and with it the watchdog, is there before
				t.Setenv("TMPDIR", dir)
			}
			phase("build")
			img := seatrial.Build(t, spec.Image{Context: context, NoCache: n > 0})
			if n == 0 && os.Getenv("SEATRIAL_TEST_FIRST") == "project" {
				liveThrough(t, phase, img, context, n)
			}
			phase("run")
			net, vol := seatrial.CreateNetwork(t, spec.Network{}), seatrial.CreateVolume(t, spec.Volume{})
			one := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "one", Command: []string{"-deaf", "-serve", ":80"}, Ready: wait.Log("listening"),
				Networks: []spec.Endpoint{{Network: net.Name}}, Mounts: []spec.Mount{{Volume: vol.Name, Target: "/data"}}, Flags: []string{"--init=false"}})
			seatrial.Run(t, spec.Container{Image: one.Commit(t).Ref, Name: "two"})
			seatrial.StartDocker(t, spec.Command{Args: []string{"events"}})
			name, labels := seatrial.Own(t, "container", "three")
			seatrial.Docker(t, spec.Command{Args: slices.Concat([]string{"run", "--detach", "--name", name}, labels, []string{img.Ref, "-after", "5m"})})
			phase("up")
			if os.Getenv("SEATRIAL_TEST_DEATH") == "" {
				app := seatrial.Up(t, shop(img))
				phase("restart")
				app.Service(t, "store").Restart(t)
				liveThrough(t, phase, img, context, n)
			} else { // what dies at once has all, and as soon as can be
				seatrial.Up(t, richProject(t, img, context, n, "")).Run(t, "tool", spec.Exec{})
			}
			phase("wait")
			switch os.Getenv("SEATRIAL_TEST_DEATH") {
			case "panic":
				go func() { panic("of a goroutine") }()
				time.Sleep(time.Minute)
			case "exit":
				os.Exit(3)
			case "stay":
				time.Sleep(time.Minute)
			case "pull":
				phase("pull")
				seatrial.Run(t, spec.Container{Image: os.Getenv("SEATRIAL_TEST_REGISTRY") + "/slow:1"})
			case "brief": // go test's end does not end us: our next print does
				time.Sleep(2 * time.Second)
				last = true
			}
			time.Sleep(300 * time.Millisecond)
			phase("clean-up")
		})
		if !ok || last {
			return
		}
	}
}

// lives are the phases of a project.
var lives = []string{"up with all", "run of a service", "scale", "update", "stop and start", "end of a project"}

// liveThrough goes through them.
func liveThrough(t *testing.T, phase func(string), img *seatrial.Image, context string, n int) {
	t.Run("project", func(t *testing.T) {
		phase("up with all")
		s := richProject(t, img, context, n, lonely(context))
		app := seatrial.Up(t, s)
		phase("run of a service")
		app.Run(t, "tool", spec.Exec{})
		phase("scale")
		app.Scale(t, "store", 2)
		phase("update")
		s.Env["VERSION"] = "next"
		app.Update(t, s)
		phase("stop and start")
		app.Restart(t, "store")
		phase("end of a project")
	})
}

// lonely is a service that takes a lock: two such projects wait for each other.
func lonely(context string) string {
	return `
  lonely:
    build: {context: ` + strconv.Quote(context) + `}
    command: ["-serve", "127.0.0.1:18998"]
    network_mode: host`
}

// richProject has all that a project can have beside its containers: leases, copies
// of directories, images that it builds, and whatever more services do.
func richProject(t *testing.T, img *seatrial.Image, context string, n int, more string) spec.Project {
	t.Helper()
	s := project(t, img, `services:
  web:
    image: example/probe:1
    command: ["-deaf", "-serve", ":80"]
    ports: ["8080:80"]
    environment: {PUBLIC_URL: "http://localhost:8080", VERSION: "${VERSION}"}
    volumes: ["./data:/data", /scratch]
    networks: {fixed: {ipv4_address: 172.29.6.10}}
  store:
    build: {context: `+strconv.Quote(context)+`, args: {}, labels: {n: "`+strconv.Itoa(n)+`"}}
    command: ["-serve", ":80"]
    volumes: [stock:/data]
    networks: [fixed]`+more+`
  tool: {image: "example/probe:1", profiles: [tools]}
networks: {fixed: {ipam: {config: [{subnet: 172.29.6.0/24}]}}}
volumes: {stock: {}}
`)
	if err := os.Mkdir(filepath.Join(s.Files[0], "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	s.Env = map[string]string{"VERSION": "first"}
	if more != "" {
		s.Lock = []string{"host-network"}
	}
	return s
}

// A scene is all that a killed test must leave as it was.
type scene struct {
	engine, processes string
	temporary         string // a directory for temporary files
	mounts            string // of containers, and of their network namespaces
}

func lookAround(t *testing.T, tmp string) scene {
	t.Helper()
	return scene{everything(t), processes(t, tmp), temporary(t, tmp), mounts(t)}
}

// temporary lists what we have in a directory for temporary files.
func temporary(t *testing.T, tmp string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(tmp, "seatrial-*"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(files, "\n")
}

// mounts lists what an engine in our mount namespace has mounted: layers of
// containers, and the network namespaces that it keeps.
func mounts(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(content)) {
		at := strings.Fields(line)[4]
		if strings.HasSuffix(at, "/netns/default") { // the machine's own, which an engine keeps once a container used it
			continue
		}
		if strings.Contains(at, "/netns/") || strings.Contains(at, "/overlay2/") || strings.Contains(at, "/rootfs/") {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// processes lists the watchdogs and the docker commands of a victim, which have
// its directory for temporary files in their environment.
func processes(t *testing.T, temporary string) string {
	t.Helper()
	var all []string
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		env, _ := os.ReadFile(filepath.Join(dir, "environ"))
		if bytes.Contains(env, []byte("TMPDIR="+temporary+"\x00")) {
			command, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
			all = append(all, filepath.Base(dir)+" "+string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
		}
	}
	return strings.Join(all, "\n")
}

// A victim is a running TestVictim.
type victim struct {
	cmd            *exec.Cmd
	out            bytes.Buffer
	phaseFile, tmp string
}

func startVictim(t *testing.T, env ...string) *victim {
	t.Helper()
	v := newVictim(t, env...)
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.cmd.Process.Kill() }) // most are dead by then
	return v
}

func newVictim(t *testing.T, env ...string) *victim {
	t.Helper()
	dir := t.TempDir()
	v := &victim{phaseFile: filepath.Join(dir, "phase"), tmp: filepath.Join(dir, "tmp")}
	if err := os.Mkdir(v.tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	v.cmd = exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.timeout=2m")
	v.cmd.Env = append(os.Environ(), append([]string{"SEATRIAL_TEST_PHASE=" + v.phaseFile, "TMPDIR=" + v.tmp, "SEATRIAL_REQUIRE=1"}, env...)...)
	v.cmd.Stdout, v.cmd.Stderr = &v.out, &v.out
	return v
}

func (v *victim) phase() string {
	name, err := os.ReadFile(v.phaseFile)
	if err != nil {
		return "start"
	}
	return string(name)
}

// reach waits until the victim is in a phase.
func (v *victim) reach(t *testing.T, phase string) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); v.phase() != phase; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the victim is in phase %s and does not get to %s:\n%s", v.phase(), phase, v.out.String())
		}
	}
}

// settles waits until all is as it was, and returns how long that took.
func settles(t *testing.T, v *victim, before scene) time.Duration {
	t.Helper()
	return becomes(t, "the test was killed, in phase "+v.phase(), before, func() scene { return lookAround(t, v.tmp) })
}

// settlesAlone waits until the victim's processes and files are gone, where others
// still have theirs on the engine.
func settlesAlone(t *testing.T, v *victim) time.Duration {
	t.Helper()
	return becomes(t, "the test was killed, in phase "+v.phase(), scene{}, func() scene {
		return scene{processes: processes(t, v.tmp), temporary: temporary(t, v.tmp)}
	})
}

// becomes waits until what is seen is what it was.
func becomes(t *testing.T, since string, before scene, see func() scene) time.Duration {
	t.Helper()
	const most = 2 * time.Minute
	began := time.Now()
	var now scene
	for time.Since(began) < most {
		if now = see(); now == before {
			return time.Since(began)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%v after %s, there is\n%+v\nbefore there was\n%+v", most, since, now, before)
	return time.Since(began)
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

func kills() int {
	if n, err := strconv.Atoi(os.Getenv("SEATRIAL_KILLS")); err == nil {
		return n
	}
	return 20
}

func TestKill(t *testing.T) {
	probe(t) // so that the victims find its layers
	before := lookAround(t, t.TempDir())
	phases := map[string]int{}
	var worst time.Duration
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	for n := 0; n < kills(); n += 2 { // two at a time
		one, two := startVictim(t), startVictim(t, "SEATRIAL_TEST_FIRST=project")
		after := time.Duration(random.Int64N(int64(5 * time.Second)))
		killed := make(chan struct{})
		go func() {
			defer close(killed)
			time.Sleep(after)
			one.kill()
		}()
		two.reach(t, lives[n/2%len(lives)])
		time.Sleep(time.Duration(random.Int64N(int64(2 * time.Second))))
		two.kill()
		<-killed
		for _, v := range []*victim{one, two} {
			phases[v.phase()]++
			worst = max(worst, settles(t, v, before))
		}
		if t.Failed() {
			t.Fatalf("seed %d; the victims said:\n%s\n%s", seed, one.out.String(), two.out.String())
		}
	}
	t.Logf("killed in phases %v, all gone after %v at worst", phases, worst.Round(time.Millisecond))
}

// Other ends than SIGKILL, at a moment when much is there.
func TestOtherDeaths(t *testing.T) {
	probe(t)
	before := lookAround(t, t.TempDir())
	signal := func(s syscall.Signal) func(*victim) {
		return func(v *victim) { _ = v.cmd.Process.Signal(s) }
	}
	deaths := []struct {
		about string
		env   string
		die   func(v *victim)
	}{
		{"a panic in a goroutine", "SEATRIAL_TEST_DEATH=panic", nil},
		{"os.Exit", "SEATRIAL_TEST_DEATH=exit", nil},
		{"SIGTERM", "SEATRIAL_TEST_DEATH=stay", signal(syscall.SIGTERM)},
		{"SIGINT", "SEATRIAL_TEST_DEATH=stay", signal(syscall.SIGINT)},
		{"SIGHUP", "SEATRIAL_TEST_DEATH=stay", signal(syscall.SIGHUP)},
		{"SIGQUIT", "SEATRIAL_TEST_DEATH=stay", signal(syscall.SIGQUIT)},
		{"SIGKILL to the whole group", "SEATRIAL_TEST_DEATH=stay", func(v *victim) { _ = syscall.Kill(-v.cmd.Process.Pid, syscall.SIGKILL) }},
	}
	t.Run("deaths", func(t *testing.T) {
		for _, death := range deaths {
			t.Run(death.about, func(t *testing.T) {
				t.Parallel()
				v := startVictim(t, death.env)
				v.reach(t, "wait")
				if death.die != nil {
					death.die(v)
				}
				if err := v.cmd.Wait(); err == nil {
					t.Errorf("the victim ended well:\n%s", v.out.String())
				}
				t.Logf("its watchdog ends after %v", settlesAlone(t, v).Round(time.Millisecond))
			})
		}
	})
	becomes(t, "all ended", before, func() scene { return lookAround(t, t.TempDir()) })
}

// A pull is in flight: the docker command that does it outlives its parent.
func TestKilledDuringPull(t *testing.T) {
	probe(t)
	before := lookAround(t, t.TempDir())
	asked := make(chan struct{}, 10)
	over := make(chan struct{})
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v2/" {
			return
		}
		asked <- struct{}{}
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	defer registry.Close()
	defer close(over)
	v := startVictim(t, "SEATRIAL_TEST_DEATH=pull", "SEATRIAL_TEST_REGISTRY="+registry.Listener.Addr().String())
	v.reach(t, "pull")
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatalf("the registry was not asked:\n%s", v.out.String())
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	t.Logf("all gone after %v", settles(t, v, before).Round(time.Millisecond))
}

// The harness proves something: without the watchdog it finds what a killed test
// leaves. And the next to clean up finds it, too.
func TestWithoutWatchdogThereAreLeftovers(t *testing.T) {
	probe(t)
	before := lookAround(t, t.TempDir())
	v := startVictim(t, "SEATRIAL_NO_WATCHDOG=1", "SEATRIAL_TEST_DEATH=stay")
	v.reach(t, "wait")
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	time.Sleep(2 * time.Second)
	left := lookAround(t, v.tmp)
	if left.engine == before.engine || left.temporary == before.temporary {
		t.Errorf("without a watchdog, killing leaves nothing: %+v", left)
	}
	e := findEngine(t)
	var removed []string
	n, err := sweep.Dead(t.Context(), e, "", func(f sweep.Found, _ bool) { removed = append(removed, f.Kind+" "+f.Name) })
	if err != nil || n == 0 {
		t.Errorf("collecting what is dead: %d objects, %v", n, err)
	}
	dirs := sweep.Dirs(v.tmp)
	if now := lookAround(t, v.tmp); now != before {
		t.Errorf("after collecting %q and %q there is\n%+v\nbefore there was\n%+v", removed, dirs, now, before)
	}
}

// The watchdog may die with the test: in one container, or control group. Then
// whoever comes next cleans up.
func TestKilledWithItsWatchdog(t *testing.T) {
	probe(t)
	before := lookAround(t, t.TempDir())
	v := startVictim(t, "SEATRIAL_TEST_DEATH=stay")
	v.reach(t, "wait")
	for line := range strings.Lines(processes(t, v.tmp)) {
		pid, _, _ := strings.Cut(line, " ")
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		_ = syscall.Kill(n, syscall.SIGKILL)
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	if left := lookAround(t, v.tmp); left.engine == before.engine {
		t.Error("nothing is left, so this shows nothing")
	}
	if _, err := sweep.Dead(t.Context(), findEngine(t), "", nil); err != nil {
		t.Fatal(err)
	}
	sweep.Dirs(v.tmp)
	if now := lookAround(t, v.tmp); now != before {
		t.Errorf("after the next one has cleaned up there is\n%+v\nbefore there was\n%+v", now, before)
	}
}

// A package of the user's whose init misbehaves must not break a test.
func TestWatchdogWithBadInit(t *testing.T) {
	probe(t)
	for mode, guarded := range map[string]bool{"print": true, "dial": true, "exit": false, "hang": false} {
		t.Run(mode, func(t *testing.T) {
			tmp := t.TempDir()
			writeFile(t, filepath.Join(tmp, "badinit"), mode)
			cmd := exec.Command(os.Args[0], "-test.run=^TestRunForeground$", "-test.v")
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "SEATRIAL_REQUIRE=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("PASS: TestRunForeground")) {
				t.Errorf("the test does not pass: %v\n%s", err, out)
			}
			if says := bytes.Contains(out, []byte("if this test is killed, what it made stays")); says == guarded {
				t.Errorf("it says that there is no watchdog: %v, want %v\n%s", says, !guarded, out)
			}
			for end := time.Now().Add(2 * time.Minute); processes(t, tmp) != "" && time.Now().Before(end); {
				time.Sleep(20 * time.Millisecond)
			}
			if left := processes(t, tmp); left != "" {
				t.Errorf("the watchdog outlives its work: %s", left)
			}
			if bytes.Contains(out, []byte("hello from init")) {
				t.Errorf("the watchdog writes into the test's output:\n%s", out)
			}
		})
	}
}

// What go test does with its children, and a terminal with its jobs.
func TestGoTestDies(t *testing.T) {
	probe(t)
	before := lookAround(t, t.TempDir())
	deaths := []struct {
		about   string
		command []string // before go test
		victim  string   // what it does when it is to die
		flags   []string
		die     func(cmd *exec.Cmd, stdin io.Writer)
	}{
		{"SIGTERM to go test alone", nil, "brief", nil, func(cmd *exec.Cmd, _ io.Writer) { _ = cmd.Process.Signal(syscall.SIGTERM) }},
		{"SIGKILL to go test alone", nil, "brief", nil, func(cmd *exec.Cmd, _ io.Writer) { _ = cmd.Process.Kill() }},
		{"-timeout", nil, "stay", []string{"-timeout=40s"}, func(*exec.Cmd, io.Writer) {}},
		{"Ctrl-C in a terminal", []string{"script", "-qec"}, "stay", nil, func(_ *exec.Cmd, in io.Writer) { _, _ = io.WriteString(in, "\x03") }},
		{"Ctrl-C twice", []string{"script", "-qec"}, "stay", nil, func(_ *exec.Cmd, in io.Writer) { _, _ = io.WriteString(in, "\x03\x03") }},
		{"the terminal is closed", []string{"script", "-qec"}, "stay", nil, func(cmd *exec.Cmd, _ io.Writer) { _ = cmd.Process.Kill() }},
	}
	t.Run("deaths", func(t *testing.T) {
		for _, death := range deaths {
			t.Run(death.about, func(t *testing.T) {
				t.Parallel()
				v := newVictim(t, "SEATRIAL_TEST_DEATH="+death.victim)
				args := append([]string{"go", "test", "-count=1", "-vet=off", "-run=^TestVictim$"}, append(death.flags, ".")...)
				if death.command != nil {
					if _, err := exec.LookPath(death.command[0]); err != nil {
						t.Skipf("a terminal is made by %s: %v", death.command[0], err)
					}
					args = append(death.command, strings.Join(args, " "), "/dev/null")
				}
				env := v.cmd.Env
				v.cmd = exec.Command(args[0], args[1:]...)
				v.cmd.Env, v.cmd.Stdout, v.cmd.Stderr = env, &v.out, &v.out
				v.cmd.WaitDelay = time.Second // the test binary may hold its output
				in, err := v.cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := v.cmd.Start(); err != nil {
					t.Fatal(err)
				}
				if death.flags == nil { // a slow machine may not get there in time
					v.reach(t, "wait")
				}
				death.die(v.cmd, in)
				_ = v.cmd.Wait()
				if death.flags != nil && !strings.Contains(v.out.String(), "test timed out") {
					t.Errorf("the victim says\n%s", v.out.String())
				}
				t.Logf("in phase %s; its watchdog ends after %v", v.phase(), settlesAlone(t, v).Round(time.Millisecond))
			})
		}
	})
	becomes(t, "all ended", before, func() scene { return lookAround(t, t.TempDir()) })
}

// The engine fails while a test ends, or while the watchdog works: what can't be
// done now is done later.
func TestEngineTrouble(t *testing.T) {
	probe(t)
	before := lookAround(t, t.TempDir())
	tests := []struct {
		about  string
		victim string
		pass   bool
		play   func(f *enginetest.Faulty, v *victim)
	}{
		{"gone for a moment during the clean-up", "brief", true, func(f *enginetest.Faulty, v *victim) {
			f.Down()
			time.Sleep(4 * time.Second)
			f.Up()
		}},
		{"gone until after the test", "brief", false, func(f *enginetest.Faulty, v *victim) {
			f.Down()
			_ = v.cmd.Wait()
			f.Up()
		}},
		{"gone when the test is killed", "stay", false, func(f *enginetest.Faulty, v *victim) {
			_ = v.cmd.Process.Kill()
			f.Down()
			time.Sleep(3 * time.Second)
			f.Up()
		}},
		{"hangs when the test is killed", "stay", false, func(f *enginetest.Faulty, v *victim) {
			_ = v.cmd.Process.Kill()
			f.Hang()
			time.Sleep(3 * time.Second)
			f.Up()
		}},
	}
	t.Run("troubles", func(t *testing.T) {
		for _, test := range tests {
			t.Run(test.about, func(t *testing.T) {
				t.Parallel()
				dir, err := os.MkdirTemp("", "faulty") // a socket's path must be short
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { os.RemoveAll(dir) })
				f, err := enginetest.NewFaulty(dir)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(f.Close)
				v := startVictim(t, "DOCKER_HOST="+f.Host, "SEATRIAL_TEST_DEATH="+test.victim)
				v.reach(t, "wait")
				test.play(f, v)
				_ = v.cmd.Wait() // an error if play has waited already
				if passed := v.cmd.ProcessState.Success(); passed != test.pass {
					t.Errorf("the victim passes: %v, want %v\n%s", passed, test.pass, v.out.String())
				}
				if test.victim == "brief" && !test.pass && !strings.Contains(v.out.String(), "removing what the test made: ") {
					t.Errorf("the victim does not say what it could not remove:\n%s", v.out.String())
				}
				if left, _ := filepath.Glob(filepath.Join(v.tmp, "seatrial-*")); !test.pass && test.victim == "brief" {
					for _, dir := range left { // the artifacts of a failed test stay
						os.RemoveAll(dir)
					}
				}
				t.Logf("its watchdog ends after %v", settlesAlone(t, v).Round(time.Millisecond))
			})
		}
	})
	becomes(t, "all ended", before, func() scene { return lookAround(t, t.TempDir()) })
}

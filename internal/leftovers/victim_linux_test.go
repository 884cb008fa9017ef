// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"bytes"
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
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// The kill harness: a test in another process uses all verbs and is killed. Then
// nothing may be left of it on the engine or on the machine.

// TestVictim is the test that is killed. It goes through its phases again and
// again, and writes the present phase into a file.
func TestVictim(t *testing.T) {
	phaseFile := os.Getenv("SEATRIAL_TEST_PHASE")
	if phaseFile == "" {
		t.Skip("is started and killed by TestKill")
	}
	if err := os.WriteFile(phaseFile+".run", []byte(process.Run), 0o600); err != nil {
		t.Fatal(err)
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
				seatrial.Artifacts(victim) // starts the watchdog, too
				t.Setenv("TMPDIR", dir)
			}
			phase("build")
			img := seatrial.Build(t, spec.Image{Context: context, NoCache: n > 0 || os.Getenv("SEATRIAL_TEST_BUILD") == "new"})
			if n == 0 && os.Getenv("SEATRIAL_TEST_FIRST") == "project" {
				liveThrough(t, phase, img, context, n)
			}
			phase("run")
			if os.Getenv("SEATRIAL_TEST_HAS") == "little" {
				seatrial.StartDocker(t, spec.Command{Args: []string{"events"}})
				seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-deaf", "-serve", ":80"}, Ready: wait.Log("listening"),
					Networks: []spec.Endpoint{{Network: seatrial.CreateNetwork(t, spec.Network{}).Name}},
					Mounts:   []spec.Mount{{Volume: seatrial.CreateVolume(t, spec.Volume{}).Name, Target: "/data"}}})
				die(t, phase, &last)
				return
			}
			net, vol := seatrial.CreateNetwork(t, spec.Network{}), seatrial.CreateVolume(t, spec.Volume{})
			one := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "one", Command: []string{"-deaf", "-serve", ":80"}, Ready: wait.Log("listening"),
				Networks: []spec.Endpoint{{Network: net.Name}}, Mounts: []spec.Mount{{Volume: vol.Name, Target: "/data"}}, Flags: []string{"--init=false"}})
			one.Commit(t)
			seatrial.StartDocker(t, spec.Command{Args: []string{"events"}})
			name, labels := seatrial.Own(t, "container", "three")
			seatrial.Docker(t, spec.Command{Args: slices.Concat([]string{"run", "--detach", "--name", name}, labels, []string{img.Ref, "-after", "5m"})})
			phase("up")
			if os.Getenv("SEATRIAL_TEST_DEATH") == "" {
				app := seatrial.Up(t, shop(img))
				phase("restart")
				app.Service(t, "store").Restart(t)
				liveThrough(t, phase, img, context, n)
			} else { // make everything as soon as possible before an early death
				seatrial.Up(t, richProject(t, img, context, n, "")).Run(t, "tool", spec.Exec{})
			}
			die(t, phase, &last)
			time.Sleep(300 * time.Millisecond)
			phase("clean-up")
		})
		if !ok || last {
			return
		}
	}
}

// little limits a victim to a container with a network and a volume, and a docker
// command, for tests about the kind of its death.
const little = "SEATRIAL_TEST_HAS=little"

// die makes all objects of the victim, and waits for its death, or causes it.
func die(t *testing.T, phase func(string), last *bool) {
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
	case "brief": // the end of go test does not end this process, but its next print does
		time.Sleep(2 * time.Second)
		*last = true
	}
}

// lives are the phases of a project.
var lives = []string{"up with all", "run of a service", "scale", "update", "stop and start", "end of a project"}

// liveThrough goes through these phases.
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

// lonely is a service that takes a lock, so that two such projects wait for each other.
func lonely(context string) string {
	return `
  lonely:
    build: {context: ` + strconv.Quote(context) + `}
    command: ["-serve", "127.0.0.1:18998"]
    network_mode: host`
}

// richProject has everything that a project can have besides containers: leases,
// copies of directories, built images, and the services in more.
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

// temporary lists seatrial's files in a temporary directory.
func temporary(t *testing.T, tmp string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(tmp, "seatrial-*"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(files, "\n")
}

// processes lists the watchdogs and docker commands of a victim, whose environment
// has its temporary directory.
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

// A victim is a process that uses the engine and will be ended in some way: this
// test binary with TestVictim, or another program.
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
	t.Cleanup(func() { _ = v.cmd.Process.Kill() }) // most have ended by then
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

// run returns the run of a victim that runs, or ran, TestVictim.
func (v *victim) run() string {
	id, _ := os.ReadFile(v.phaseFile + ".run") // missing if it was killed earlier
	return string(id)
}

// left lists what is left of the victim: its objects on the engine, by their
// labels, its processes and its temporary files. Objects without labels are found
// when all tests have ended.
func (v *victim) left(t *testing.T) string {
	t.Helper()
	if left := v.objects(t) + temporary(t, v.tmp); left != "" {
		return left // processes are searched for last, because that takes long
	}
	return processes(t, v.tmp)
}

func (v *victim) objects(t *testing.T) string {
	t.Helper()
	run := v.run()
	return enginetest.LeftBy(t, func(labels map[string]string) bool {
		p, ok := owner.ParseProcess(labels[owner.LabelProcess])
		return ok && v.cmd.Process != nil && p.PID == v.cmd.Process.Pid || run != "" && labels[owner.LabelRun] == run
	})
}

// settles waits until nothing is left of the victim, and returns how long that
// took.
func (v *victim) settles(t *testing.T) time.Duration {
	t.Helper()
	const most = 2 * time.Minute
	began := time.Now()
	for left := ""; ; time.Sleep(100 * time.Millisecond) {
		if left = v.left(t); left == "" {
			return time.Since(began)
		}
		if time.Since(began) > most {
			t.Errorf("%v after the end of the victim, in phase %s, left behind:\n%s", most, v.phase(), left)
			return most
		}
	}
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
}

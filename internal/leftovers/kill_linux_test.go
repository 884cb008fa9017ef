// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
)

// TestKill kills victims at random moments: every second one from its first second on,
// and the others while they work with a project. Each phase of the project has its
// turn, even if only a sample is run.
func TestKill(t *testing.T) {
	t.Parallel()
	probe(t) // so that the victims find its layers in the cache
	kills := enginetest.Sample(t, "SEATRIAL_KILLS", 2*len(lives), 200, "kills")
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	var mu sync.Mutex
	phases := map[string]int{}
	var worst time.Duration
	t.Run("kills", func(t *testing.T) {
		for n := range kills {
			early, after := n%2 == 0, time.Duration(random.Int64N(int64(5*time.Second)))
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				var v *victim
				if early {
					v = startVictim(t)
				} else {
					v = startVictim(t, "SEATRIAL_TEST_FIRST=project")
					v.reach(t, lives[n/2%len(lives)])
					after = after * 2 / 5
				}
				time.Sleep(after)
				v.kill()
				took := v.settles(t)
				if t.Failed() {
					t.Logf("seed %d; the victim said:\n%s", seed, v.out.String())
				}
				mu.Lock()
				defer mu.Unlock()
				phases[v.phase()]++
				worst = max(worst, took)
			})
		}
	})
	t.Logf("killed in phases %v, all gone after %v at worst", phases, worst.Round(time.Millisecond))
}

// Other ends than SIGKILL, at a moment when there are many objects.
func TestOtherDeaths(t *testing.T) {
	t.Parallel()
	probe(t)
	signal := func(s syscall.Signal) func(*victim) {
		return func(v *victim) { _ = v.cmd.Process.Signal(s) }
	}
	deaths := []struct {
		about string
		death string
		die   func(v *victim)
	}{
		{"a panic in a goroutine", "panic", nil},
		{"os.Exit", "exit", nil},
		{"SIGTERM", "stay", signal(syscall.SIGTERM)},
		{"SIGINT", "stay", signal(syscall.SIGINT)},
		{"SIGHUP", "stay", signal(syscall.SIGHUP)},
		{"SIGQUIT", "stay", signal(syscall.SIGQUIT)},
		{"SIGKILL to the whole group", "stay", func(v *victim) { _ = syscall.Kill(-v.cmd.Process.Pid, syscall.SIGKILL) }},
	}
	t.Run("deaths", func(t *testing.T) {
		for _, death := range deaths {
			t.Run(death.about, func(t *testing.T) {
				t.Parallel()
				v := startVictim(t, little, "SEATRIAL_TEST_DEATH="+death.death)
				v.reach(t, "wait")
				if death.die != nil {
					death.die(v)
				}
				if err := v.cmd.Wait(); err == nil {
					t.Errorf("the victim ended well:\n%s", v.out.String())
				}
				t.Logf("its watchdog ends after %v", v.settles(t).Round(time.Millisecond))
			})
		}
	})
}

// The docker command of a pull outlives its parent.
func TestKilledDuringPull(t *testing.T) {
	t.Parallel()
	probe(t)
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
	v := startVictim(t, little, "SEATRIAL_TEST_DEATH=pull", "SEATRIAL_TEST_REGISTRY="+registry.Listener.Addr().String())
	v.reach(t, "pull")
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatalf("the registry was not asked:\n%s", v.out.String())
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	t.Logf("all gone after %v", v.settles(t).Round(time.Millisecond))
}

// A check of the harness: without the watchdog it finds what a killed test leaves,
// and so does the next clean-up.
func TestWithoutWatchdogThereAreLeftovers(t *testing.T) {
	enginetest.Alone(t, collects)
	probe(t)
	before := enginetest.Objects(t)
	v := startVictim(t, "SEATRIAL_NO_WATCHDOG=1", "SEATRIAL_TEST_DEATH=stay")
	v.reach(t, "wait")
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	time.Sleep(2 * time.Second)
	if v.objects(t) == "" || temporary(t, v.tmp) == "" {
		t.Errorf("without a watchdog, killing leaves nothing: %s", v.left(t))
	}
	e := findEngine(t)
	var removed []string
	n, err := sweep.Dead(t.Context(), e, "", func(f sweep.Found, _ bool) { removed = append(removed, f.Kind+" "+f.Name) })
	if err != nil || n == 0 {
		t.Errorf("collecting what is dead: %d objects, %v", n, err)
	}
	dirs := sweep.Dirs(v.tmp)
	if left := v.left(t); left != "" {
		t.Errorf("after collecting %q and %q, left behind:\n%s", removed, dirs, left)
	}
	if after := enginetest.Objects(t); after != before {
		t.Errorf("the engine has\n%s\nbefore it had\n%s", after, before)
	}
}

// The watchdog may die with the test, in the same container or control group. Then
// the next test cleans up.
func TestKilledWithItsWatchdog(t *testing.T) {
	enginetest.Alone(t, collects)
	probe(t)
	before := enginetest.Objects(t)
	v := startVictim(t, little, "SEATRIAL_TEST_DEATH=stay")
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
	if v.objects(t) == "" {
		t.Error("nothing is left, so this shows nothing")
	}
	if _, err := sweep.Dead(t.Context(), findEngine(t), "", nil); err != nil {
		t.Fatal(err)
	}
	sweep.Dirs(v.tmp)
	if left := v.left(t); left != "" {
		t.Errorf("after the next clean-up, left behind:\n%s", left)
	}
	if after := enginetest.Objects(t); after != before {
		t.Errorf("the engine has\n%s\nbefore it had\n%s", after, before)
	}
}

// TestForeground is run by TestWatchdogWithBadInit, too.
func TestForeground(t *testing.T) {
	img := probe(t)
	if got := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Command: []string{"-print", "done"}}).Stdout; got != "done\n" {
		t.Errorf("it printed %q", got)
	}
}

// A user's package with a misbehaving init function must not break a test.
func TestWatchdogWithBadInit(t *testing.T) {
	t.Parallel()
	probe(t)
	for mode, guarded := range map[string]bool{"print": true, "dial": true, "exit": false, "hang": false} {
		t.Run(mode, func(t *testing.T) {
			tmp := t.TempDir()
			enginetest.WriteFile(t, filepath.Join(tmp, "badinit"), mode)
			cmd := exec.Command(os.Args[0], "-test.run=^TestForeground$", "-test.v")
			cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "SEATRIAL_REQUIRE=1")
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("PASS: TestForeground")) {
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

// Deaths by go test, which ends its children, and by a terminal, which ends its jobs.
func TestGoTestDies(t *testing.T) {
	t.Parallel()
	probe(t)
	program, err := filepath.Abs(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	deaths := []struct {
		about   string
		command []string // before go test
		victim  string   // its phase when it is killed
		flags   []string
		die     func(cmd *exec.Cmd, stdin io.Writer)
	}{
		{"SIGTERM to go test alone", nil, "brief", nil, func(cmd *exec.Cmd, _ io.Writer) { _ = cmd.Process.Signal(syscall.SIGTERM) }},
		{"SIGKILL to go test alone", nil, "brief", nil, func(cmd *exec.Cmd, _ io.Writer) { _ = cmd.Process.Kill() }},
		{"-timeout", nil, "stay", []string{"-timeout=20s"}, func(*exec.Cmd, io.Writer) {}},
		{"Ctrl-C in a terminal", []string{"script", "-qec"}, "stay", nil, func(_ *exec.Cmd, in io.Writer) { _, _ = io.WriteString(in, "\x03") }},
		{"Ctrl-C twice", []string{"script", "-qec"}, "stay", nil, func(_ *exec.Cmd, in io.Writer) { _, _ = io.WriteString(in, "\x03\x03") }},
		{"the terminal is closed", []string{"script", "-qec"}, "stay", nil, func(cmd *exec.Cmd, _ io.Writer) { _ = cmd.Process.Kill() }},
	}
	t.Run("deaths", func(t *testing.T) {
		for _, death := range deaths {
			t.Run(death.about, func(t *testing.T) {
				t.Parallel()
				v := newVictim(t, little, "SEATRIAL_TEST_DEATH="+death.victim)
				args := append([]string{"go", "test", "-count=1", "-vet=off", "-run=^TestVictim$"}, append(death.flags, "./testdata/again")...)
				if death.command != nil {
					if _, err := exec.LookPath(death.command[0]); err != nil {
						t.Skipf("a terminal is made by %s: %v", death.command[0], err)
					}
					args = append(death.command, strings.Join(args, " "), "/dev/null")
				}
				env := append(v.cmd.Env, "SEATRIAL_TEST_PROGRAM="+program)
				v.cmd = exec.Command(args[0], args[1:]...)
				v.cmd.Env, v.cmd.Stdout, v.cmd.Stderr = env, &v.out, &v.out
				v.cmd.WaitDelay = time.Second // the test binary may keep the output open
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
				t.Logf("in phase %s; its watchdog ends after %v", v.phase(), v.settles(t).Round(time.Millisecond))
			})
		}
	})
}

// The engine fails while a test ends, or while the watchdog works. They must retry
// later.
func TestEngineTrouble(t *testing.T) {
	t.Parallel()
	probe(t)
	tests := []struct {
		about  string
		has    string
		victim string
		pass   bool
		play   func(f *enginetest.Faulty, v *victim)
	}{
		{"gone for a moment during the clean-up", "SEATRIAL_TEST_HAS=all", "brief", true, func(f *enginetest.Faulty, v *victim) {
			f.Down()
			time.Sleep(4 * time.Second)
			f.Up()
		}},
		{"gone until after the test", little, "brief", false, func(f *enginetest.Faulty, v *victim) {
			f.Down()
			_ = v.cmd.Wait()
			f.Up()
		}},
		{"gone when the test is killed", little, "stay", false, func(f *enginetest.Faulty, v *victim) {
			_ = v.cmd.Process.Kill()
			f.Down()
			time.Sleep(3 * time.Second)
			f.Up()
		}},
		{"hangs when the test is killed", little, "stay", false, func(f *enginetest.Faulty, v *victim) {
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
				v := startVictim(t, test.has, "DOCKER_HOST="+f.Host, "SEATRIAL_TEST_DEATH="+test.victim)
				v.reach(t, "wait")
				test.play(f, v)
				_ = v.cmd.Wait() // fails if play has waited already
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
				t.Logf("its watchdog ends after %v", v.settles(t).Round(time.Millisecond))
			})
		}
	})
}

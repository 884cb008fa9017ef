// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/sweep"
)

// A docker command may leave a daemon running on purpose, the agent of a
// credential store, say. It has the run's mark in its environment.
func TestDaemonOfACommandSurvives(t *testing.T) {
	t.Parallel()
	probe(t)
	real, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	pidFile := filepath.Join(dir, "pid")
	script := "#!/bin/sh\n[ -e " + pidFile + " ] || {\n\tTMPDIR=/ setsid sleep 60 </dev/null >/dev/null 2>&1 &\n\techo $! >" + pidFile + "\n}\nexec " + real + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	v := startVictim(t, little, "SEATRIAL_TEST_DEATH=stay", "PATH="+dir+":"+os.Getenv("PATH"))
	v.reach(t, "wait")
	content, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	daemon, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(daemon, syscall.SIGKILL) })
	env, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(daemon), "environ"))
	if err != nil || !strings.Contains(string(env), "SEATRIAL_RUN=") {
		t.Fatalf("the daemon lacks the run's mark, so this shows nothing: %v", err)
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	v.settles(t)
	if err := syscall.Kill(daemon, 0); err != nil {
		t.Errorf("the daemon of a docker command was ended with the test: %v", err)
	}
}

// unshare runs the victim under a command that gives it a pid namespace.
func (v *victim) unshare(t *testing.T, args ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("making a pid namespace needs root")
	}
	path, err := exec.LookPath("unshare")
	if err != nil {
		t.Skipf("a pid namespace is made by unshare: %v", err)
	}
	args = append(append([]string{path}, args...), "env", "TMPDIR="+v.tmp)
	v.cmd.Path, v.cmd.Args = path, append(args, v.cmd.Args...)
	v.cmd.Env = slices.DeleteFunc(v.cmd.Env, func(one string) bool { return one == "TMPDIR="+v.tmp })
}

// process returns the process in the labels of the victim's objects.
func (v *victim) process(t *testing.T) owner.Process {
	t.Helper()
	found, err := sweep.List(t.Context(), findEngine(t), v.run())
	if err != nil || len(found) == 0 {
		t.Fatalf("of the victim is found %+v, %v", found, err)
	}
	return found[0].Tuple.Process
}

// The whole container of a test is killed, with its watchdog. Its processes could
// not be seen from anywhere else, so its objects stay until their time is over or
// somebody asks to remove them.
func TestKilledWithItsContainer(t *testing.T) {
	enginetest.Alone(t, collects)
	probe(t)
	before := enginetest.Objects(t)
	v := newVictim(t, little, "SEATRIAL_TEST_DEATH=stay")
	v.unshare(t, "--pid", "--mount-proc", "--fork", "--kill-child")
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	v.reach(t, "wait")
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	for end := time.Now().Add(2 * time.Minute); processes(t, v.tmp) != "" && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	if left := processes(t, v.tmp); left != "" || v.objects(t) == "" {
		t.Fatalf("the watchdog was not killed with its container, or did its work before: %s", v.left(t))
	}
	if n, err := sweep.Dead(t.Context(), findEngine(t), "", nil); n > 0 || err != nil {
		t.Errorf("%d objects of a container's processes were removed before their time, %v", n, err)
	}
	if out, err := exec.Command(enginetest.SeatrialCommand(t), "gc", "--run", v.run(), "--yes").CombinedOutput(); err != nil {
		t.Errorf("gc --run --yes: %v\n%s", err, out)
	}
	if after := enginetest.Objects(t); after != before {
		t.Errorf("after gc the engine has\n%s\nbefore it had\n%s", after, before)
	}
}

// A pid namespace with the /proc of another one, where the same pids are other processes.
func TestKilledWithForeignProc(t *testing.T) {
	t.Parallel()
	for _, phase := range []string{"wait", "up", "build"} { // in the last two a docker command is at work
		t.Run(phase, func(t *testing.T) {
			t.Parallel()
			killedWithForeignProc(t, phase)
		})
	}
}

func killedWithForeignProc(t *testing.T, phase string) {
	probe(t)
	has := map[string]string{"wait": little, "up": "SEATRIAL_TEST_HAS=all", "build": "SEATRIAL_TEST_BUILD=new"}[phase]
	v := newVictim(t, has, "SEATRIAL_TEST_DEATH=stay")
	v.unshare(t, "--pid", "--fork", "--kill-child", "sh", "-c", `"$@"; sleep 60`, "sh")
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // ends the namespace
		_ = v.cmd.Process.Kill()
		_ = v.cmd.Wait()
	})
	v.reach(t, phase)
	time.Sleep(300 * time.Millisecond)
	if phase == "wait" {
		if p := v.process(t); p.Boot != "" || p.Start != "" {
			t.Errorf("its objects belong to another process, %+v", p)
		}
	}
	killed := false
	for line := range strings.Lines(processes(t, v.tmp)) {
		pid, command, _ := strings.Cut(line, " ")
		if n, err := strconv.Atoi(pid); err == nil && strings.Contains(command, "-test.run") {
			killed = syscall.Kill(n, syscall.SIGKILL) == nil
		}
	}
	if !killed {
		t.Fatalf("the victim is not among the processes:\n%s", processes(t, v.tmp))
	}
	t.Logf("all gone after %v", v.settles(t).Round(time.Millisecond))
}

// The watchdog closes files that it inherits from an ancestor of the test: a reader
// of a pipe waits until all writers have closed it.
func TestWatchdogHoldsNothing(t *testing.T) {
	t.Parallel()
	probe(t)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	locked, err := os.Create(filepath.Join(t.TempDir(), "locked"))
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Close()
	v := newVictim(t, little, "SEATRIAL_TEST_DEATH=stay")
	v.cmd.ExtraFiles = []*os.File{writer, locked}
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	v.reach(t, "wait")
	inherits := func(pid string) (all []string) {
		fds, _ := filepath.Glob("/proc/" + pid + "/fd/*")
		for _, fd := range fds {
			to, err := os.Readlink(fd)
			if n, _ := strconv.Atoi(filepath.Base(fd)); err == nil && n > 2 && (to == locked.Name() || strings.HasPrefix(to, "pipe:")) {
				all = append(all, filepath.Base(fd)+" "+to)
			}
		}
		return all
	}
	if len(inherits(strconv.Itoa(v.cmd.Process.Pid))) < 2 {
		t.Error("the victim does not hold the descriptors, so this shows nothing")
	}
	dogs := 0
	for line := range strings.Lines(processes(t, v.tmp)) {
		if pid, command, _ := strings.Cut(line, " "); strings.HasPrefix(command, "seatrial-watchdog") {
			dogs++
			if held := inherits(pid); len(held) > 0 {
				t.Errorf("the watchdog holds %q", held)
			}
		}
	}
	if dogs != 1 {
		t.Errorf("%d watchdogs, want 1:\n%s", dogs, processes(t, v.tmp))
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	v.settles(t)
}

// A test may change its temporary directory.
func TestKilledWithOtherTemporaryFiles(t *testing.T) {
	t.Parallel()
	probe(t)
	other := t.TempDir()
	v := startVictim(t, "SEATRIAL_TEST_DEATH=stay", "SEATRIAL_TEST_TMPDIR="+other)
	v.reach(t, "wait")
	if left, _ := filepath.Glob(filepath.Join(other, "seatrial-*")); len(left) == 0 {
		t.Fatal("the test has no directory there, so this shows nothing")
	}
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	v.settles(t)
	if left, _ := filepath.Glob(filepath.Join(other, "seatrial-*")); len(left) > 0 {
		t.Errorf("left = %q", left)
	}
}

// An image that was being built when its test and the watchdog died is recognized
// by its name; it stays as long as somebody runs it.
func TestBuildingNamesAreCollected(t *testing.T) {
	enginetest.Alone(t, collects)
	probe(t)
	before := enginetest.Objects(t)
	dead := owner.Tuple{Run: owner.NewID(), Process: deadProcess(t), Until: time.Now()}
	goes, used := owner.Building("goes", dead), owner.Building("used", dead)
	for _, name := range []string{goes, used} {
		cmd := exec.Command("docker", "import", "-", name)
		cmd.Stdin = strings.NewReader(strings.Repeat("\x00", 1024)) // an empty archive
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("docker import: %v\n%s", err, out)
		}
	}
	user := strings.TrimSpace(enginetest.Docker(t, "create", used, "/none"))
	removed := map[string]bool{}
	_, err := sweep.Dead(t.Context(), findEngine(t), "", func(f sweep.Found, gone bool) { removed[f.Name] = gone })
	if err != nil || !removed[goes] {
		t.Errorf("collecting removed %v, %v, want %s", removed, err, goes)
	}
	if gone, said := removed[used]; gone || !said {
		t.Errorf("the image in use was removed: %v, reported: %v, want only the latter", gone, said)
	}
	command := enginetest.SeatrialCommand(t)
	out, err := exec.Command(command, "gc").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "left image "+used+" (run "+dead.Run+"): a container uses it") {
		t.Errorf("gc: %v, and it does not say that the image is in use:\n%s", err, out)
	}
	enginetest.Docker(t, "rm", user)
	out, err = exec.Command(command, "gc", "--run", dead.Run).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "removed image "+used) {
		t.Errorf("gc --run: %v\n%s", err, out)
	}
	if after := enginetest.Objects(t); after != before {
		t.Errorf("the engine has\n%s\nbefore it had\n%s", after, before)
	}
}

// An image whose test died before the engine tagged it has its intended name in a
// label. Images made from it have the same label, and stay.
func TestCutOffCommitsAreCollected(t *testing.T) {
	enginetest.Alone(t, collects)
	img := probe(t)
	before := enginetest.Objects(t)
	dead := owner.Tuple{Run: owner.NewID(), Scope: owner.NewID(), Process: deadProcess(t), Until: time.Now()}
	ref := owner.ImageRoot + "one:commit-" + owner.NewID()
	commit := func(of, message string, labels map[string]string) (image, container string) {
		container = strings.TrimSpace(enginetest.Docker(t, "create", of, "/none"))
		args := []string{"commit", "--message", message}
		for key, value := range labels {
			args = append(args, "--change", "LABEL "+key+"="+strconv.Quote(value))
		}
		return strings.TrimSpace(enginetest.Docker(t, append(args, container)...)), container
	}
	cutOff, one := commit(img.Ref, ref, dead.On(owner.Image, ref).Labels())
	users, two := commit(cutOff, "", nil)
	enginetest.Docker(t, "rm", one, two)
	collect := func() (removed []string) {
		_, err := sweep.Dead(t.Context(), findEngine(t), "", func(f sweep.Found, gone bool) { removed = append(removed, f.ID) })
		if err != nil {
			t.Error(err)
		}
		return removed
	}
	if removed := collect(); len(removed) > 0 {
		t.Errorf("removed = %q, of which somebody else made %s", removed, users)
	}
	enginetest.Docker(t, "image", "rm", "--no-prune", users)
	if removed := collect(); !slices.Equal(removed, []string{cutOff}) {
		t.Errorf("removed = %q, want %s", removed, cutOff)
	}
	if after := enginetest.Objects(t); after != before {
		t.Errorf("the engine has\n%s\nbefore it had\n%s", after, before)
	}
}

// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// needPrograms skips the test if a program is missing, or fails it with
// SEATRIAL_REQUIRE=1. A program outside of PATH is given as name=path.
func needPrograms(t *testing.T, programs ...string) {
	t.Helper()
	for _, program := range programs {
		name, path, ok := strings.Cut(program, "=")
		if !ok {
			path = name
		}
		if _, err := exec.LookPath(path); err == nil {
			continue
		}
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed", name)
	}
}

// inNamespaces starts unshare with an engine that ends with its standard input,
// and so also if this process is killed. It waits until the engine listens, and
// returns the id of the first process in the namespaces.
func inNamespaces(t *testing.T, cmd *exec.Cmd, socket string) (first string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		in.Close()
		<-ended // all others end with the first process
		if t.Failed() {
			t.Logf("%s:\n%s", cmd.Args[0], out.String())
		}
	})
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("unix", socket); err == nil {
			conn.Close()
			return childOf(t, cmd.Process.Pid)
		}
		select {
		case <-ended:
			t.Fatal("the engine does not start")
		default:
		}
	}
	t.Fatalf("nobody listens at %s", socket)
	return ""
}

// inside makes a command run in the namespaces of a process.
func inside(process, dir string, cmd *exec.Cmd, more ...string) *exec.Cmd {
	args := append([]string{"--target", process, "--net", "--mount", "--pid", "--wdns=" + dir}, more...)
	there := exec.Command("nsenter", append(args, cmd.Args...)...)
	there.Env = cmd.Env
	return there
}

// childOf returns the id of the only child of a process.
func childOf(t *testing.T, pid int) string {
	t.Helper()
	id := strconv.Itoa(pid)
	content, err := os.ReadFile("/proc/" + id + "/task/" + id + "/children")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(content))
}

// SPDX-License-Identifier: Apache-2.0

package process

import (
	"os"
	"os/exec"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
)

// A child of the tests that waits for the end of its standard input.
func TestMain(m *testing.M) {
	if os.Getenv("SEATRIAL_TEST_CHILD") != "" {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestAlive(t *testing.T) {
	if !Alive(Self()) {
		t.Errorf("this process, %+v, is not alive", Self())
	}
	if p, ok := owner.ParseProcess(Self().String()); !ok || p != Self() {
		t.Errorf("ParseProcess(%q) = %+v, %v, want this process", Self().String(), p, ok)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SEATRIAL_TEST_CHILD=here")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	child := describe(cmd.Process.Pid)
	if !Alive(child) {
		t.Errorf("the child %+v is not alive", child)
	}
	if runtime.GOOS == "linux" {
		other := child
		other.Start = "1"
		if Alive(other) {
			t.Error("another process that had the child's pid before is alive")
		}
		if found := WithVariable("SEATRIAL_TEST_CHILD=here", ""); !slices.Equal(found, []int{child.PID}) {
			t.Errorf("processes with the child's variable are %v, want %v", found, child.PID)
		}
		if found := WithVariable("SEATRIAL_TEST_CHILD=he", ""); len(found) != 0 {
			t.Errorf("processes with a beginning of the variable are %v, want none", found)
		}
		if found := WithVariable("SEATRIAL_TEST_CHILD=here", Session()); !slices.Equal(found, []int{child.PID}) {
			t.Errorf("processes of our session with the variable are %v, want %v", found, child.PID)
		}
		if found := WithVariable("SEATRIAL_TEST_CHILD=here", Session()+"1"); len(found) != 0 {
			t.Errorf("processes of another session with the variable are %v, want none", found)
		}
	}
	in.Close()
	if runtime.GOOS == "linux" { // even while nobody has waited for it
		for end := time.Now().Add(10 * time.Second); Alive(child) && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		if Alive(child) {
			t.Errorf("the child %+v is a zombie, and is alive", child)
		}
	}
	if _, err := cmd.Process.Wait(); err != nil {
		t.Fatal(err)
	}
	if Alive(child) {
		t.Errorf("the child %+v has ended, and is alive", child)
	}
}

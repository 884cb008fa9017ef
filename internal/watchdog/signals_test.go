// SPDX-License-Identifier: Apache-2.0

//go:build unix

package watchdog

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/seatrial/seatrial/internal/owner"
)

// A system that ends all processes of a job asks the watchdog to end, too: it works on.
func TestSignalsDoNotEndIt(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			word, said, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer word.Close()
			watching := exec.Command(os.Args[0])
			watching.Env = []string{envRun + "=" + owner.NewID(), envSession + "=none", envNoCollect + "=1", "TMPDIR=" + t.TempDir()}
			watching.ExtraFiles = []*os.File{said}
			orders, err := watching.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			err = watching.Start()
			said.Close()
			if err != nil {
				t.Fatal(err)
			}
			if err := await(word); err != nil {
				t.Error(err)
			}
			if err := watching.Process.Signal(signal); err != nil {
				t.Error(err)
			}
			orders.Close() // as when the test's process has ended
			if err := watching.Wait(); err != nil {
				t.Errorf("%v ends the watchdog: %v", signal, err)
			}
		})
	}
}

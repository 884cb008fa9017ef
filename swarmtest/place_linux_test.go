// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// On a machine without a network an engine starts nevertheless, says that it cannot
// reach other networks, and has no name server that programs would wait for.
func TestNoWayOut(t *testing.T) {
	enginetest.NeedDockerd(t, enginetest.Dockerd)
	cmd, out := victim(t, t.TempDir(), "unused", "SEATRIAL_TEST_PLACE=alone")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if want := "the private engine has no way to the world: this machine has no default route"; !strings.Contains(out.String(), want) {
		t.Errorf("output = %s\nwant %q", out, want)
	}
}

func aloneInTheWorld(t *testing.T, e *swarmtest.Engine) {
	began := time.Now()
	out, err := exec.Command("docker", "--host", e.Host(), "pull", "registry.example/no/such:1").CombinedOutput()
	if took := time.Since(began); err == nil || took > 30*time.Second {
		t.Errorf("a pull from nowhere: %v after %v, want an error at once\n%s", err, took, out)
	}
	pushAndPull(t, e)
}

// In a container, the temporary directory may be on overlayfs, which cannot hold the
// layers of another engine.
func TestFilesOnLayers(t *testing.T) {
	t.Parallel()
	enginetest.NeedDockerd(t, enginetest.Dockerd)
	dir := t.TempDir()
	cmd, out := victim(t, filepath.Join(dir, "merged"), "unused", "SEATRIAL_TEST_PLACE=layers")
	const layers = `mount --make-rprivate / && mount -t tmpfs tmpfs "$1" && (cd "$1" && mkdir lower upper work merged &&
		mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay merged) && shift && exec "$@"`
	cmd.Args = append([]string{"sh", "-c", layers, "sh", dir, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

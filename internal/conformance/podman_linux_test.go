// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// startPodman starts Podman with all of its files in the directory $1. Everything
// ends with the shell, and the shell with its standard input. Podman also writes
// into /run and /var/lib, whatever its options say. crun refuses a second hierarchy
// of control groups beside those of version 1. Podman leaves health checks to
// systemd; without it, a loop runs them.
const startPodman = `
set -e
exec 3<&0
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib
mkdir /run/lock
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
ip link set lo up
set -- "$1" podman --root "$1/root" --runroot "$1/run" --tmpdir "$1/tmp" --network-config-dir "$1/net" --cgroup-manager cgroupfs
dir=$1
shift
"$@" system service --time=0 "unix://$dir/sock" &
service=$!
{ cat <&3; kill -KILL $service; } &
while sleep 0.3; do
	for id in $("$@" ps --quiet --filter health=starting --filter health=unhealthy); do "$@" healthcheck run "$id"; done
done >"$dir/health" 2>&1 &
wait $service
`

// podman starts Podman's service in namespaces of its own, and runs the checks
// in them: its 127.0.0.1, its files and its processes are those of the checks.
func podman(t *testing.T, k kit) *exec.Cmd {
	enginetest.NeedDockerd(t, enginetest.Dockerd) // Podman needs the same of the machine
	needPrograms(t, "podman", "netavark=/usr/lib/podman/netavark", "aardvark-dns=/usr/lib/podman/aardvark-dns")
	dir := shortDir(t)
	cmd := exec.Command("unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", startPodman, "podman", dir)
	// Podman leaves the archives of images that it loads where there are temporary files.
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+podmanConfig(t, dir), "TMPDIR="+dir)
	t.Cleanup(func() { removePodmanGroups(t) })
	first := inNamespaces(t, cmd, dir+"/sock")
	return inside(first, k.dir, k.here("DOCKER_HOST=unix://"+dir+"/sock"))
}

// podmanConfig writes a configuration. Podman's default limits exceed what some
// machines allow, and then it starts no container.
func podmanConfig(t *testing.T, dir string) string {
	t.Helper()
	var ulimits []string
	for name, resource := range map[string]int{"nofile": unix.RLIMIT_NOFILE, "nproc": unix.RLIMIT_NPROC} {
		var limit unix.Rlimit
		if err := unix.Getrlimit(resource, &limit); err != nil {
			t.Fatal(err)
		}
		most := min(limit.Max, 1<<20) // 1<<20 is Podman's default
		ulimits = append(ulimits, fmt.Sprintf("%q", fmt.Sprintf("%s=%d:%d", name, most, most)))
	}
	file := filepath.Join(dir, "containers.conf")
	content := fmt.Sprintf("[containers]\ndefault_ulimits = [%s]\n[network]\nnetwork_backend = \"netavark\"\n", strings.Join(ulimits, ", "))
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// removePodmanGroups removes the control groups that Podman leaves behind, as their
// place cannot be chosen. Groups in use are not removed.
func removePodmanGroups(t *testing.T) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/libpod_parent", "/sys/fs/cgroup/*/libpod_parent"} {
		roots, err := filepath.Glob(pattern)
		if err != nil {
			t.Error(err)
		}
		for _, root := range roots {
			var groups []string
			_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
				if err == nil && entry.IsDir() {
					groups = append(groups, path)
				}
				return nil
			})
			for _, group := range slices.Backward(groups) {
				_ = unix.Rmdir(group)
			}
		}
	}
}

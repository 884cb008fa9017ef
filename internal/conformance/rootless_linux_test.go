// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// startRootless runs an engine as the user $2, with the programs in $3 and all of
// its files in $1. Everything ends with the shell, and the shell with its standard
// input. The user exists only in this mount namespace, where other files of users
// cover the real ones. The user runs contrib/dockerd-rootless.sh of moby. As there
// is no way to other networks, there is no name server: with slirp4netns each
// request would time out.
const startRootless = `
set -e
exec 3<&0
dir=$1 id=$2
mount -t tmpfs tmpfs /run
mkdir -p /run/lock "/run/user/$id" "$dir/etc" "$dir/home" "$dir/data" "$dir/bin"
mount --bind "$3" "$dir/bin" # it may lie where this user may not look
cp /etc/passwd /etc/group "$dir/etc"
echo "rootless:x:$id:$id::$dir/home:/bin/sh" >>"$dir/etc/passwd"
echo "rootless:x:$id:" >>"$dir/etc/group"
echo "rootless:2000000:65536" | tee "$dir/etc/subuid" >"$dir/etc/subgid"
for file in passwd group subuid subgid; do
	mount --bind "$dir/etc/$file" "/etc/$file"
done
mkdir -p /dev/net
mount -t tmpfs tmpfs /dev/net # udev lets everybody use it, but is not everywhere
mknod -m 666 /dev/net/tun c 10 200
chown "$id:$id" "$dir/home" "$dir/data" "/run/user/$id"
ip link set lo up
setpriv --reuid="$id" --regid="$id" --clear-groups env -i HOME="$dir/home" TMPDIR="$dir/home" USER=rootless XDG_RUNTIME_DIR="/run/user/$id" \
	PATH="$dir/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
	rootlesskit --net=slirp4netns --mtu=65520 --disable-host-loopback --port-driver=builtin --copy-up=/etc --copy-up=/run --propagation=rslave \
	sh -c 'rm -f /run/docker /run/containerd /run/xtables.lock; echo nameserver 127.0.0.1 >/etc/resolv.conf; exec dockerd --rootless "$@"' dockerd \
	--data-root "$dir/data" --host "unix://$dir/data/sock" --userland-proxy-path "$dir/bin/docker-proxy" &
engine=$!
{ cat <&3; kill -KILL $engine; } &
wait $engine
`

// rootless runs the checks as the user whose engine it is.
func rootless(t *testing.T, k kit) *exec.Cmd {
	programs := filepath.Dir(enginetest.NeedDockerd(t, enginetest.Dockerd))
	needPrograms(t, "rootlesskit", "slirp4netns", "newuidmap")
	needUserNamespaces(t)
	k, env := k.ownedBy(t, stranger)
	dir := shortDir(t)
	cmd := exec.Command("unshare", "--net", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child",
		"sh", "-c", startRootless, "rootless", dir, strconv.Itoa(stranger), programs)
	first := inNamespaces(t, cmd, dir+"/data/sock")
	checks := k.here(append(env, "DOCKER_HOST=unix://"+dir+"/data/sock")...)
	return inside(first, k.dir, checks, "--setuid", strconv.Itoa(stranger), "--setgid", strconv.Itoa(stranger))
}

// needUserNamespaces skips the test if only root may make them, or fails it with
// SEATRIAL_REQUIRE=1.
func needUserNamespaces(t *testing.T) {
	t.Helper()
	cmd := exec.Command("unshare", "--user", "--map-root-user", "--mount", "true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: stranger, Gid: stranger}}
	out, err := cmd.CombinedOutput()
	if err == nil {
		return
	}
	if os.Getenv("SEATRIAL_REQUIRE") == "1" {
		t.Fatalf("users may not make user namespaces: %v\n%s", err, out)
	}
	t.Skipf("users may not make user namespaces: %v\n%s", err, out)
}

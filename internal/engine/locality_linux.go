// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// sharesNamespace reports whether the process at the other end of the engine's
// socket is in the same namespace of a kind (net, mnt, pid, user) as this one,
// and whether that is sure: of another user's process only root can tell.
func (e *processes) sharesNamespace(kind string) (same, sure bool) {
	process, ok := e.process()
	if !ok {
		return false, false
	}
	return isWhereWeAre(process, kind)
}

// isWhereWeAre reports the same of a process, by its directory below /proc.
func isWhereWeAre(process, kind string) (same, sure bool) {
	ours, err := os.Readlink("/proc/self/ns/" + kind)
	if err != nil {
		return false, false
	}
	if first, err := os.Readlink(process + "/ns/" + kind); err == nil && first == ours {
		return true, true
	}
	// An engine enters other namespaces for a moment. A thread that it gives up after
	// that, as Go programs do, stays in one, and may be the first, which speaks for the
	// process: one thread that is where we are says enough.
	threads, err := os.ReadDir(process + "/task")
	if err != nil {
		return false, false
	}
	for _, thread := range threads {
		switch theirs, err := os.Readlink(process + "/task/" + thread.Name() + "/ns/" + kind); {
		case err == nil && theirs == ours:
			return true, true
		case err == nil:
			sure = true
		}
	}
	return false, sure
}

// process returns the directory below /proc of the engine's process, if it is on
// this machine and we see it.
func (e *processes) process() (dir string, ok bool) {
	path, ok := strings.CutPrefix(e.Host(), "unix://")
	if !ok {
		return "", false
	}
	pid, err := peer(path)
	if err != nil || pid <= 0 { // it is in a pid namespace that we do not see
		return "", false
	}
	dir = "/proc/" + strconv.Itoa(pid)
	comm, _ := os.ReadFile(dir + "/comm")
	return dir, slices.Contains(engines, strings.TrimSpace(string(comm))) // else a relay: ssh, socat, the backend of a virtual machine
}

// LacksIPVS reports whether the engine's kernel has no IPVS for sure, which virtual
// IPs of services and the routing mesh need. Of an engine elsewhere we know nothing.
func (e *processes) LacksIPVS() bool {
	process, ok := e.process()
	if !ok {
		return false
	}
	if _, err := os.Stat("/proc/net/ip_vs"); err == nil {
		return false
	}
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return false
	}
	// It may be a module, which the engine loads when it first needs it.
	for _, list := range []string{"modules.builtin", "modules.dep"} {
		modules, _ := os.ReadFile(process + "/root/lib/modules/" + strings.TrimSpace(string(release)) + "/" + list)
		if strings.Contains(string(modules), "/ip_vs.ko") {
			return false
		}
	}
	return true
}

// engines are the processes that listen at an engine's own socket; systemd does it
// for them.
var engines = []string{"dockerd", "podman", "systemd"}

// peer returns the process that listens at a unix socket: unix(7), SO_PEERCRED.
func peer(path string) (pid int, err error) {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *syscall.Ucred
	failed := raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if failed != nil {
		return 0, failed
	}
	if err != nil {
		return 0, err
	}
	return int(cred.Pid), nil
}

// The engine mounts files of the container's own directory into it, which has
// the container's id in its name.
var ownFile = regexp.MustCompile(`/containers/([0-9a-f]{64})/`)

// containersOfSelf returns what may be the ids of the container that this process
// runs in. The host's name is the beginning of it, unless another was given.
func containersOfSelf() []string {
	var ids []string
	mounts, _ := os.ReadFile("/proc/self/mountinfo")
	for _, match := range ownFile.FindAllStringSubmatch(string(mounts), -1) {
		if !slices.Contains(ids, match[1]) {
			ids = append(ids, match[1])
		}
	}
	if name, err := os.Hostname(); err == nil && shortContainerID.MatchString(name) {
		ids = append(ids, name)
	}
	return ids
}

var shortContainerID = regexp.MustCompile(`^[0-9a-f]{12}$`)

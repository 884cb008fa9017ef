// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"path/filepath"
	"slices"
	"strings"
)

// inCheckout tells whether the path belongs to the project: it lies in the
// project's directory, or is written relative to it and leads to somewhere near.
// With enough dots it leads everywhere.
func (m *model) inCheckout(b mount) bool {
	if isWindows(b.source) && !filepath.IsAbs(b.source) {
		return false
	}
	root := filepath.Dir(m.in.dir) == m.in.dir
	if rel, err := filepath.Rel(m.in.dir, b.source); err == nil && filepath.IsLocal(rel) && !root {
		return true
	}
	if filepath.IsAbs(b.written) || strings.HasPrefix(b.written, "~") || isSystem(b.source) && (root || !isSystem(m.in.dir)) {
		return false
	}
	return root || firstStep(b.source) == firstStep(m.in.dir)
}

// firstStep is the directory in the root that an absolute path leads through.
func firstStep(name string) string {
	for {
		up := filepath.Dir(name)
		if up == name || filepath.Dir(up) == up {
			return name
		}
		name = up
	}
}

// isWindows tells whether this is an absolute path on Windows, which looks like
// a relative one elsewhere.
func isWindows(name string) bool {
	drive := len(name) > 2 && name[1] == ':' && (name[2] == '\\' || name[2] == '/')
	return drive || strings.HasPrefix(name, `\\`)
}

// isSocket tells whether an engine, or what it stands on, listens there. A
// read-only mount of a socket can be written to like any other.
func isSocket(source string) bool {
	name := source[strings.LastIndexAny(source, `/\`)+1:]
	return name != source && slices.Contains([]string{
		"docker.sock", "docker.sock.raw", "docker_engine", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock",
	}, name)
}

// isHarmless tells whether a file of the machine is read by everybody and
// written by nobody, however it is mounted.
func isHarmless(source string) bool {
	switch source {
	case "/etc/localtime", "/etc/timezone", "/etc/machine-id", "/etc/hostname", "/etc/os-release", "/etc/resolv.conf", "/usr/share/zoneinfo",
		"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom":
		return true
	}
	return false
}

// isSystem tells whether the path is a part of the operating system that
// shows what goes on outside the project.
func isSystem(source string) bool {
	if source == "/" || strings.HasPrefix(source, `\\.\pipe\`) {
		return true
	}
	for _, dir := range []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib/docker", "/var/log", "/boot", "/lib/modules"} {
		if source == dir || strings.HasPrefix(source, dir+"/") {
			return true
		}
	}
	return false
}

// SPDX-License-Identifier: Apache-2.0

package machinepath

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// FirstStep is the directory in the root that an absolute path leads through.
func FirstStep(name string) string {
	for {
		up := filepath.Dir(name)
		if up == name || filepath.Dir(up) == up {
			return name
		}
		name = up
	}
}

// IsWindows tells whether this is an absolute path on Windows, which looks like
// a relative one elsewhere.
func IsWindows(name string) bool {
	drive := len(name) > 2 && name[1] == ':' && (name[2] == '\\' || name[2] == '/')
	return drive || strings.HasPrefix(name, `\\`)
}

// IsSocket tells whether an engine, or what it stands on, listens there. A
// read-only mount of a socket can be written to like any other.
func IsSocket(source string) bool {
	name := source[strings.LastIndexAny(source, `/\`)+1:]
	return name != source && slices.Contains([]string{
		"docker.sock", "docker.sock.raw", "docker_engine", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock",
	}, name)
}

// IsHarmless tells whether a file of the machine is read by everybody and
// written by nobody, however it is mounted.
func IsHarmless(source string) bool {
	switch source {
	case "/etc/localtime", "/etc/timezone", "/etc/machine-id", "/etc/hostname", "/etc/os-release", "/etc/resolv.conf", "/usr/share/zoneinfo",
		"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom":
		return true
	}
	return false
}

// LooksLikeFile tells whether a path has a name that files have, and directories seldom:
// one with an extension of letters.
func LooksLikeFile(name string) bool {
	base := name[strings.LastIndexAny(name, `/\`)+1:]
	dot := strings.LastIndex(base, ".")
	if dot <= 0 || dot == len(base)-1 {
		return false
	}
	ext := base[dot+1:]
	return ext != "d" && !strings.ContainsFunc(ext, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) &&
		strings.ContainsFunc(ext[:1], unicode.IsLetter)
}

// IsSystem tells whether the path is a part of the operating system that
// shows what goes on outside the project.
func IsSystem(source string) bool {
	if source == "/" || strings.HasPrefix(source, `\\.\pipe\`) {
		return true
	}
	for _, dir := range []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/var/lib/docker", "/var/log", "/boot", "/lib/modules"} {
		if source == dir || IsBelow(source, dir) {
			return true
		}
	}
	return false
}

// IsBelow tells whether a path lies in a directory, by its name.
func IsBelow(source, dir string) bool { return strings.HasPrefix(source, dir+"/") }

// HoldsEndpoints reports whether a path is one of devices and sockets, or holds them: they
// can be written to where they are mounted read-only. The engine's socket is below /run.
func HoldsEndpoints(source string) bool {
	switch source {
	case "/", "/dev", "/run", "/var/run":
		return true
	}
	return IsBelow(source, "/dev") || IsBelow(source, "/run") || IsBelow(source, "/var/run") || strings.HasPrefix(source, `\\.\pipe\`)
}

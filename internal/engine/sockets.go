// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"os"
	"path/filepath"
	"runtime"
	"time"
)

const (
	defaultSocket = "unix:///var/run/docker.sock"
	defaultPipe   = "npipe:////./pipe/docker_engine"
)

// A search is how long engines may take to answer, and which sockets belong to the
// machine. Tests have their own.
type search struct {
	named time.Duration // for an engine that was named
	guess time.Duration // for a socket that nobody named

	docker, podman string // paths of sockets
}

var standard = search{
	named: 10 * time.Second, guess: 2 * time.Second,
	docker: "/var/run/docker.sock", podman: "/run/podman/podman.sock",
}

// defaultHost is where the docker command looks if nobody named an engine.
func (s search) defaultHost() string {
	if runtime.GOOS == "windows" {
		return defaultPipe
	}
	return "unix://" + s.docker
}

// A place is where an engine of some kind listens, if it is installed.
type place struct{ host, whose string }

// wellKnown returns the places to look at when nobody named an engine and the
// default one is not there. Their installers set a docker context, or tell the
// user to; people forget.
func (s search) wellKnown() []place {
	if runtime.GOOS == "windows" {
		return []place{
			{"npipe:////./pipe/dockerDesktopLinuxEngine", "Docker Desktop"},
			{"npipe:////./pipe/podman-machine-default", "Podman"},
		}
	}
	var places []place
	add := func(whose, dir string, names ...string) {
		if filepath.IsAbs(dir) { // not, where the variable is not set
			places = append(places, place{"unix://" + filepath.Join(append([]string{dir}, names...)...), whose})
		}
	}
	runtimeDir := os.Getenv("XDG_RUNTIME_DIR")
	home, _ := os.UserHomeDir() // without one, nothing is there
	add("rootless Docker", runtimeDir, "docker.sock")
	add("Docker Desktop", home, ".docker", "run", "docker.sock")
	add("Docker Desktop", home, ".docker", "desktop", "docker.sock")
	add("Colima", os.Getenv("COLIMA_HOME"), "default", "docker.sock")
	// https://github.com/abiosoft/colima/blob/main/config/files.go
	add("Colima", home, ".colima", "default", "docker.sock")
	add("Colima", os.Getenv("XDG_CONFIG_HOME"), "colima", "default", "docker.sock")
	add("Colima", home, ".config", "colima", "default", "docker.sock")
	add("OrbStack", home, ".orbstack", "run", "docker.sock")
	add("Rancher Desktop", home, ".rd", "docker.sock")
	add("Podman", runtimeDir, "podman", "podman.sock")
	add("Podman", s.podman)
	return places
}

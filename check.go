// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
)

// checkContainer finds all that is wrong with a spec by itself.
func checkContainer(s spec.Container) error {
	var wrong problems
	if s.Image == "" {
		wrong.add("Image is not given")
	}
	for i, port := range s.Ports {
		if port < 1 || port > 65535 {
			wrong.add("Ports: %d is not from 1 to 65535", port)
		}
		if slices.Contains(s.Ports[:i], port) {
			wrong.add("Ports: %d is given twice", port)
		}
	}
	if s.Ready != nil {
		checkCondition(&wrong, "Ready", s.Ready, s.TimeLimit)
	}
	checkEnv(s.Env, &wrong)
	checkLabels(s.Labels, &wrong)
	checkMounts(s.Mounts, &wrong)
	for i, e := range s.Networks {
		if e.Network == "" {
			wrong.add("Networks: one has no name")
		}
		if slices.ContainsFunc(s.Networks[:i], func(o spec.Endpoint) bool { return o.Network == e.Network }) {
			wrong.add("Networks: %q is given twice", e.Network)
		}
		if (e.Network == "host" || e.Network == "none") && len(s.Networks) > 1 {
			wrong.add("Networks: %q goes alone", e.Network)
		}
	}
	if l := s.Limits; l.Memory < 0 || l.CPUs < 0 || l.PIDs < 0 {
		wrong.add("Limits: %+v is less than nothing", l)
	}
	checkHealth(s, &wrong)
	checkFiles(s.Stdout, s.Stderr, &wrong)
	if _, err := readFlags(s.Flags); err != nil {
		wrong = append(wrong, err)
	}
	return wrong.err("running a container")
}

// checkFiles checks the names of the files of two streams.
func checkFiles(stdout, stderr string, wrong *problems) {
	for _, f := range []struct{ field, name string }{{"Stdout", stdout}, {"Stderr", stderr}} {
		switch {
		case f.name == "":
		case !artifact.IsName(f.name):
			wrong.add("%s: %q is no plain file name", f.field, f.name)
		case artifact.IsTaken(f.name):
			wrong.add("%s: %s is a file of seatrial's own", f.field, f.name)
		}
	}
}

func checkEnv(env map[string]string, wrong *problems) {
	for _, key := range slices.Sorted(maps.Keys(env)) {
		if key == "" || strings.Contains(key, "=") {
			wrong.add("Env: %q is no name of a variable", key)
		}
	}
}

func checkLabels(labels map[string]string, wrong *problems) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case key == "" || strings.Contains(key, "="):
			wrong.add("Labels: %q is no name of a label", key)
		case owner.IsLabel(key):
			wrong.add("Labels: %q is one of seatrial's own", key)
		}
	}
}

func checkMounts(mounts []spec.Mount, wrong *problems) {
	for i, m := range mounts {
		if !path.IsAbs(m.Target) {
			wrong.add("Mounts: Target %q is no absolute path", m.Target)
		}
		if slices.ContainsFunc(mounts[:i], func(o spec.Mount) bool { return path.Clean(o.Target) == path.Clean(m.Target) }) {
			wrong.add("Mounts: %q is the Target of two", m.Target)
		}
		kinds := 0
		for _, given := range []bool{m.Host != "", m.Volume != "", m.Tmpfs} {
			if given {
				kinds++
			}
		}
		if kinds != 1 {
			wrong.add("Mounts: %q has %d of Host, Volume and Tmpfs, and must have one", m.Target, kinds)
		}
		if m.Copy && m.Host == "" {
			wrong.add("Mounts: %q: Copy is for Host", m.Target)
		}
		if m.Size != 0 && !m.Tmpfs || m.Size < 0 {
			wrong.add("Mounts: %q: Size is for Tmpfs, and not negative", m.Target)
		}
	}
}

func checkHealth(s spec.Container, wrong *problems) {
	h := s.Healthcheck
	if h == nil {
		return
	}
	if h.Command != nil && h.Shell != "" || h.None && (h.Command != nil || h.Shell != "") {
		wrong.add("Healthcheck: only one of Command, Shell and None can be given")
	}
	if h.Command != nil && len(h.Command) == 0 {
		wrong.add("Healthcheck: Command is empty")
	}
	if h.Command != nil && len(s.Flags) > 0 {
		wrong.add("Healthcheck: docker create has no flag for Command, so it does not go with Flags; Shell does")
	}
	if h.Interval < 0 || h.Timeout < 0 || h.StartPeriod < 0 || h.Retries < 0 {
		wrong.add("Healthcheck: %+v has something negative", *h)
	}
}

// SPDX-License-Identifier: Apache-2.0

package container

import (
	"path"
	"slices"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/relay"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// CheckSpec finds all that is wrong with a spec by itself.
func CheckSpec(s spec.Container) error {
	var wrong report.Problems
	checkAsked(s, &wrong)
	check.Image(s.Image, &wrong)
	for i, port := range s.Ports {
		if port < 1 || port > 65535 {
			wrong.Add("Ports: %d is not from 1 to 65535", port)
		}
		if slices.Contains(s.Ports[:i], port) {
			wrong.Add("Ports: %d is given twice", port)
		}
	}
	for i, text := range s.OtherPorts {
		switch p, err := portnumber.Parse(text); {
		case err != nil:
			wrong.Add("OtherPorts: %w", err)
		case slices.Contains(s.OtherPorts[:i], text):
			wrong.Add("OtherPorts: %s is given twice", text)
		case p.Protocol == "tcp" && slices.Contains(s.Ports, p.Number):
			wrong.Add("OtherPorts: %s is among Ports, too", text)
		}
	}
	if _, err := relay.Routes(s.Reach); err != nil {
		wrong.Add("Reach: %w", err)
	}
	if s.Ready != nil {
		check.Condition(&wrong, "Ready", s.Ready, s.TimeLimit)
	}
	check.Env(s.Env, &wrong)
	check.Labels(s.Labels, &wrong)
	checkMounts(s.Mounts, &wrong)
	for i, e := range s.Networks {
		if e.Network == "" {
			wrong.Add("Networks: one has no name")
		}
		if slices.ContainsFunc(s.Networks[:i], func(o spec.Endpoint) bool { return o.Network == e.Network }) {
			wrong.Add("Networks: %q is given twice", e.Network)
		}
		if (e.Network == "host" || e.Network == "none") && len(s.Networks) > 1 {
			wrong.Add("Networks: %q cannot be combined with others", e.Network)
		}
	}
	if l := s.Limits; l.Memory < 0 || l.CPUs < 0 || l.PIDs < 0 {
		wrong.Add("Limits: %+v is negative", l)
	}
	checkHealth(s, &wrong)
	check.Streams(s.Stdout, s.Stderr, &wrong)
	flags, err := readFlags(s.Flags)
	if err != nil {
		wrong = append(wrong, err)
	}
	inNone := slices.Contains(flags.networks(), "none") || slices.ContainsFunc(s.Networks, func(e spec.Endpoint) bool { return e.Network == "none" })
	if inNone && len(s.Ports)+len(s.OtherPorts) > 0 {
		wrong.Add("Ports: nothing reaches a container in network none, so that no port can be published\n    hint: without Ports, Exec is the way in; without the network it is in the engine's default one")
	}
	return wrong.Err("running a container")
}

// checkAsked finds ports that are asked where they are published, and are not.
func checkAsked(s spec.Container, wrong *report.Problems) {
	flags, err := readFlags(s.Flags)
	if s.Ready == nil || err != nil || flags.has("--publish") || flags.has("--publish-all") {
		return
	}
	for _, number := range wait.Asked(s.Ready) {
		if !slices.Contains(ports(s), portnumber.TCP(number)) {
			wrong.Add("Ready: %v: port %d is asked where it is published, and is not among Ports\n    hint: Ports: []int{%d} publishes it", s.Ready, number, number)
		}
	}
}

func checkMounts(mounts []spec.Mount, wrong *report.Problems) {
	for i, m := range mounts {
		if !path.IsAbs(m.Target) {
			wrong.Add("Mounts: Target %q is not an absolute path", m.Target)
		}
		if slices.ContainsFunc(mounts[:i], func(o spec.Mount) bool { return path.Clean(o.Target) == path.Clean(m.Target) }) {
			wrong.Add("Mounts: %q is the Target of two", m.Target)
		}
		kinds := 0
		for _, given := range []bool{m.Host != "", m.Volume != "", m.Tmpfs} {
			if given {
				kinds++
			}
		}
		if kinds != 1 {
			wrong.Add("Mounts: %q sets %d of Host, Volume and Tmpfs; it must set exactly one", m.Target, kinds)
		}
		if m.Copy && m.Host == "" {
			wrong.Add("Mounts: %q: Copy is for Host", m.Target)
		}
		if m.Size != 0 && !m.Tmpfs || m.Size < 0 {
			wrong.Add("Mounts: %q: Size is for Tmpfs, and not negative", m.Target)
		}
	}
}

func checkHealth(s spec.Container, wrong *report.Problems) {
	h := s.Healthcheck
	if h == nil {
		return
	}
	if h.Command != nil && h.Shell != "" || h.None && (h.Command != nil || h.Shell != "") {
		wrong.Add("Healthcheck: only one of Command, Shell and None can be given")
	}
	if h.Command != nil && len(h.Command) == 0 {
		wrong.Add("Healthcheck: Command is empty")
	}
	if h.Command != nil && len(s.Flags) > 0 {
		wrong.Add("Healthcheck: docker create has no flag for Command, so it does not go with Flags; Shell does")
	}
	if h.Interval < 0 || h.Timeout < 0 || h.StartPeriod < 0 || h.Retries < 0 {
		wrong.Add("Healthcheck: %+v has something negative", *h)
	}
}

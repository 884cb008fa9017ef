// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/spec"
)

// Flags of docker service create that are refused, and why.
var refusedServiceFlags = map[string]string{
	"--name":   "the service's name says whose it is; Name is its role, and an alias in a network its name there",
	"--detach": "Serve watches the tasks by itself",
	"-d":       "Serve watches the tasks by itself",
	"--quiet":  "it changes nothing here",
	"-q":       "it changes nothing here",
	"--help":   "it makes no service",
	"--mode":   "Mode says it",
}

// checkService finds all that is wrong with a spec by itself.
func checkService(s spec.Service) error {
	var wrong report.Problems
	check.Image(s.Image, &wrong)
	if !slices.Contains([]string{"", spec.Replicated, spec.Global, spec.ReplicatedJob, spec.GlobalJob}, s.Mode) {
		wrong.Add("Mode: %q is not one of %s, %s, %s and %s", s.Mode, spec.Replicated, spec.Global, spec.ReplicatedJob, spec.GlobalJob)
	}
	if s.Replicas < 0 || s.Replicas > 0 && (s.Mode == spec.Global || s.Mode == spec.GlobalJob) {
		wrong.Add("Replicas: %d does not go with Mode %q", s.Replicas, s.Mode)
	}
	if !slices.Contains([]string{"", "any", "on-failure", "none"}, s.Restart) || s.Restart == "any" && converge.IsJob(s.Mode) {
		wrong.Add("Restart: %q does not go with Mode %q", s.Restart, s.Mode)
	}
	if len(s.ExitCodes) > 0 && (!converge.IsJob(s.Mode) || s.Restart == "on-failure") {
		wrong.Add("ExitCodes are for jobs that are not started again")
	}
	if !slices.Contains([]string{"", "vip", "dnsrr"}, s.EndpointMode) {
		wrong.Add("EndpointMode: %q is neither vip nor dnsrr", s.EndpointMode)
	}
	for _, f := range slices.Concat(s.Secrets, s.Configs) {
		if f.Name == "" {
			wrong.Add("Secrets and Configs: one has no Name")
		}
	}
	// What services and containers share is checked as that of a container.
	c := spec.Container{Image: "x", Ports: s.Ports, OtherPorts: s.OtherPorts, Env: s.Env, Labels: s.Labels, Mounts: s.Mounts, Networks: s.Networks, Limits: s.Limits,
		Healthcheck: s.Healthcheck, Ready: s.Ready, TimeLimit: s.TimeLimit}
	if slices.ContainsFunc(s.Flags, func(f string) bool { return f == "-p" || strings.HasPrefix(f, "--publish") }) {
		c.Flags = []string{"--publish-all"} // among which may be what Ready asks
	}
	if err := container.CheckSpec(c); err != nil {
		wrong = append(wrong, err)
	}
	for _, word := range s.Flags {
		name, value, _ := strings.Cut(word, "=")
		if why := refusedServiceFlags[name]; why != "" {
			wrong.Add("Flags: %s is refused: %s", name, why)
		}
		if key, _, _ := strings.Cut(value, "="); owner.IsLabel(key) || owner.IsLabel(name) {
			wrong.Add("Flags: label %s is refused: it is one of seatrial's own", word)
		}
	}
	return wrong.Joined()
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// CreateServiceByCommand is CreateService by the docker command, with more of its
// flags.
func (e *services) CreateServiceByCommand(ctx context.Context, n NewService, flags []string) (id string, err error) {
	args, err := n.flags()
	if err != nil {
		return "", err
	}
	args = slices.Concat([]string{"service", "create"}, args, flags, []string{"--detach", "--quiet", "--no-resolve-image", "--name=" + n.Name})
	for key, value := range sorted(n.Own) {
		args = append(args, "--label="+key+"="+value)
	}
	for key, value := range sorted(n.Labels) {
		args = append(args, "--container-label="+key+"="+value)
	}
	var out, heard bytes.Buffer
	if err := e.commands.Docker(ctx, Command{Args: append(args, n.words()...), Out: &out, Err: &heard}); err != nil {
		return "", err
	}
	n.warn(strings.Split(heard.String(), "\n")...)
	if id = strings.TrimSpace(out.String()); id == "" {
		return "", errors.New("docker service create printed no id")
	}
	return id, nil
}

// sorted yields a map's entries in order.
func sorted(m map[string]string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// flags writes the fields as flags of docker service create.
func (n NewService) flags() ([]string, error) {
	var args []string
	add := func(flag, value string) {
		if value != "" && value != "0" {
			args = append(args, flag+"="+value)
		}
	}
	cpus := func(nano int64) string {
		if nano == 0 {
			return ""
		}
		return fmt.Sprintf("%d.%09d", nano/1e9, nano%1e9)
	}
	add("--mode", n.Mode)
	if n.Mode == Replicated || n.Mode == ReplicatedJob {
		args = append(args, "--replicas="+strconv.Itoa(n.Replicas))
	}
	for _, v := range n.Env {
		add("--env", v)
	}
	add("--user", n.User)
	add("--workdir", n.Dir)
	add("--endpoint-mode", n.EndpointMode)
	add("--restart-condition", n.Restart)
	add("--limit-memory", strconv.FormatInt(n.Memory, 10))
	add("--limit-cpu", cpus(n.NanoCPUs))
	add("--limit-pids", strconv.FormatInt(n.PIDs, 10))
	add("--reserve-memory", strconv.FormatInt(n.Reserve.MemoryBytes, 10))
	add("--reserve-cpu", cpus(n.Reserve.NanoCPUs))
	for _, c := range n.Constraints {
		add("--constraint", c)
	}
	for _, port := range n.Ports {
		add("--publish", "mode=host,protocol="+port.Protocol+",target="+strconv.Itoa(port.Number))
	}
	for _, m := range n.Mounts {
		fields := []string{m.flag()}
		if m.Type == "volume" {
			for key, value := range sorted(n.VolumeLabels(m.Source)) {
				fields = append(fields, line([]string{"volume-label=" + key + "=" + value}))
			}
		}
		add("--mount", strings.Join(fields, ","))
	}
	for _, net := range n.Networks {
		add("--network", net.flag())
	}
	for _, f := range n.Secrets {
		add("--secret", f.flag())
	}
	for _, f := range n.Configs {
		add("--config", f.flag())
	}
	health, err := healthFlags(n.Health)
	if err != nil {
		return nil, err
	}
	if args = append(args, health...); n.Entrypoint != nil {
		args = append(args, "--entrypoint="+append(n.Entrypoint, "")[0])
	}
	return args, nil
}

func (f File) flag() string {
	to := f.target()
	return line([]string{"source=" + f.Name, "target=" + to.Name, "uid=" + to.UID, "gid=" + to.GID, fmt.Sprintf("mode=%#o", to.Mode)})
}

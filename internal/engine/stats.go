// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Stats are what a container that runs has used so far, as its cgroup has it. What the
// engine does not know is zero.
type Stats struct {
	Memory, MostMemory, MemoryLimit uint64 // bytes; the machine's memory is a limit, too
	OutOfMemory                     uint64 // how often the limit stood in its way; killed or not
	CPU, Throttled                  uint64 // nanoseconds
	Processes, ProcessLimit         uint64
}

// Lines says it for people, each thing with its name.
func (u Stats) Lines() [][2]string {
	memory := units.BytesSize(float64(u.Memory))
	if u.MostMemory > 0 {
		memory += ", at most " + units.BytesSize(float64(u.MostMemory))
	}
	memory += ", of " + units.BytesSize(float64(u.MemoryLimit))
	if u.OutOfMemory > 0 {
		memory += ", out of it " + strconv.FormatUint(u.OutOfMemory, 10) + " times"
	}
	cpu := time.Duration(u.CPU).Round(time.Millisecond).String()
	if u.Throttled > 0 {
		cpu += ", held back for " + time.Duration(u.Throttled).Round(time.Millisecond).String()
	}
	processes := strconv.FormatUint(u.Processes, 10)
	if u.ProcessLimit > 0 && u.ProcessLimit < 1<<31 {
		processes += " of " + strconv.FormatUint(u.ProcessLimit, 10)
	}
	return [][2]string{{"memory", memory}, {"CPU", cpu}, {"processes", processes}}
}

// Size says a number of bytes as people do.
func Size(n int64) string { return units.BytesSize(float64(n)) }

// Stats asks the engine for one sample, as docker stats does.
func (e *containers) Stats(ctx context.Context, id string) (Stats, error) {
	answer, err := e.api.ContainerStats(ctx, id, client.ContainerStatsOptions{})
	if err != nil {
		return Stats{}, err
	}
	defer answer.Body.Close()
	var s container.StatsResponse
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		return Stats{}, err
	}
	return Stats{
		Memory: s.MemoryStats.Usage, MostMemory: s.MemoryStats.MaxUsage, MemoryLimit: s.MemoryStats.Limit, OutOfMemory: s.MemoryStats.Failcnt,
		CPU: s.CPUStats.CPUUsage.TotalUsage, Throttled: s.CPUStats.ThrottlingData.ThrottledTime,
		Processes: s.PidsStats.Current, ProcessLimit: s.PidsStats.Limit,
	}, nil
}

// Processes returns what runs in a container, a line for each process below one of titles,
// as the ps of the engine's machine writes them.
func (e *containers) Processes(ctx context.Context, id string) ([]string, error) {
	answer, err := e.api.ContainerTop(ctx, id, client.ContainerTopOptions{})
	if err != nil {
		return nil, err
	}
	lines := []string{strings.Join(answer.Titles, "\t")}
	for _, p := range answer.Processes {
		lines = append(lines, strings.Join(p, "\t"))
	}
	return lines, nil
}

// Describe says in a few lines what the engine and its machine are.
func (e *connection) Describe(ctx context.Context) ([][2]string, error) {
	version, err := e.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return nil, err
	}
	answer, err := e.info(ctx)
	if err != nil {
		return nil, err
	}
	info := answer.Info
	said := [][2]string{{"engine", e.Host()}}
	for _, part := range version.Components {
		said = append(said, [2]string{part.Name, part.Version})
	}
	if len(version.Components) == 0 {
		said = append(said, [2]string{"Engine", version.Version})
	}
	return append(said, [2]string{"API", version.APIVersion},
		[2]string{"system", strings.Join([]string{info.OperatingSystem, info.KernelVersion, version.Os + "/" + version.Arch}, ", ")},
		[2]string{"cgroup", strings.TrimSpace("v" + info.CgroupVersion + " " + info.CgroupDriver)},
		[2]string{"storage", info.Driver}, [2]string{"log driver", info.LoggingDriver}), nil
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// A footprint has the resources that a process used until all of its containers ran, or were gone.
type footprint struct {
	Ready, Gone                  float64 // ms
	Memory, Watchdog             float64 // MB at most; of the process that it started, if it did
	Processor, WatchdogProcessor float64 // ms
}

// figures returns what was measured, of so many containers or projects.
func (f footprint) figures(n string) sample {
	all := sample{
		{n + ": ready", f.Ready}, {n + ": gone", f.Gone}, {n + ": memory", f.Memory}, {n + ": memory of the watchdog", f.Watchdog},
		{n + ": processor time", f.Processor}, {n + ": processor time of the watchdog", f.WatchdogProcessor},
	}
	return slices.DeleteFunc(all, func(one figure) bool { return one.Value == 0 })
}

// readFootprint runs a command whose last line is a footprint.
func readFootprint(c *exec.Cmd) (f footprint, err error) {
	out, err := output(c)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(out[strings.LastIndex(out, "\n")+1:]), &f); err != nil {
		return f, fmt.Errorf("%w: %s", err, out)
	}
	return f, nil
}

// footprintWithCommands is readFootprint with the processor time of the commands that it ran, too.
func footprintWithCommands(c *exec.Cmd) (footprint, error) {
	f, err := readFootprint(c)
	f.Processor = processorIn(c)
	return f, err
}

// processorIn returns the milliseconds of processor time of a command that has ended, and of those
// that it waited for.
func processorIn(c *exec.Cmd) float64 {
	if c.ProcessState == nil { // it was not started
		return 0
	}
	return float64((c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Microseconds()) / 1000
}

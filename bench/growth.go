// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

const (
	growthRuns       = 3
	mostEnvironments = 100
)

// growing is a row in which seatrial alone does one kind of work, in three amounts: all, half and a
// quarter.
func growing(name, work, unit, what string, most int, prepare func(b *bed) (func(n int) (sample, error), error)) row {
	aim := "≤ 2 of a half of it, ≤ 4 of a quarter of it, in time"
	if strings.Contains(unit, "MB") {
		aim += " and in memory"
	}
	return row{
		name: name, work: work, aim: aim, unit: unit, runs: growthRuns, ratio: "times as much as",
		prepare: func(b *bed) ([]side, error) {
			do, err := prepare(b)
			if err != nil {
				return nil, err
			}
			var sides []side
			for _, n := range []int{most, most / 2, most / 4} {
				sides = append(sides, side{fmt.Sprintf("%d %s", n, what), func() (sample, error) { return do(n) }})
			}
			return sides, nil
		},
	}
}

func growthRows() []row {
	return []row{
		growing("growth-lines", "a log, until the line after so many others is found", "ms, MB", "lines", 1_000_000, printing("-lines")),
		growing("growth-line", "a log, until the line after a long one is found", "ms, MB", "MiB in one line", 64, printing("-long")),
		growing("growth-services", "a Compose project of services that wait for nothing, until all run, and until all are gone", "ms", "services", 60, prepareServices),
		growing("growth-leftovers", "containers that a dead process left, until `seatrial gc` has removed them", "ms", "containers", 200, prepareLeftovers),
		growing("growth-environments", "`seatrial ls`, with environments on one engine", "ms", "environments", mostEnvironments, prepareEnvironments),
	}
}

// printing makes a container print something. Each run has its own process, so that its memory
// can be measured.
func printing(flag string) func(b *bed) (func(n int) (sample, error), error) {
	return func(b *bed) (func(n int) (sample, error), error) {
		self, err := os.Executable()
		return func(n int) (sample, error) {
			out, err := b.command(self, "child", "growth", b.probe, flag, strconv.Itoa(n))
			if err != nil {
				return nil, err
			}
			var s sample
			return s, json.Unmarshal([]byte(out), &s)
		}, err
	}
}

// printGrowth waits in this process for the last line of a container, and prints the time
// and memory.
func printGrowth(image, flag, n string) error {
	var s sample
	err := asTest(func(t *enginetest.Recorder) {
		began := time.Now()
		seatrial.Run(t, spec.Container{Image: image, Command: []string{flag, n, "-print", "the end", "-serve", ":80"}, Ready: wait.Log("the end")})
		s = sample{{"found", since(began)}}
	})
	taken, failed := takenNow()
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(append(s, figure{"memory", taken.Memory}))
}

func prepareServices(b *bed) (func(n int) (sample, error), error) {
	return func(n int) (s sample, err error) {
		dir := filepath.Join(b.dir, "services"+strconv.Itoa(n))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		var text strings.Builder
		text.WriteString("services:\n")
		for i := range n {
			fmt.Fprintf(&text, "  s%d: {image: '%s', command: [-serve, ':80'], healthcheck: {disable: true}}\n", i, b.probe)
		}
		file := filepath.Join(dir, "compose.yaml")
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			return nil, err
		}
		var ready float64
		var over time.Time
		err = asTest(func(t *enginetest.Recorder) {
			began := time.Now()
			seatrial.Up(t, spec.Project{Files: []string{file}})
			ready, over = since(began), time.Now()
		})
		return sample{{"ready", ready}, {"gone", since(over)}}, err
	}, nil
}

// prepareLeftovers makes containers labelled with a process that has ended.
func prepareLeftovers(b *bed) (func(n int) (sample, error), error) {
	command, err := b.program(".", "./cmd/seatrial")
	if err != nil {
		return nil, err
	}
	ended := exec.Command(command, "version")
	if _, err := output(ended); err != nil {
		return nil, err
	}
	dead := process.Self()
	dead.PID, dead.Start = ended.Process.Pid, "1"
	return func(n int) (sample, error) {
		run := owner.NewID()
		tuple := owner.Tuple{Run: run, Test: "TestBench", Scope: run, Process: dead, Until: time.Now()}
		err := fewAtOnce(n, func(i int) error {
			name := fmt.Sprintf("%s-leftover-%s-%d", mark, run, i)
			labels := tuple.On(owner.Container, name).Labels()
			labels[mark] = "" // so that it is removed in any case
			_, err := b.api.ContainerCreate(b.ctx, client.ContainerCreateOptions{Name: name, Config: &container.Config{Image: b.probe, Labels: labels}})
			return err
		})
		if err != nil {
			return nil, err
		}
		began := time.Now()
		_, err = b.command(command, "gc")
		return sample{{"removed", since(began)}}, err
	}, nil
}

// prepareEnvironments does all runs for one number of environments before it makes more: the
// numbers cannot take turns.
func prepareEnvironments(b *bed) (func(n int) (sample, error), error) {
	command, err := b.program(".", "./cmd/seatrial")
	if err != nil {
		return nil, err
	}
	in := func(i int, args ...string) error {
		name := fmt.Sprintf("%s-env-%d", mark, i)
		dir := filepath.Join(b.dir, name)
		text := fmt.Sprintf("services:\n  web: {image: '%s', command: [-serve, ':80'], network_mode: none, healthcheck: {disable: true}}\n", b.probe)
		if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(text), 0o644)); err != nil {
			return err
		}
		c := exec.CommandContext(b.ctx, command, args...)
		if b.ctx.Err() != nil { // interrupted
			c = exec.Command(command, args...)
		}
		c.Dir, c.Env = dir, append(os.Environ(), "SEATRIAL_NAME="+name)
		_, err := output(c)
		return err
	}
	started := 0
	b.tidys = append(b.tidys, func() { _ = fewAtOnce(started, func(i int) error { return in(i, "down", "--volumes") }) })
	took := map[int][]sample{}
	for _, n := range []int{mostEnvironments / 4, mostEnvironments / 2, mostEnvironments} {
		before := started
		started = n
		if err := fewAtOnce(n-before, func(i int) error { return in(before+i, "up") }); err != nil {
			return nil, err
		}
		for range 2 * growthRuns {
			began := time.Now()
			if _, err := b.command(command, "ls"); err != nil {
				return nil, err
			}
			took[n] = append(took[n], sample{{"listed", since(began)}})
		}
	}
	return func(n int) (s sample, err error) {
		s, took[n] = took[n][0], took[n][1:]
		return s, nil
	}, nil
}

// fewAtOnce does something n times, a few at once.
func fewAtOnce(n int, do func(i int) error) error {
	errs := make([]error, n)
	slots := make(chan struct{}, 4)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[i] = do(i)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

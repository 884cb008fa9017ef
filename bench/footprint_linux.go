// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/moby/moby/client"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
	tclog "github.com/testcontainers/testcontainers-go/log"
	tcwait "github.com/testcontainers/testcontainers-go/wait"
)

func footprintRows() []row {
	return []row{{
		name: "footprint", work: "what a process takes that has so many containers at once, all of which have printed a line", aim: "≤ 1.03 of the raw API, flat memory",
		unit: "MB, ms", runs: 3,
		prepare: func(b *bed) ([]side, error) {
			self, err := os.Executable()
			if err != nil {
				return nil, err
			}
			as := func(who string) func() (sample, error) {
				return func() (s sample, err error) {
					for _, n := range []string{"1", "16", "64"} {
						c := exec.CommandContext(b.ctx, self, "child", "footprint", b.probe, who, n)
						c.Env = append(os.Environ(), "TESTCONTAINERS_RYUK_DISABLED=true")
						f, err := readFootprint(c)
						removeLabelled(mark)
						if err != nil {
							return nil, err
						}
						s = append(s, f.figures(n)...)
					}
					return s, nil
				}
			}
			return []side{{"seatrial.Run", as("seatrial")}, {"raw Engine API", as("raw")}, {"testcontainers-go", as("testcontainers")}}, nil
		},
	}}
}

// printFootprint runs containers in this process, and prints its footprint.
func printFootprint(image, who, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	tclog.SetDefault(silent{})
	var taken footprint
	atOnce := func(one func() error) error {
		began := time.Now()
		errs := make([]error, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { errs[i] = one() })
		}
		all.Wait()
		ready := since(began)
		taken, err = takenNow()
		taken.Ready = ready
		return errors.Join(append(errs, err)...)
	}
	switch who {
	case "seatrial":
		err = asTest(func(t *enginetest.Recorder) {
			failed := atOnce(func() error {
				seatrial.Run(t, spec.Container{Image: image, Command: serving, Ports: []int{80}, Ready: wait.Log(line)})
				return nil
			})
			if failed != nil {
				t.Errorf("%v", failed)
			}
		})
	case "raw":
		api, failed := client.New(client.FromEnv)
		if failed != nil {
			return failed
		}
		err = atOnce(func() error {
			_, err := startRaw(context.Background(), api, image, serving, line)
			return err
		})
	default:
		err = atOnce(func() error {
			_, err := startTestcontainers(context.Background(), image, serving, tcwait.ForLog(line).WithPollInterval(quick))
			return err
		})
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(taken)
	}
	return err
}

// takenNow returns the footprint of this process so far.
func takenNow() (f footprint, err error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return f, err
	}
	f.Processor = float64(time.Duration(usage.Utime.Nano()+usage.Stime.Nano()).Microseconds()) / 1000
	if f.Memory, err = memoryOf("self"); err != nil {
		return f, err
	}
	processes, err := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		if stat, err := os.ReadFile(filepath.Join(p, "stat")); err == nil && parentIn(string(stat)) == os.Getpid() {
			f.Watchdog, _ = memoryOf(filepath.Base(p))
			f.WatchdogProcessor = processorOf(p)
		}
	}
	return f, err
}

// memoryOf returns the peak memory of a process in MB.
func memoryOf(pid string) (float64, error) {
	status, err := os.ReadFile(filepath.Join("/proc", pid, "status"))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	_, err = fmt.Sscanf(after, "%f kB", &kib)
	return kib * 1024 / 1e6, err
}

// processorOf returns the milliseconds for which the threads of a process ran. Those of its stat
// are whole hundredths of a second.
func processorOf(process string) (ms float64) {
	threads, _ := filepath.Glob(filepath.Join(process, "task", "*", "schedstat"))
	for _, file := range threads {
		var ns float64
		if content, err := os.ReadFile(file); err == nil {
			_, _ = fmt.Sscan(string(content), &ns)
		}
		ms += ns / 1e6
	}
	return ms
}

// parentIn returns the parent's pid in /proc/PID/stat. It comes after the name, which may have
// blanks.
func parentIn(stat string) (pid int) {
	var state string
	_, _ = fmt.Sscanf(stat[strings.LastIndex(stat, ")")+1:], " %s %d", &state, &pid)
	return pid
}

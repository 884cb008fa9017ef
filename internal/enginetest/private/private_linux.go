// SPDX-License-Identifier: Apache-2.0

package private

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/process"
)

// envDaemon is the process id of the private engine, for the process in which the
// tests run.
const envDaemon = "SEATRIAL_TEST_DAEMON"

// startLimit bounds the start of the engine.
const startLimit = 2 * time.Minute

// Main is [enginetest.Main] on a private engine: it starts one, and this program
// once more, in the engine's network. Where there can be none, it takes the engine
// that the environment names.
func Main(m interface{ Run() int }) int {
	binary := os.Getenv(enginetest.Dockerd)
	if enginetest.IsChild() || os.Getenv(envDaemon) != "" || binary == "" || binary == "none" || dockerd.Possible(binary) != nil {
		return enginetest.Main(m)
	}
	code, err := run(binary)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testing on a private engine:", err)
		return 1
	}
	return code
}

// run runs this program once more, and returns its exit code.
func run(binary string) (code int, err error) {
	e := dockerd.New(dockerd.Options{Binary: binary, Run: process.Run})
	defer func() { err = errors.Join(err, e.Stop()) }()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if err := e.Start(ctx); err != nil {
		return 0, err
	}
	pid := strconv.Itoa(e.PID())
	// The tests reach the engine's ports at 127.0.0.1, and have its machine's name.
	cmd := exec.Command("nsenter", append([]string{"--net=/proc/" + pid + "/ns/net", "--uts=/proc/" + pid + "/ns/uts", "--"}, os.Args...)...)
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+e.Host(), "DOCKER_CONTEXT=", envDaemon+"="+pid)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// This process must not end before the tests, which end on these signals.
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s)
		}
	}()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}

// Daemon returns the process id of the private engine that the tests run on; it
// is empty where they run on another one.
func Daemon() string { return os.Getenv(envDaemon) }

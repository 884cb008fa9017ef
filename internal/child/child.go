// SPDX-License-Identifier: Apache-2.0

package child

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

// Exit codes for programs that cannot be run, as shells and docker use them.
const (
	CodeUnrunnable = 126
	CodeNotFound   = 127
)

// A Command is a program to run. If its standard streams are those of this process, a
// terminal stays a terminal.
type Command struct {
	Args    []string
	Dir     string // empty is that of this process
	Environ []string
	In      io.Reader
	Out     io.Writer
	Err     io.Writer

	Grace time.Duration // how long it has to end after SIGTERM
	Group bool          // all signals go to its process group, not interrupts alone

	// Began is called with its process group, if it has its own, and Ended after its end.
	Began, Ended func(group int)

	// Kill ends other processes that belong to it when it is killed; it may be nil.
	Kill func()
}

// Look returns the error of Run for a program that cannot be started, as far as that is
// known without trying.
func Look(program string) (code int, err error) {
	_, err = exec.LookPath(program)
	return codeOfStart(err), err
}

func codeOfStart(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return CodeNotFound
	}
	return CodeUnrunnable
}

// Run runs the program, and returns its exit code: 128 plus the number of the signal if one
// ended it; CodeNotFound or CodeUnrunnable, with an error, if it could not be started.
//
// In the foreground of a terminal the program stays in this process's group, as another
// group could not read from the terminal; interrupts of the terminal reach both. Otherwise
// it has its own group, and this process passes signals on.
func (c Command) Run(ctx context.Context) (code int, err error) {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, caught...)
	defer signal.Stop(signals)
	if ctx.Err() != nil { // a signal came before they were passed on
		return 0, context.Cause(ctx)
	}
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Dir, cmd.Env = c.Dir, c.Environ
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.In, c.Out, c.Err
	apart := !inForeground()
	setGroup(cmd, apart)
	if err := cmd.Start(); err != nil {
		return codeOfStart(err), err
	}
	if apart && c.Began != nil {
		c.Began(cmd.Process.Pid)
		defer c.Ended(cmd.Process.Pid)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // ProcessState has the result
	}()
	c.attend(cmd, apart, signals, done)
	return codeOf(cmd.ProcessState), nil
}

// attend passes signals on until the program has ended.
func (c Command) attend(cmd *exec.Cmd, apart bool, signals <-chan os.Signal, done <-chan struct{}) {
	interrupts := 0
	var late <-chan time.Time
	force := func() {
		kill(cmd, apart)
		if c.Kill != nil {
			c.Kill()
		}
	}
	for {
		select {
		case <-done:
			return
		case <-late:
			force()
		case s := <-signals:
			switch {
			case s == os.Interrupt:
				if interrupts++; interrupts > 1 {
					force()
				} else if apart { // all of it, as by a terminal: a shell waits for what it runs
					send(cmd, true, s)
				}
			case fromTerminal(s) && !apart: // the program got it, too
			default:
				send(cmd, apart && c.Group, s)
				if late == nil && ends(s) {
					late = time.After(c.Grace)
				}
			}
		}
	}
}

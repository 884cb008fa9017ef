// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/process"
)

// Variables of the watchdog's environment.
const (
	envRun       = "SEATRIAL_WATCHDOG"         // the run that it watches
	envSession   = "SEATRIAL_WATCHDOG_SESSION" // the session of the test's process
	envNoCollect = "SEATRIAL_NO_COLLECT"       // in a test's: remove nothing that others left
	envOff       = "SEATRIAL_NO_WATCHDOG"      // in a test's: start none
	mark         = "SEATRIAL_RUN="             // in a docker command's: its run
)

// Mark returns the variable that marks the docker commands of a run.
func Mark(run string) string { return mark + run }

// A Client is the test process's connection to its watchdog. It is safe for
// concurrent use.
type Client struct {
	mu   sync.Mutex
	pipe *os.File // to its standard input; nil when it is gone

	begun <-chan error // why it does not watch, once; nil if there is none
}

// handshake bounds the wait for the watchdog's first message.
const handshake = 5 * time.Second

// Start starts a watchdog over a run, with this environment. The error says why there is none.
// What it is told before it watches, it hears when it does, also if this process has ended by
// then: nobody has to wait for it, and [Client.Begun] says whether it came to watch.
func Start(run string, environ []string) (*Client, error) {
	if off := os.Getenv(envOff); off != "" && off != "0" || runtime.GOOS == "windows" {
		return &Client{}, nil // Windows does not pass descriptors on, and cannot delete a running program
	}
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	orders, pipe, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer orders.Close()
	word, said, err := os.Pipe()
	if err != nil {
		pipe.Close()
		return nil, err
	}
	// Nothing of the test's own: go test waits for whoever holds its output.
	p, err := os.StartProcess(program, []string{"seatrial-watchdog"}, &os.ProcAttr{
		Dir:   string(os.PathSeparator),
		Env:   environment(environ, run),
		Files: []*os.File{orders, nil, nil, said},
		Sys:   ownSession(),
	})
	said.Close()
	if err != nil {
		word.Close()
		pipe.Close()
		return nil, fmt.Errorf("starting the watchdog: %w", err)
	}
	begun := make(chan error, 1)
	d := &Client{pipe: pipe, begun: begun}
	go func() {
		defer word.Close()
		defer close(begun)
		if err := await(word); err != nil {
			_ = p.Kill() // it may hang in somebody's init
			_, _ = p.Wait()
			d.leave()
			begun <- fmt.Errorf("starting the watchdog: %w", err)
			return
		}
		_ = p.Release() // it ends after us
	}()
	return d, nil
}

// Begun waits until the watchdog watches. It returns an error once, if it does not.
func (d *Client) Begun() error {
	if d.begun == nil {
		return nil
	}
	return <-d.begun
}

// environment returns the watchdog's environment. As its working directory is the
// root, a relative TMPDIR must be made absolute.
func environment(environ []string, run string) []string {
	env := append(environ, envRun+"="+run, envSession+"="+process.Session(), envNoCollect+"="+os.Getenv(envNoCollect))
	if dir, err := filepath.Abs(os.TempDir()); err == nil && runtime.GOOS != "windows" {
		env = append(env, "TMPDIR="+dir)
	}
	return env
}

const ready = "watching"

func await(word *os.File) error {
	if err := word.SetReadDeadline(time.Now().Add(handshake)); err != nil {
		return err
	}
	line, err := bufio.NewReader(word).ReadString('\n')
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("it said nothing within %v (does a package that this program links do much work in init?)", handshake)
	case errors.Is(err, io.EOF):
		return errors.New("it ended at once (does a package that this program links exit in init?)")
	case err != nil:
		return err
	case strings.TrimSpace(line) != ready:
		return fmt.Errorf("it said %q", line)
	}
	return nil
}

// Messages of the test's process to its watchdog, a line each.
const (
	orderBusy   = "busy"   // there is something to remove
	orderIdle   = "idle"   // there is nothing to remove any more
	orderParent = "parent" // a directory, quoted, below which there may be temporary ones
	orderEngine = "engine" // environment variables, quoted, that lead to an engine
	orderBegan  = "began"  // a process group that works for the test
	orderEnded  = "ended"  // that process group has ended
	orderShared = "shared" // the run of something that others may use, too
	orderWhole  = "whole"  // the run of an environment that ends with the process
	orderStays  = "stays"  // undoes orderWhole: it stays, or is gone
)

// Began says that a process group works for the test, and must end with its process.
func (d *Client) Began(group int) { _ = d.say(orderBegan + " " + strconv.Itoa(group)) }

// Ended says that such a process group has ended.
func (d *Client) Ended(group int) { _ = d.say(orderEnded + " " + strconv.Itoa(group)) }

// Engine says that there may be objects on the engine that these variables name.
func (d *Client) Engine(environ []string) error {
	return d.say(orderEngine + " " + strconv.Quote(strings.Join(environ, "\x00")))
}

// Shared says that this process uses something that others use, too, to be removed
// when its time is over.
func (d *Client) Shared(run string) { _ = d.say(orderShared + " " + run) }

// Whole says that an environment must be removed with its data when this process ends. It
// returns an error once if the watchdog is gone.
func (d *Client) Whole(run string) error { return d.say(orderWhole + " " + run) }

// Stays undoes Whole, for an environment that stays or is gone.
func (d *Client) Stays(run string) { _ = d.say(orderStays + " " + run) }

// Parent says that the run has temporary directories below this one, which may
// differ from the system's: a test may change TMPDIR.
func (d *Client) Parent(dir string) { _ = d.say(orderParent + " " + strconv.Quote(dir)) }

// Busy says that from now on there is something to remove if this process ends. It
// returns an error once if the watchdog is gone.
func (d *Client) Busy() error { return d.say(orderBusy) }

// Idle says that everything has been removed.
func (d *Client) Idle() { _ = d.say(orderIdle) }

func (d *Client) say(line string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pipe == nil {
		return nil
	}
	// A write to a pipe without a reader gives an error and no signal: the Go
	// runtime raises SIGPIPE only for descriptors 1 and 2.
	if _, err := io.WriteString(d.pipe, line+"\n"); err != nil {
		d.pipe.Close()
		d.pipe = nil
		return fmt.Errorf("the watchdog is gone: %w", err)
	}
	return nil
}

// leave has nothing more said to a watchdog that does not watch.
func (d *Client) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pipe != nil {
		d.pipe.Close()
		d.pipe = nil
	}
}

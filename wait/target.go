// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// A Target is a container, or something like it, on which a condition is waited
// for. The handles of package seatrial provide it; tests need not.
type Target interface {
	// Name is the target's name in messages.
	Name() string

	// State returns what the engine knows about the target. The answer is at most a
	// second old, even if the engine's events were lost.
	State(ctx context.Context) (State, error)

	// Fresh asks the engine for the State now.
	Fresh(ctx context.Context) (State, error)

	// Stalled returns what holds up the processes of the target at the moment, if
	// they can be seen.
	Stalled(ctx context.Context) Stall

	// Alone reports whether nothing that the target may depend on, such as another
	// service of its project, is still starting, and whether that is known. As long as
	// it is false, a target that ends again and again may be waiting for the others.
	Alone(ctx context.Context) (alone, known bool)

	// Lines returns the log lines of a life, the time from a start to its end, from
	// line number from on (0 is the first), stdout and stderr in the order of their
	// arrival. It also returns the number of the line after them. The log is complete
	// if the target has stopped and these lines are the last ones that it printed.
	Lines(life string, from int) (lines []string, next int, complete bool)

	// Begun returns the incomplete last line of each stream, if the engine passes
	// it on.
	Begun() []string

	// Unread returns why the log cannot be read, because the engine keeps none; it
	// is empty if it can be.
	Unread() string

	// Tail returns up to n of the last lines of the log of all lives, and the
	// number of all lines.
	Tail(n int) (lines []string, total int)

	// ErrorLine returns the line that most likely says why a life failed, from the
	// log of that life, or from the whole log if life is empty. It returns "" if no
	// line speaks of trouble.
	ErrorLine(ctx context.Context, life string) string

	// Addr returns the host:port at which the test reaches a port that the target
	// listens on; it returns "" if the target does not run yet. If the target has
	// ended, the error is an [*ExitError].
	Addr(ctx context.Context, port int) (string, error)

	// Listeners returns the addresses on which something listens for a protocol, tcp
	// or udp, in the target's network, as /proc shows them. It also returns the port
	// inside the target for which port stands, because a Compose file may publish it
	// under another number. If the target's processes cannot be seen from this
	// machine, the error is errors.ErrUnsupported.
	Listeners(ctx context.Context, protocol string, port int) (inside int, all []Listener, err error)

	// Stranded returns advice if the target is in another network than it seems: it joined
	// that of another container, which was started again since, or another one joined
	// the target's. It returns "" if the target is where it should be, or nobody knows.
	Stranded(ctx context.Context) string

	// Exec runs a command in the target, and returns its exit code and its output
	// on both streams.
	Exec(ctx context.Context, command []string) (code int, output string, err error)

	// Read returns up to most bytes from the beginning of a file in the target,
	// running or not, and nothing if it is not a regular file. Symbolic links are
	// followed. If there is no such file, the error is fs.ErrNotExist.
	Read(ctx context.Context, path string, most int) ([]byte, error)

	// Changed returns a channel that is closed when the state may have changed,
	// or a line was logged, since the call.
	Changed() <-chan struct{}
}

// A Listener is an address on which a server listens in a target.
type Listener struct {
	Addr      netip.AddrPort
	Unreached string // why it cannot be reached from outside; empty if it can
}

// A Stall describes a target's processes at one moment.
type Stall struct {
	Seen    bool          // the processes can be seen from this machine; if not, nothing else is known
	Unbegun bool          // the engine's runtime has not started the program yet
	OnDisk  bool          // one of the processes is waiting for the disk
	Waited  time.Duration // how long the processes have waited for a processor since their start
}

// State is the state of a container, as the engine reports it.
type State struct {
	Status       string    // Docker's word: created, running, paused, restarting, removing, exited or dead
	StartID      string    // identifies a life of the container, from a start to its end: each start has a new one
	Since        time.Time // when that life began, or was first seen, by this machine's clock
	ExitCode     int       // of the last life, if that is over
	Restarts     int       // how often the engine has restarted the container by itself
	OOMKilled    bool      // the kernel killed it because it ran out of memory
	Error        string    // why the engine could not start it
	Health       string    // starting, healthy or unhealthy; empty without a health check
	HealthCheck  string    // the command of the health check, as in a Dockerfile: CMD curl -f http://localhost/
	HealthOutput string    // what the health check printed last

	// FirstProbe is the time from the start to the first run of the health check, as
	// long as that is still to come in this life; 0 if it is not known.
	FirstProbe time.Duration
}

// Ended reports whether the container has ended and will not be restarted.
func (s State) Ended() bool { return s.Status == "exited" || s.Status == "dead" }

// String describes the state in a few words, for messages: "running, healthy",
// "exited with code 3".
func (s State) String() string {
	switch {
	case s.Ended() && s.OOMKilled:
		return fmt.Sprintf("killed for using too much memory (exit code %d)", s.ExitCode)
	case s.Ended() && s.Error != "":
		return fmt.Sprintf("did not start: %s", s.Error)
	case s.Ended():
		return fmt.Sprintf("exited with code %d", s.ExitCode)
	case s.Status == "restarting":
		return fmt.Sprintf("restarting, after exit code %d", s.ExitCode)
	case s.Health != "":
		return s.Status + ", " + s.Health
	}
	return s.Status
}

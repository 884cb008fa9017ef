// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"net/netip"
	"time"
)

// A Target is what a condition is about. The handles of package seatrial
// provide it; a test has no need to.
type Target interface {
	// Name is what messages call the target.
	Name() string

	// State says what the engine knows about it. The answer may be a second
	// old if the engine's events were lost, never older.
	State(ctx context.Context) (State, error)

	// Fresh is State, asked for now.
	Fresh(ctx context.Context) (State, error)

	// Stalled says what keeps the processes of the target from their work just now,
	// as far as they are seen.
	Stalled(ctx context.Context) Stall

	// Alone reports whether nothing that the target may need to come up is still on
	// its way, such as others of its project, and whether that is known. A target
	// that ends again and again is given time while something is.
	Alone(ctx context.Context) (alone, known bool)

	// Lines returns the log lines of a life from number from on (0 is the
	// first), stdout and stderr in the order of their arrival, and the number of
	// the line after them. It says whether the log is complete: the target
	// stopped, and all that it printed has been returned by now.
	Lines(life string, from int) (lines []string, next int, complete bool)

	// Begun returns what the target has printed last, of each stream that does not
	// end with a line's end, as far as it is handed out.
	Begun() []string

	// Unread says why nothing of the log can be had: the engine keeps none. It is
	// empty if it can.
	Unread() string

	// Tail returns up to n of the last lines of the log, whatever the life, and
	// how many there are altogether.
	Tail(n int) (lines []string, total int)

	// ErrorLine returns the line of a life's log that most likely says why it failed,
	// or of all that was logged if no life is named; nothing if no line speaks of
	// trouble.
	ErrorLine(ctx context.Context, life string) string

	// Addr returns the host:port at which the test reaches a port that the
	// target listens on; or nothing, if it does not run now but may yet. If it
	// has ended, the error is an [*ExitError].
	Addr(ctx context.Context, port int) (string, error)

	// Listeners returns the addresses on which anything listens for a protocol, tcp
	// or udp, in the target's network, as /proc shows them, and which port of the
	// target port means: a Compose file may publish it under another number. If that
	// cannot be known from here, the error is errors.ErrUnsupported.
	Listeners(ctx context.Context, protocol string, port int) (inside int, all []Listener, err error)

	// Exec runs a command in the target. It returns its exit code, and what it
	// printed on both streams.
	Exec(ctx context.Context, command []string) (code int, output string, err error)

	// Read returns the beginning of a file in the target, running or not, up to
	// most bytes of it; nothing for what is no regular file. Links are
	// followed. If there is no such file, the error is fs.ErrNotExist.
	Read(ctx context.Context, path string, most int) ([]byte, error)

	// Changed returns a channel that is closed when the state may have changed,
	// or a line was logged, since the call.
	Changed() <-chan struct{}
}

// A Listener is an address on which a server listens in a target.
type Listener struct {
	Addr      netip.AddrPort
	Unreached string // why nobody outside reaches it; empty if they do
}

// A Stall is what is seen of a target's processes at one moment.
type Stall struct {
	Seen    bool          // the processes are seen from here; else nothing is known
	Unbegun bool          // the engine's runtime has not handed over to the program yet
	OnDisk  bool          // one of the processes waits for the disk just now
	Waited  time.Duration // for a processor, since they were started
}

// State is what the engine says about a container.
type State struct {
	Status       string    // Docker's word: created, running, paused, restarting, removing, exited or dead
	StartID      string    // names the time between a start and a stop; another one for each start
	Since        time.Time // when that life began, or was first heard of, on the clock of this machine
	ExitCode     int       // of the last life, once it is over
	Restarts     int       // how often the engine has started it again by itself
	OOMKilled    bool      // the kernel ended it for want of memory
	Error        string    // why the engine could not start it
	Health       string    // starting, healthy or unhealthy; empty without a health check
	HealthCheck  string    // its command, as a Dockerfile has it: CMD curl -f http://localhost/
	HealthOutput string    // what the last probe printed
}

// Ended reports whether the container has run and will not run again by itself.
func (s State) Ended() bool { return s.Status == "exited" || s.Status == "dead" }

// String tells the state in a few words, as messages need it: "running,
// healthy", "exited with code 3".
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

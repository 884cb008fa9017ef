// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
)

func init() {
	if run := os.Getenv(envRun); run != "" {
		watch(run)
		os.Exit(0)
	}
}

// watch is the watchdog's life.
func watch(run string) {
	// The whole of the test's terminal or job may be told to end: we are needed
	// just then. SIGKILL still ends us; the next run or seatrial gc does the rest.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	e, err := engine.Again(engine.Caller{Dir: sweep.NewDir("ssh")})
	if err != nil {
		return
	}
	defer e.Rest()
	letGo()
	said := os.NewFile(3, "handshake")
	fmt.Fprintln(said, ready)
	said.Close()

	// What others left is collected on the way, at nobody's cost.
	go func() {
		if os.Getenv(envNoCollect) != "" {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, _ = sweep.Dead(ctx, e, run, nil)
		sweep.Dirs(os.TempDir())
	}()
	busy := listen(os.Stdin)
	endCommands(run) // they may still write there
	sweep.DirsOf(os.TempDir(), run)
	if busy {
		finish(e, run)
		sweep.DirsOf(os.TempDir(), run)
	}
}

// listen follows what the test's process says, until it is gone. It reports
// whether there is something to remove.
func listen(orders io.Reader) (busy bool) {
	for in := bufio.NewScanner(orders); in.Scan(); {
		busy = in.Text() == "busy"
	}
	return busy
}

// How long the watchdog works on what a dead test left.
const (
	patience = 15 * time.Minute // an engine may be restarting, or hang
	oneTry   = time.Minute
	quiet    = 4  // looks in a row that find nothing
	enough   = 80 // looks that the engine answers: what is left then, somebody uses
	pause    = 250 * time.Millisecond
)

// finish ends the docker commands of a dead process, and removes its objects
// until none comes any more: the engine finishes what it was asked for before
// the asker died.
func finish(e *engine.Engine, run string) {
	end := time.Now().Add(patience)
	for nothing, done, wait := 0, 0, pause; nothing < quiet && done < enough && time.Now().Before(end); {
		strays := endCommands(run)
		ctx, cancel := context.WithTimeout(context.Background(), oneTry)
		found, err := sweep.Run(ctx, e, run)
		cancel()
		switch {
		case err != nil: // the engine is in trouble: less and less often
			nothing, wait = 0, min(2*wait, 10*time.Second)
		case found == 0 && strays == 0:
			nothing, done, wait = nothing+1, done+1, pause
		default:
			nothing, done, wait = 0, done+1, pause
		}
		time.Sleep(wait)
	}
}

// endCommands kills the docker commands of a run, and returns how many there were.
func endCommands(run string) int {
	strays := process.WithVariable(Mark(run))
	for _, pid := range strays {
		kill(pid)
	}
	return len(strays)
}

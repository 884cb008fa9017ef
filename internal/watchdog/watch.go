// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
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

// watch is the main function of the watchdog.
func watch(run string) {
	// All processes of the test's terminal or job may get a signal to end, and just
	// then the watchdog is needed. SIGKILL still ends it; then the next run or
	// seatrial gc cleans up.
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	letGo()
	said := os.NewFile(3, "handshake")
	fmt.Fprintln(said, ready)
	said.Close()

	w := work{run: run, session: os.Getenv(envSession), parents: []string{os.TempDir()}, over: make(chan struct{})}
	if Collects() {
		go sweep.Dirs(os.TempDir())
	}
	w.listen(os.Stdin)
	close(w.over)
	for _, group := range w.groups { // without /proc these are the only ones known
		killGroup(group)
	}
	w.endCommands() // they could still write there
	w.removeDirs()
	if w.busy || len(w.whole) > 0 {
		var engines sync.WaitGroup
		for _, e := range w.engines {
			engines.Go(func() { w.finish(e) })
		}
		engines.Wait()
		w.removeDirs()
	}
	w.outlast()
	w.collecting.Wait()
	for _, e := range w.engines {
		e.CloseIdle()
	}
}

// outlast waits for the end of what the test's process shared with others.
func (w *work) outlast() {
	var all sync.WaitGroup
	for _, e := range w.engines {
		for _, run := range w.shared {
			all.Go(func() { sweep.CollectShared(e, run) })
		}
	}
	all.Wait()
}

// Collects reports whether this process may remove what dead processes left.
func Collects() bool { return os.Getenv(envNoCollect) == "" }

// collectAfter delays the collection of what others left, because it would slow down the test's
// first container.
const collectAfter = time.Second

// collect removes what dead processes left on an engine.
func (w *work) collect(e *engine.Engine) {
	select {
	case <-time.After(collectAfter):
	case <-w.over:
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, _ = sweep.Dead(ctx, e, w.run, nil)
}

// work is what the watchdog must do if the test's process ends now.
type work struct {
	run     string
	session string   // of the test's process
	busy    bool     // there is something to remove
	parents []string // parents of temporary directories
	engines []*engine.Engine
	groups  []int    // process groups that work for the test
	shared  []string // runs that others use, too
	whole   []string // runs of environments that end with the process

	over       chan struct{} // closed when the test's process is gone
	collecting sync.WaitGroup
}

// listen reads messages from the test's process, until that is gone.
func (w *work) listen(orders io.Reader) {
	in := bufio.NewScanner(orders)
	in.Buffer(nil, 1<<20) // an environment can be long
	for in.Scan() {
		order, operand, _ := strings.Cut(in.Text(), " ")
		switch order {
		case orderBusy:
			w.busy = true
		case orderIdle:
			w.busy = false
		case orderParent:
			if parent, err := strconv.Unquote(operand); err == nil && !slices.Contains(w.parents, parent) {
				w.parents = append(w.parents, parent)
			}
		case orderEngine:
			w.open(operand)
		case orderBegan:
			if group, err := strconv.Atoi(operand); err == nil && group > 1 {
				w.groups = append(w.groups, group)
			}
		case orderShared:
			w.shared = append(w.shared, operand)
		case orderWhole:
			w.whole = append(w.whole, operand)
		case orderStays:
			w.whole = slices.DeleteFunc(w.whole, func(run string) bool { return run == operand })
		case orderEnded:
			w.groups = slices.DeleteFunc(w.groups, func(group int) bool { return strconv.Itoa(group) == operand })
		}
	}
	// After a line that is too long, keep reading: the test has not ended.
	_, _ = io.Copy(io.Discard, orders)
}

// open opens an engine with the environment of the test's commands on it, which the
// operand has.
func (w *work) open(operand string) {
	environ, err := strconv.Unquote(operand)
	if err != nil {
		return
	}
	for one := range strings.SplitSeq(environ, "\x00") {
		if key, value, _ := strings.Cut(one, "="); key != "TMPDIR" { // the watchdog's is absolute
			_ = os.Setenv(key, value)
		}
	}
	if e, err := engine.Again(engine.Caller{Dir: sweep.NewDir("ssh")}); err == nil { // it could be opened in the test, too
		w.engines = append(w.engines, e)
		if Collects() {
			w.collecting.Go(func() { w.collect(e) })
		}
	}
}

func (w *work) removeDirs() {
	for _, parent := range w.parents {
		sweep.DirsOf(parent, w.run)
	}
}

// How long the watchdog works after the test's death.
const (
	patience = 15 * time.Minute // with an engine that does not answer: it may be restarting, or hang
	farewell = 30 * time.Second // the same, if nothing was left at its last answer
	oneTry   = time.Minute
	quiet    = 4  // consecutive looks that find nothing
	enough   = 80 // looks that the engine answers: what is left after that is in use by others
	pause    = 250 * time.Millisecond
)

// finish ends the docker commands of a dead process, and removes its objects until
// no more appear: the engine still completes requests that it got before.
func (w *work) finish(e *engine.Engine) {
	end := time.Now().Add(patience)
	var gone time.Time // when the engine was first seen to be gone for good
	for nothing, done, wait := 0, 0, pause; nothing < quiet && done < enough; time.Sleep(wait) {
		strays := w.endCommands()
		ctx, cancel := context.WithTimeout(context.Background(), oneTry)
		found, err := w.remove(ctx, e)
		cancel()
		var refused *sweep.RefusedError
		switch {
		case err != nil && !errors.As(err, &refused): // the engine is in trouble: try less and less often
			if gone = sweep.SinceGone(gone, e.Host(), time.Now()); !gone.IsZero() && end.After(gone.Add(sweep.Farewell)) {
				end = gone.Add(sweep.Farewell)
			}
			if time.Now().After(end) {
				return
			}
			wait = min(2*wait, 10*time.Second)
		case found == 0 && strays == 0:
			nothing, done, wait, end = nothing+1, done+1, pause, time.Now().Add(farewell)
		default:
			nothing, done, wait, end = 0, done+1, pause, time.Now().Add(patience)
		}
	}
}

// remove removes the present objects, once, and returns their number.
func (w *work) remove(ctx context.Context, e *engine.Engine) (found int, err error) {
	if w.busy {
		found, err = sweep.Run(ctx, e, w.run)
	}
	for _, run := range w.whole {
		n, wrong := sweep.Whole(ctx, e, run)
		found, err = found+n, errors.Join(err, wrong)
	}
	return found, err
}

// endCommands kills the docker commands of a run, and returns how many there were.
// A daemon that such a command started on purpose, in its own session (the agent of
// a credential store, say), is left alone, although it has the mark.
func (w *work) endCommands() int {
	strays := process.WithVariable(Mark(w.run), w.session)
	for _, pid := range strays {
		kill(pid)
	}
	return len(strays)
}

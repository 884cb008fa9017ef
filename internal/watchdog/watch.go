// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
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

// watch is the watchdog's life.
func watch(run string) {
	// The whole of the test's terminal or job may be told to end: we are needed
	// just then. SIGKILL still ends us; the next run or seatrial gc does the rest.
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
	for _, group := range w.groups { // where there is no /proc, we know of no others
		killGroup(group)
	}
	w.endCommands() // they may still write there
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

// outlast waits for the end of what this process shared with others.
func (w *work) outlast() {
	var all sync.WaitGroup
	for _, e := range w.engines {
		for _, run := range w.shared {
			all.Go(func() { sweep.CollectShared(e, run) })
		}
	}
	all.Wait()
}

// Collects reports whether this process may remove what dead ones left.
func Collects() bool { return os.Getenv(envNoCollect) == "" }

// collectAfter is when the watchdog looks for what others left: while an engine answers that, it
// makes the test's first container later.
const collectAfter = time.Second

// collect removes what others left on an engine: on the way, at nobody's cost, and before the
// watchdog ends.
func (w *work) collect(e *engine.Engine) {
	select {
	case <-time.After(collectAfter):
	case <-w.over:
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, _ = sweep.Dead(ctx, e, w.run, nil)
}

// work is what a watchdog would have to do now.
type work struct {
	run     string
	session string   // of the test's process
	busy    bool     // there is something to remove
	parents []string // of temporary directories
	engines []*engine.Engine
	groups  []int    // of processes that work for the test
	shared  []string // runs that others use, too
	whole   []string // runs of environments that end with the process

	over       chan struct{} // closed when the test's process is gone
	collecting sync.WaitGroup
}

// listen follows what the test's process says, until it is gone.
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
	// A line that is too long is not the end of the test.
	_, _ = io.Copy(io.Discard, orders)
}

// open opens an engine as the environment names it, which is made that of the
// test's commands on it.
func (w *work) open(operand string) {
	environ, err := strconv.Unquote(operand)
	if err != nil {
		return
	}
	for one := range strings.SplitSeq(environ, "\x00") {
		if key, value, _ := strings.Cut(one, "="); key != "TMPDIR" { // ours is absolute
			_ = os.Setenv(key, value)
		}
	}
	if e, err := engine.Again(engine.Caller{Dir: sweep.NewDir("ssh")}); err == nil { // as it did in the test
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

// How long the watchdog works on what a dead test left.
const (
	patience = 15 * time.Minute // with an engine that does not answer: it may be restarting, or hang
	farewell = 30 * time.Second // the same, if there was nothing left when it answered last, or it is gone for good
	oneTry   = time.Minute
	quiet    = 4  // looks in a row that find nothing
	enough   = 80 // looks that the engine answers: what is left then, somebody uses
	pause    = 250 * time.Millisecond
)

// finish ends the docker commands of a dead process, and removes its objects
// until none comes any more: the engine finishes what it was asked for before
// the asker died.
func (w *work) finish(e *engine.Engine) {
	end := time.Now().Add(patience)
	var gone time.Time // when it was first seen that the engine does not come back
	for nothing, done, wait := 0, 0, pause; nothing < quiet && done < enough; time.Sleep(wait) {
		strays := w.endCommands()
		ctx, cancel := context.WithTimeout(context.Background(), oneTry)
		found, err := w.remove(ctx, e)
		cancel()
		var refused *sweep.RefusedError
		switch {
		case err != nil && !errors.As(err, &refused): // the engine is in trouble: less and less often
			if gone = sinceGone(gone, e.Host(), time.Now()); !gone.IsZero() && end.After(gone.Add(farewell)) {
				end = gone.Add(farewell)
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

// sinceGone returns since when the directory of an engine's socket is gone, or zero if it is
// there: an engine that is restarted makes its socket again, but not the directory.
func sinceGone(since time.Time, host string, now time.Time) time.Time {
	socket, ok := strings.CutPrefix(host, "unix://")
	if !ok {
		return time.Time{}
	}
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, fs.ErrNotExist) {
		return time.Time{}
	}
	if since.IsZero() {
		return now
	}
	return since
}

// remove removes once what there is now, and returns how much that was.
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

// endCommands kills the docker commands of a run, and returns how many there
// were. What such a command left running on purpose, in a session of its own (the
// agent of a credential store, say), is not ours to end, though it has the mark.
func (w *work) endCommands() int {
	strays := process.WithVariable(Mark(w.run), w.session)
	for _, pid := range strays {
		kill(pid)
	}
	return len(strays)
}

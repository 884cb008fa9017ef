// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
)

func gcVerb() verb {
	f := &gcFlags{}
	return verb{name: "gc", also: []string{"prune", "clean"}, usage: "[OPTIONS]", short: "remove what killed tests have left", long: gcLong, options: f.define,
		run: func(ctx context.Context, c *call) int { return f.collect(ctx, c) }}
}

const gcLong = `Removes the containers, networks, volumes and images that tests made whose process
is gone, and their temporary directories. A test's own watchdog does so within
seconds; gc finds what even that missed, because the machine went down, say.

What belongs to a living test, to another user or to nobody of seatrial's is not
touched, and what is kept (SEATRIAL_KEEP) not before its time is over; nor is what
tests share, while one of them lives and as long as it is to stay warm. Images that
tests built stay: the next build is faster for them. One that was not used for
five days goes by itself, when a test builds something; --images does that now,
and nothing else. What failed tests left among the temporary files goes after five
days; what SEATRIAL_ARTIFACTS named stays.

Environments that seatrial up started stay until their time is over, also with --all:
seatrial down removes them before. One whose checkout is gone, though the directory
that it was in is there, goes with its data when nobody has used it for a day. What this
machine remembers of one that the engine does not have any more, or that was never
started to the end, goes, too: what is known of a start that failed after five days.

In a swarm each node has volumes of its own. gc looks at the engine that the docker
command would use, and at those that the environment variable SEATRIAL_SWARM names:
addresses of a manager and of other nodes, with blanks between them.

  --dry-run        say what would be removed, and why the rest stays
  --run ID         remove what is kept of this run, too; with --yes also what its
                   process, which lives or may live elsewhere, is using
  --images         remove built images that were not used for long, unless a
                   container was made from them
  --older D        with --images: how long; 5d, 12h or 0, by default 5d. Use is
                   counted in days (UTC), so that 0 also removes those of today
  --all --yes      remove all of this user's runs on this machine, what is kept and
                   what belongs to living tests too
  --format FORMAT  text or json

Exit code: 0 all that was to be removed is gone, 1 something is not, 2 wrong use.`

type gcFlags struct {
	dryRun, all, yes, images bool
	run, format              string
	older                    time.Duration
	given                    func(flag string) bool
}

func (f *gcFlags) define(set *pflag.FlagSet) {
	set.BoolVar(&f.dryRun, "dry-run", false, "")
	set.BoolVar(&f.all, "all", false, "")
	set.BoolVar(&f.yes, "yes", false, "")
	set.StringVar(&f.run, "run", "", "")
	set.BoolVar(&f.images, "images", false, "")
	f.older = sweep.Unused
	set.Func("older", "", func(text string) (err error) { f.older, err = parseAge(text); return err })
	set.StringVar(&f.format, "format", "text", "")
	f.given = set.Changed
}

// check returns an error if options contradict each other.
func (f *gcFlags) check() error {
	switch {
	case f.format != "text" && f.format != "json":
		return fmt.Errorf("unknown format %q: want text or json", f.format)
	case f.given("run") && !runID.MatchString(f.run):
		return fmt.Errorf("%q is not a run: it has eight characters, as the test's log and --dry-run show", f.run)
	case f.images && (f.all || f.yes || f.given("run")):
		return errors.New("--images goes only with --older, --dry-run and --format")
	case f.given("older") && !f.images:
		return errors.New("--older goes with --images")
	case f.yes && !f.all && f.run == "":
		return errors.New("--yes goes with --all or --run")
	case f.all && f.run != "":
		return errors.New("--all and --run exclude each other")
	case f.all && !f.yes && !f.dryRun:
		return errors.New("--all also removes what belongs to living tests: say --yes, or --dry-run to see it")
	}
	return nil
}

// runID is the form of owner.NewID.
var runID = regexp.MustCompile(`^[a-z2-7]{8}$`)

// collected is one object in the JSON output.
type collected struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	ID      string `json:"id,omitempty"`
	Run     string `json:"run,omitempty"`
	Test    string `json:"test,omitempty"`
	Remove  bool   `json:"remove"`  // it should be removed
	Removed bool   `json:"removed"` // it was removed
	Reason  string `json:"reason"`
}

func (f *gcFlags) collect(ctx context.Context, c *call) int {
	if code, wrong := c.none("gc"); wrong {
		return code
	}
	if err := f.check(); err != nil {
		return c.wrong("gc", err)
	}
	collect := collectAll
	if f.images {
		collect = collectImages
	}
	report, failed := collect(ctx, *f)
	var err error
	if f.format == "json" {
		err = printJSON(c.stdout, struct {
			Version int         `json:"version"`
			Objects []collected `json:"objects"`
		}{jsonVersion, report})
	} else {
		err = printCollected(c.stdout, *f, report, failed == nil)
	}
	if failed = errors.Join(failed, err); failed != nil {
		fmt.Fprintf(c.stderr, "seatrial gc: %v\n", failed)
		return exitNo
	}
	return exitYes
}

// removeLimit bounds the removal: an engine may hang.
const removeLimit = 5 * time.Minute

// collectAll collects on the engine and in the directory of temporary files, in the
// latter even if the engine does not answer.
func collectAll(ctx context.Context, f gcFlags) ([]collected, error) {
	report, failed := collectObjects(ctx, f)
	if f.run == "" {
		more, err := collectAbandoned(ctx, f)
		report, failed = append(report, more...), errors.Join(failed, err)
	}
	dirs := func(all []string, why string) {
		for _, dir := range all {
			one := collected{Kind: "directory", Name: dir, Run: f.run, Remove: true, Reason: why}
			if !f.dryRun {
				err := sweep.RemoveDir(dir)
				one.Removed = err == nil
				failed = errors.Join(failed, err)
			}
			report = append(report, one)
		}
	}
	dirs(sweep.DeadDirs(os.TempDir(), f.run), "its process is gone")
	if f.run == "" {
		dirs(sweep.OldDirs(os.TempDir(), time.Now().Add(-sweep.Unused)), "a failed test left it, five days ago or more")
	}
	return report, failed
}

// collectAbandoned collects environments whose checkout is gone, with their data.
func collectAbandoned(ctx context.Context, f gcFlags) (report []collected, failed error) {
	e, err := session.Standard.Connect(ctx)
	if err != nil {
		return nil, nil // collectObjects has reported that
	}
	forgotten, err := environment.Tidy(ctx, session.Standard, f.dryRun)
	if err != nil {
		failed = fmt.Errorf("forgetting environments that are gone: %w", err)
	}
	for _, o := range forgotten {
		report = append(report, collected{Kind: "directory", Name: o.Dir, Remove: true, Removed: o.Removed, Reason: o.Why})
	}
	all, err := environment.Abandoned(ctx, e)
	if err != nil {
		return report, errors.Join(failed, err)
	}
	for _, n := range all {
		one := collected{Kind: "environment", Name: n.Name, Run: n.Tuple.Run, Remove: true, Reason: "its checkout " + n.Checkout + " is gone"}
		if !f.dryRun {
			err := environment.Down(ctx, session.Standard, n, true, func(string, ...any) {})
			one.Removed = err == nil
			failed = errors.Join(failed, err)
		}
		report = append(report, one)
	}
	return report, failed
}

// collectObjects collects on the engine, and on the engines of the swarm that the
// environment names: only a node's own engine knows what services left there.
func collectObjects(ctx context.Context, f gcFlags) ([]collected, error) {
	report := []collected{}
	var failed error
	done := map[string]bool{}
	collect := func(e *engine.Engine, err error) {
		var part []collected
		if err == nil {
			part, err = collectOn(ctx, e, f, done)
			e.CloseIdle()
		}
		report, failed = append(report, part...), errors.Join(failed, err)
	}
	collect(engine.Find(ctx, engine.Caller{}))
	for _, named := range engine.SwarmEngines() {
		collect(engine.At(ctx, named, engine.Caller{}))
	}
	return report, failed
}

// collectOn collects on an engine. It skips engines and objects in done: every
// manager lists the objects of the swarm.
func collectOn(ctx context.Context, e *engine.Engine, f gcFlags, done map[string]bool) ([]collected, error) {
	ctx, cancel := context.WithTimeout(ctx, removeLimit)
	defer cancel()
	is, err := e.Facts(ctx)
	if err != nil || done[is.ID] {
		return nil, err
	}
	done[is.ID] = true
	found, err := sweep.Assess(ctx, e, f.run)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(o sweep.Found) bool {
		switch o.Kind {
		case owner.Service, owner.Secret, owner.Config, owner.Network:
			again := done[o.Kind+" "+o.ID]
			done[o.Kind+" "+o.ID] = true
			return again
		}
		return false
	})
	if err := f.mind(found); err != nil {
		return nil, err
	}
	return collect(ctx, e, f, found)
}

// collect removes the selected objects.
func collect(ctx context.Context, e *engine.Engine, f gcFlags, found []sweep.Found) ([]collected, error) {
	remove := slices.DeleteFunc(slices.Clone(found), func(o sweep.Found) bool { return !f.selects(o) })
	gone := map[string]bool{}
	var err error
	if !f.dryRun {
		err = sweep.Remove(ctx, e, remove, func(o sweep.Found, is bool) { gone[o.Kind+" "+o.Name] = is })
	}
	report := []collected{}
	for _, o := range found {
		is, said := gone[o.Kind+" "+o.Name]
		switch {
		case said && !is:
			o.Why = "a container uses it"
		case !said && !f.dryRun && f.selects(o):
			o.Why = "it could not be removed"
		case f.selects(o) && o.Verdict == owner.Living:
			o.Why = "as you asked, though " + o.Why
		}
		report = append(report, collected{o.Kind, o.Name, o.ID, o.Tuple.Run, o.Tuple.Test, f.selects(o), is, o.Why})
	}
	return report, err
}

// mind returns an error if everything of a run may be in use.
func (f gcFlags) mind(found []sweep.Found) error {
	if f.run == "" || f.yes || f.dryRun || slices.ContainsFunc(found, f.selects) {
		return nil
	}
	for _, o := range found {
		if o.Verdict == owner.Living {
			return fmt.Errorf("run %s may be using %s %s: %s\nhint: --yes removes it all the same", f.run, o.Kind, o.Name, o.Why)
		}
	}
	return nil
}

// selects reports whether to remove an object. Objects that are not ours are never
// removed; kept objects of a run are removed on request, even while its process
// lives.
func (f gcFlags) selects(o sweep.Found) bool {
	asked := f.run != "" && o.Tuple.Run == f.run
	switch {
	case o.Verdict == owner.NotOurs:
		return false
	case o.Verdict == owner.Dead:
		return true
	case f.all && o.Tuple.Environment() > 0: // seatrial down --all removes them
		return false
	case f.all:
		return o.Tuple.Process.Boot == process.Self().Boot
	case asked && o.Kind == owner.Record && !o.Tuple.Shared():
		return true
	}
	return asked && (o.Kept || f.yes)
}

func printJSON(w io.Writer, report any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(report)
}

// printCollected tells what became of each object. That there was nothing it says only if all was
// looked at.
func printCollected(w io.Writer, f gcFlags, report []collected, all bool) error {
	var err error
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format, args...)
		}
	}
	removed, left := 0, 0
	for _, o := range report {
		verb := "removed"
		switch {
		case o.Removed:
			removed++
		case o.Remove && f.dryRun:
			left++
			verb = "would remove"
		case o.Remove:
			left++
			verb = "left"
		case f.dryRun:
			verb = "would leave"
		default:
			continue
		}
		kind := o.Kind
		if kind == owner.Use {
			kind = "note of use" // docs/cleanup.md says what it is
		}
		line("%s %s %s%s: %s\n", verb, kind, o.Name, o.whose(), o.Reason)
	}
	switch {
	case removed == 0 && left == 0 && !all:
	case f.dryRun:
		line("%d to remove\n", left)
	case removed == 0 && left == 0:
		line("nothing to remove\n")
	default:
		line("%d removed\n", removed)
	}
	return err
}

// whose names the run and the test that made an object.
func (o collected) whose() string {
	switch {
	case o.Run == "":
		return ""
	case o.Test == "":
		return " (run " + o.Run + ")"
	}
	return fmt.Sprintf(" (run %s, %s)", o.Run, o.Test)
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
)

type downFlags struct {
	which
	volumes, all, gone, dry, quiet bool
	format                         format
}

func downVerb() verb {
	f := &downFlags{}
	return verb{name: "down", also: []string{"rm", "remove", "delete"}, usage: "[OPTIONS] [NAME]...", short: "remove the containers and networks of environments", complete: names,
		long: `Removes the containers and networks of this checkout's environment, or of those that
are named. Volumes stay for 14 days, and seatrial ls says so; -v removes them, too. It
needs no files: what belongs to an environment, the engine tells. Containers that write
to something that stays are stopped first, by their signal and in their time.

Exit code: 0 it is gone, or was not there, 1 it is another's, or something is left,
2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			f.which.define(set, true)
			set.BoolVarP(&f.volumes, "volumes", "v", false, "volumes, too, and all that is remembered")
			set.BoolVar(&f.all, "all", false, "all environments of yours on this machine")
			set.BoolVar(&f.gone, "gone", false, "those whose checkout is not there any more; their volumes, too")
			set.BoolVar(&f.dry, "dry-run", false, "say which, and remove nothing")
			set.BoolVarP(&f.quiet, "quiet", "q", false, "say nothing if all went well")
			f.format.define(set, "text", "json")
			set.Lookup("format").Usage = "with --dry-run: how to print it: `text` or json"
		},
		elsewhere: map[string]string{
			"remove-orphans": "all that belongs to the environment goes", "rmi": "seatrial gc --images removes built images that nobody uses",
			"timeout": "what writes to something that stays has the time that its stop_grace_period says; seatrial compose -- stop --timeout N stops it before",
		},
		run: f.run}
}

func (f *downFlags) run(ctx context.Context, c *call) int {
	if (f.all || f.gone) && (len(c.args) > 0 || f.name != "") || f.all && f.gone {
		return c.wrong("down", errors.New("use one of --all, --gone and names"))
	}
	if len(c.args) > 0 && f.name != "" {
		return c.wrong("down", errors.New("-n goes without further names"))
	}
	if err := f.format.check(); err != nil {
		return c.wrong("down", err)
	}
	if f.format.json() && !f.dry {
		return c.wrong("down", errors.New("--format json goes with --dry-run"))
	}
	e, err := session.Standard.Connect(ctx)
	if err != nil {
		return c.failed("down", err)
	}
	those, err := f.those(ctx, c, e)
	var unknown *environment.UnknownError
	if errors.As(err, &unknown) {
		switch forgot, failed := f.forget(ctx, c); {
		case failed != nil:
			return c.failed("down", failed)
		case forgot:
			return exitYes
		case len(c.args) == 0 && f.named(c) == "": // nothing to take down is success
			if !f.quiet {
				fmt.Fprintf(c.stderr, "nothing to remove: %v\n", err)
			}
			return exitYes
		}
	}
	if err != nil {
		return c.failed("down", err)
	}
	if f.dry {
		return f.show(c, those)
	}
	if len(those) == 1 {
		return f.one(ctx, c, e, those[0])
	}
	return f.several(ctx, c, e, those)
}

// forget removes what a start that failed has left on this machine, if the call selects one
// environment that is not there, and reports whether there was something.
func (f *downFlags) forget(ctx context.Context, c *call) (forgot bool, err error) {
	if !f.volumes || f.dry || len(c.args) > 1 {
		return false, nil
	}
	name := f.named(c)
	if len(c.args) == 1 {
		name = c.args[0]
	}
	if name == "" {
		at, err := f.at(c)
		if err != nil {
			return false, nil // what is known of it cannot be found either
		}
		name = at.Name()
	}
	if environment.CheckName(name) != nil {
		return false, nil
	}
	dir, err := environment.Forget(ctx, session.Standard, name, c.progress(f.quiet))
	if dir != "" && err == nil && !f.quiet {
		fmt.Fprintf(c.stderr, "removed %s, which a start that failed has left\n", dir)
	}
	return dir != "", err
}

// atOnce is how many environments are removed at the same time: more make an engine no
// faster.
const atOnce = 4

// several takes down environments at the same time, and prints the whole output of each when it
// is done.
func (f *downFlags) several(ctx context.Context, c *call, e *engine.Engine, those []*environment.Named) int {
	var mu sync.Mutex
	code := exitYes
	turns := make(chan struct{}, atOnce)
	_ = parallel.Do(those, func(n *environment.Named) error {
		turns <- struct{}{}
		defer func() { <-turns }()
		var said bytes.Buffer
		own := *c
		own.stderr = &said
		got := f.one(ctx, &own, e, n)
		mu.Lock()
		defer mu.Unlock()
		code = max(code, got)
		_, _ = said.WriteTo(c.stderr)
		return nil
	})
	return code
}

// one takes down an environment, and prints the result.
func (f *downFlags) one(ctx context.Context, c *call, e *engine.Engine, n *environment.Named) int {
	volumes := f.volumes || f.gone
	if err := environment.Down(ctx, session.Standard, n, volumes, func(format string, args ...any) { fmt.Fprintf(c.stderr, format+"\n", args...) }); err != nil {
		return c.failed("down", err)
	}
	is, err := environment.Get(ctx, e, n.Name)
	switch {
	case err != nil:
		return c.failed("down", err)
	case f.quiet:
	case is == nil:
		fmt.Fprintf(c.stderr, "%s is gone\n", n.Name)
	default:
		fmt.Fprintf(c.stderr, "%s is down; its volumes stay until %s\nhint: seatrial down %s -v removes them\n", n.Name, is.DataUntil.Local().Format(time.DateTime), n.Name)
	}
	return exitYes
}

// show prints what would be removed.
func (f *downFlags) show(c *call, those []*environment.Named) int {
	type one struct {
		Name  string `json:"name"`
		State string `json:"state"`
		Dir   string `json:"dir"`
	}
	all := []one{}
	for _, n := range those {
		all = append(all, one{n.Name, n.State(), n.Dir})
	}
	if f.format.json() {
		err := printJSON(c.stdout, struct {
			Version      int   `json:"version"`
			Environments []one `json:"environments"`
		}{jsonVersion, all})
		if err != nil {
			return c.failed("down", err)
		}
		return exitYes
	}
	for _, n := range all {
		fmt.Fprintf(c.stdout, "would remove %s (%s, of %s)\n", n.Name, n.State, n.Dir)
	}
	return exitYes
}

// those returns the environments that the call selects.
func (f *downFlags) those(ctx context.Context, c *call, e *engine.Engine) ([]*environment.Named, error) {
	switch {
	case f.all || f.gone:
		all, err := environment.List(ctx, e)
		if err != nil {
			return nil, err
		}
		var mine []*environment.Named
		for _, n := range all {
			if n.IsMine() && !n.IsNewer() && (f.all || n.IsGone()) {
				mine = append(mine, n)
			}
		}
		return mine, nil
	case len(c.args) > 0:
		var those []*environment.Named
		for _, name := range c.args {
			n, err := byName(ctx, e, name)
			if err != nil {
				return nil, err
			}
			those = append(those, n)
		}
		return those, nil
	}
	_, n, err := f.which.find(ctx, c)
	if err != nil {
		return nil, err
	}
	return []*environment.Named{n}, nil
}

func resetVerb() verb {
	w, quiet, f, timeout := &which{}, false, format{}, compose.UpLimit
	return verb{name: "reset", usage: "[OPTIONS] [NAME]", short: "start an environment anew, without its data", complete: names,
		long: `Removes this checkout's environment, or the one that is named, with its volumes, and
starts it again with the options of its last up. Its ports may be others then. The block of env --write is renewed.

Exit code: 0 it is ready, 1 it is not, there is none, or it is another's, 2 wrong use;
128 and the number of a signal that ended it.`,
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			set.BoolVarP(&quiet, "quiet", "q", false, "say nothing on the way")
			f.define(set, upFormats...)
			set.DurationVar(&timeout, "timeout", timeout, "for how long to try, builds and pulls included")
		},
		run: func(ctx context.Context, c *call) int {
			switch {
			case f.check() != nil:
				return c.wrong("reset", f.check())
			case timeout <= 0:
				return c.wrong("reset", errors.New("want a time to try that is above 0"))
			case len(c.args) > 1 || len(c.args) == 1 && w.name != "":
				return c.wrong("reset", errors.New("want one name"))
			case len(c.args) == 1:
				w.name = c.args[0]
			}
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			_, n, err := w.find(ctx, c)
			if err != nil {
				return c.failed("reset", err)
			}
			watch := c.watch(quiet, f.name)
			r, err := environment.Reset(ctx, session.Standard, n, watch.Show, watch.say)
			return c.tellUp(ctx, "reset", r, err, f.name, watch)
		}}
}

func keepVerb() verb {
	w, stay := &which{}, ""
	return verb{name: "keep", usage: "[OPTIONS] [NAME]", short: "have an environment stay for longer, or for shorter", complete: names,
		long: "Has this checkout's environment, or the one that is named, stay for so long after its\nlast use, beginning now. Exit code: 0 done, 1 there is none, or it is down or another's,\n2 wrong use.",
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			set.StringVar(&stay, "for", "", "how long: `1d`, 30m")
		},
		run: func(ctx context.Context, c *call) int {
			span, err := parseStay(stay)
			switch {
			case err != nil:
				return c.wrong("keep", err)
			case span == 0:
				return c.wrong("keep", errors.New("want --for and a time"))
			case len(c.args) > 1 || len(c.args) == 1 && w.name != "":
				return c.wrong("keep", errors.New("want one name"))
			case len(c.args) == 1:
				w.name = c.args[0]
			}
			e, n, err := w.find(ctx, c)
			if err == nil {
				err = n.Keep(ctx, e, span)
			}
			if err != nil {
				return c.failed("keep", err)
			}
			fmt.Fprintf(c.stderr, "%s stays until %s, and for %s after each use\n", n.Name, n.Until.Local().Format(time.DateTime), exact(span))
			return exitYes
		}}
}

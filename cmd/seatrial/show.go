// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/variables"
)

// table prints rows of cells in columns.
func table(w io.Writer, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return t.Flush()
}

// printRows prints the containers of an environment.
func (c *call) printRows(ctx context.Context, verb string, e *engine.Engine, n *environment.Named, format string) int {
	shown, err := shownOf(ctx, e, n)
	if err != nil {
		return c.failed(verb, err)
	}
	if format == "json" {
		err = printJSON(c.stdout, struct {
			Version int `json:"version"`
			shownRows
		}{jsonVersion, shown})
	} else {
		cells := [][]string{{"SERVICE", "STATE", "PORT", "ADDRESS"}}
		for _, r := range shown.Services {
			name := r.Service
			if r.Number > 1 {
				name += "-" + strconv.Itoa(r.Number)
			}
			if len(r.Ports) == 0 {
				cells = append(cells, []string{name, r.State})
			}
			for i, p := range r.Ports {
				if i > 0 {
					name, r.State = "", ""
				}
				cells = append(cells, []string{name, r.State, shownPort(p), "→ " + p.Address})
			}
		}
		err = table(c.stdout, cells)
	}
	if err != nil {
		return c.failed(verb, err)
	}
	return exitYes
}

// shownRows are the containers of an environment in JSON.
type shownRows struct {
	Name     string            `json:"name"`
	State    string            `json:"state"`
	Until    time.Time         `json:"until"`
	Services []environment.Row `json:"services"`
}

func shownOf(ctx context.Context, e *engine.Engine, n *environment.Named) (shownRows, error) {
	rows, err := n.Rows(ctx, e)
	if rows == nil {
		rows = []environment.Row{}
	}
	return shownRows{n.Name, n.State(), n.Until, rows}, err
}

func shownPort(p environment.RowPort) string {
	number := p.Number
	if number == 0 {
		number = p.Target
	}
	if p.Protocol == "tcp" {
		return strconv.Itoa(number)
	}
	return fmt.Sprintf("%d/%s", number, p.Protocol)
}

func psVerb() verb {
	w, f, quiet, names, all := &which{}, format{}, false, false, false
	return verb{name: "ps", also: []string{"status"}, usage: "[OPTIONS]", short: "show the services of an environment, and where their ports are reached",
		long: "Shows the containers of an environment, ended ones too, by the names and ports of the\nfiles. Exit code: 0 done, 1 there is no such environment, 2 wrong use.",
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			f.define(set, "table", "json")
			set.BoolVarP(&quiet, "quiet", "q", false, "ids of containers alone")
			set.BoolVar(&names, "services", false, "names of services alone")
			set.BoolVarP(&all, "all", "a", false, "accepted, as docker compose has it: ended ones are always shown")
		},
		elsewhere: map[string]string{"filter": "--format json tells all", "status": "--format json tells all", "no-trunc": "nothing is cut off", "orphans": "up removes them"},
		run: func(ctx context.Context, c *call) int {
			if code, wrong := c.none("ps"); wrong {
				return code
			}
			if err := f.check(); err != nil {
				return c.wrong("ps", err)
			}
			e, n, err := w.find(ctx, c)
			if err != nil {
				return c.failed("ps", err)
			}
			if !quiet && !names {
				return c.printRows(ctx, "ps", e, n, f.name)
			}
			rows, err := n.Rows(ctx, e)
			if err != nil {
				return c.failed("ps", err)
			}
			var said []string
			for _, r := range rows {
				word := r.ID
				if names {
					word = r.Service
				}
				if !slices.Contains(said, word) {
					said = append(said, word)
					fmt.Fprintln(c.stdout, word)
				}
			}
			return exitYes
		}}
}

// portFlags are those of the verbs that look up one port.
type portFlags struct {
	which
	format   format
	index    int
	protocol string
	scheme   string
}

func (f *portFlags) define(set *pflag.FlagSet) {
	f.which.define(set, true)
	f.format.define(set, "text", "json")
	set.IntVar(&f.index, "index", 1, "the `NUMBER` of the container, if there are several")
}

// print prints the address of a port, or its URL.
func (f *portFlags) print(ctx context.Context, verb string, c *call, text func(environment.RowPort) string) int {
	if err := f.format.check(); err != nil {
		return c.wrong(verb, err)
	}
	p, code := f.find(ctx, verb, c)
	if code != exitYes {
		return code
	}
	if !f.format.json() {
		fmt.Fprintln(c.stdout, text(p))
		return exitYes
	}
	url := f.url(p)
	if url == p.Address { // there is none
		url = ""
	}
	err := printJSON(c.stdout, struct {
		Version int    `json:"version"`
		Service string `json:"service"`
		environment.RowPort
		URL string `json:"url,omitempty"`
	}{jsonVersion, c.args[0], p, url})
	if err != nil {
		return c.failed(verb, err)
	}
	return exitYes
}

// url returns the URL of a TCP port.
func (f *portFlags) url(p environment.RowPort) string {
	if p.Protocol != "tcp" {
		return ""
	}
	if f.scheme != "" {
		return f.scheme + "://" + p.Address
	}
	return variables.URL(p.Target, p.Address)
}

func (f *portFlags) find(ctx context.Context, verb string, c *call) (p environment.RowPort, code int) {
	if f.index < 1 {
		return p, c.wrong(verb, errors.New("want an --index from 1 on"))
	}
	if len(c.args) < 1 || len(c.args) > 2 {
		return p, c.wrong(verb, fmt.Errorf("want SERVICE and perhaps PORT, not %d arguments", len(c.args)))
	}
	wanted := portnumber.Port{Protocol: f.protocol}
	if len(c.args) == 2 {
		said, err := portnumber.Parse(c.args[1])
		if err != nil {
			return p, c.wrong(verb, err)
		}
		if wanted.Number = said.Number; strings.Contains(c.args[1], "/") {
			wanted.Protocol = said.Protocol
		}
	}
	if !slices.Contains(portnumber.Protocols, wanted.Protocol) {
		return p, c.wrong(verb, fmt.Errorf("--protocol %q: want %s", wanted.Protocol, strings.Join(portnumber.Protocols, ", ")))
	}
	e, n, err := f.which.find(ctx, c)
	if err != nil {
		return p, c.failed(verb, err)
	}
	if !n.IsUp() {
		return p, c.failed(verb, fmt.Errorf("environment %s is down\nhint: seatrial up starts it", n.Name))
	}
	rows, err := n.Rows(ctx, e)
	if err == nil {
		p, err = environment.Find(rows, c.args[0], wanted, f.index)
	}
	if err != nil {
		return p, c.failed(verb, err)
	}
	if err := n.Touch(ctx, e); err != nil {
		fmt.Fprintf(c.stderr, "noting the use of %s: %v\n", n.Name, err)
	}
	return p, exitYes
}

func portVerb() verb {
	f := &portFlags{}
	return verb{name: "port", usage: "[OPTIONS] SERVICE [PORT]", short: "print where a port of a service is reached", complete: services,
		long: "Prints host:port. PORT is the number in the files or that of the container, 53/udp one of\nUDP; a service that publishes one alone needs none. Exit code: 0 done, 1 it is not published, 2 wrong\nuse.",
		options: func(set *pflag.FlagSet) {
			f.define(set)
			set.StringVar(&f.protocol, "protocol", "tcp", "`tcp`, udp or sctp")
		},
		run: func(ctx context.Context, c *call) int {
			return f.print(ctx, "port", c, func(p environment.RowPort) string { return p.Address })
		}}
}

func urlVerb() verb {
	f := &portFlags{protocol: "tcp"}
	return verb{name: "url", usage: "[OPTIONS] SERVICE [PORT]", short: "print the URL of a port of a service", complete: services,
		long: `Prints http://host:port, or, for well-known ports of a container, the scheme that goes
with them: https for 443 and 8443, postgres for 5432, mysql for 3306, redis for 6379,
mongodb for 27017, amqp for 5672 and so on, without a user or a database; host:port
alone for what has no URLs, such as Kafka on 9092. Nothing is asked of the port. PORT is
the number in the files or that of the container; a service that publishes one alone
needs none. Exit code: 0 done, 1 it is not published, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			f.define(set)
			set.StringVar(&f.scheme, "scheme", "", "what to write before ://")
		},
		run: func(ctx context.Context, c *call) int {
			return f.print(ctx, "url", c, f.url)
		}}
}

func envVerb() verb {
	w, format, prefix, toFile, force := &which{}, "sh", "", false, false
	return verb{name: "env", usage: "[OPTIONS] [FILE]", short: "print the addresses of an environment as variables",
		long: `Prints, for each service and port of the files that is published, WEB_HOST,
WEB_TCP_8080, WEB_UDP_53 and WEB_URL_8080, and SEATRIAL_NAME; of the second container
of a service WEB_2_HOST and so on. A port goes by its number in the files and by that
in the container. A service whose variables mean something else to programs (docker,
git) has SEATRIAL_SVC_ before its name; with --env-prefix all have that, and none needs
another. Names that two ports would have are left out, and named on stderr, as are
services that publish a port and do not run.

  eval "$(seatrial env)"
  seatrial env --format github >> "$GITHUB_ENV"

With --write it puts a block into FILE, by default the .env of the project directory, so
that plain docker compose, and what calls it, works there on this environment: with its
name, its files, the overrides after them, its leased ports, and the variables that up
was given, with their values. up makes the block anew, seatrial down removes it, and
seatrial itself reads past it. A file that git tracks, or a link, is refused.

Exit code: 0 done, 1 there is no such environment, or it is down, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			set.StringVar(&format, "format", "sh", "`FORMAT`: "+strings.Join(variables.Formats, ", "))
			set.StringVar(&prefix, "env-prefix", "", "what the names of addresses begin with: `TEXT`")
			set.BoolVar(&toFile, "write", false, "write a block into FILE that leads plain docker compose here")
			set.BoolVar(&force, "force", false, "with --write: also where it cannot be told whether git tracks FILE")
		},
		run: func(ctx context.Context, c *call) int {
			switch {
			case toFile && len(c.args) > 1:
				return c.wrong("env", errors.New("want one FILE"))
			case !toFile && len(c.args) > 0:
				return c.wrong("env", fmt.Errorf("unexpected argument %q: a FILE goes with --write", c.args[0]))
			case !toFile && force:
				return c.wrong("env", errors.New("--force goes with --write"))
			}
			if _, err := variables.Format(nil, format); err != nil {
				return c.wrong("env", err)
			}
			if err := variables.CheckPrefix(prefix); err != nil {
				return c.wrong("env", fmt.Errorf("--env-prefix: %w", err))
			}
			e, n, err := w.find(ctx, c)
			if err == nil && !n.IsUp() {
				err = fmt.Errorf("environment %s is down\nhint: seatrial up starts it", n.Name)
			}
			if err == nil && toFile {
				err = forKind(n, "env --write")
			}
			if err != nil {
				return c.failed("env", err)
			}
			if toFile {
				return c.writeEnv(ctx, n, force)
			}
			rows, err := n.Rows(ctx, e)
			if err != nil {
				return c.failed("env", err)
			}
			all := c.addresses(n, rows, prefix)
			text, err := variables.Format(append([]variables.Variable{{Name: "SEATRIAL_NAME", Value: n.Name}}, all...), format)
			if err != nil {
				return c.failed("env", err)
			}
			if err := n.Touch(ctx, e); err != nil {
				fmt.Fprintf(c.stderr, "noting the use of %s: %v\n", n.Name, err)
			}
			fmt.Fprint(c.stdout, text)
			return exitYes
		}}
}

// addresses returns the variables for containers, and reports those that are left out.
func (c *call) addresses(n *environment.Named, rows []environment.Row, prefix string) []variables.Variable {
	var ports []variables.Port
	for _, r := range rows {
		for _, p := range r.Ports {
			ports = append(ports, variables.Port{Service: r.Service, Replica: r.Number, Number: p.Number, Target: p.Target, Protocol: p.Protocol, Address: p.Address})
		}
	}
	all, collide := variables.Of(ports, prefix)
	if len(collide) > 0 {
		fmt.Fprintf(c.stderr, "left out, since several ports would have the name: %s\n", strings.Join(collide, ", "))
	}
	for _, r := range n.Silent(rows) {
		fmt.Fprintf(c.stderr, "warning: %s… are not set: %s does not run: %s\n", variables.Prefix(prefix, r.Service, r.Number), r.Service, r.WhyNot())
	}
	return all
}

// writeEnv writes the block that leads plain docker compose to an environment.
func (c *call) writeEnv(ctx context.Context, n *environment.Named, force bool) int {
	file := filepath.Join(n.Dir, ".env")
	if len(c.args) == 1 {
		var err error
		if file, err = filepath.Abs(c.args[0]); err != nil {
			return c.failed("env", err)
		}
	}
	if err := environment.WriteEnv(ctx, session.Standard, n, file, force, c.progress(false)); err != nil {
		return c.failed("env", err)
	}
	if file == filepath.Join(n.Dir, ".env") {
		fmt.Fprintf(c.stderr, "wrote %s: docker compose in %s works on %s\n", file, n.Dir, n.Name)
	} else {
		fmt.Fprintf(c.stderr, "wrote %s: docker compose --env-file %s in %s works on %s\n", file, file, n.Dir, n.Name)
	}
	return exitYes
}

// listedEnvironment is one in the JSON of ls.
type listedEnvironment struct {
	Name      string            `json:"name"`
	State     string            `json:"state"`
	Mine      bool              `json:"mine"`
	Shared    bool              `json:"shared"` // started by tests
	Stack     bool              `json:"stack"`
	Version   int               `json:"version"`
	Dir       string            `json:"dir,omitempty"`
	Checkout  string            `json:"checkout,omitempty"`
	Branch    string            `json:"branch,omitempty"`
	Gone      bool              `json:"gone"` // the checkout is
	Files     []string          `json:"files,omitempty"`
	Created   time.Time         `json:"created,omitzero"`
	Used      time.Time         `json:"used,omitzero"`
	Command   bool              `json:"command"` // it goes with that of a seatrial run
	Until     time.Time         `json:"until,omitzero"`
	DataUntil time.Time         `json:"dataUntil,omitzero"`
	Services  []environment.Row `json:"services"`
}

func lsVerb() verb {
	f, quiet, verbose := format{}, false, false
	return verb{name: "ls", also: []string{"list"}, usage: "[OPTIONS]", short: "list the environments of the engine",
		long: `Lists the environments of all users of the engine, and what tests share: with where
they come from, how they are, until when they stay, and where they are reached. Only
its owner can change one. A checkout that is gone has (gone) behind it: seatrial down
--gone removes its environment.

Exit code: 0 done, 1 the engine does not answer, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			f.define(set, "table", "json")
			set.BoolVarP(&quiet, "quiet", "q", false, "names alone")
			set.BoolVarP(&verbose, "verbose", "v", false, "files and remembered options, too")
		},
		elsewhere: map[string]string{"all": "all are always listed", "filter": "--format json tells all"},
		run: func(ctx context.Context, c *call) int {
			if code, wrong := c.none("ls"); wrong {
				return code
			}
			if err := f.check(); err != nil {
				return c.wrong("ls", err)
			}
			e, err := session.Standard.Connect(ctx)
			if err != nil {
				return c.failed("ls", err)
			}
			all, err := environment.List(ctx, e)
			if err != nil {
				return c.failed("ls", err)
			}
			listed := make([]listedEnvironment, 0, len(all))
			for _, n := range all {
				one, err := describe(ctx, e, n)
				if err != nil {
					return c.failed("ls", err)
				}
				listed = append(listed, one)
			}
			switch {
			case quiet:
				for _, l := range listed {
					fmt.Fprintln(c.stdout, l.Name)
				}
			case f.json():
				err = printJSON(c.stdout, struct {
					Version      int                 `json:"version"`
					Environments []listedEnvironment `json:"environments"`
				}{jsonVersion, listed})
			default:
				err = c.printList(ctx, listed, all, verbose)
			}
			if err != nil {
				return c.failed("ls", err)
			}
			return exitYes
		}}
}

func describe(ctx context.Context, e *engine.Engine, n *environment.Named) (listedEnvironment, error) {
	rows, err := n.Rows(ctx, e)
	l := listedEnvironment{Name: n.Name, State: n.State(), Mine: n.IsMine(), Shared: n.Library, Stack: n.Stack, Version: n.Tuple.Environment(), Dir: n.Dir, Checkout: n.Checkout,
		Gone: n.IsGone(), Files: n.Files, Created: n.Created, Used: n.Used, Command: n.HasCommand(), Until: n.Until, DataUntil: n.DataUntil, Services: rows}
	if rows == nil {
		l.Services = []environment.Row{}
	}
	if l.Mine && !l.Gone {
		l.Branch = checkout.Branch(n.Checkout)
	}
	return l, err
}

func (c *call) printList(ctx context.Context, listed []listedEnvironment, all []*environment.Named, verbose bool) error {
	cells := [][]string{{"NAME", "STATE", "CHECKOUT", "BRANCH", "AGE", "ENDS", "ADDRESSES"}}
	for i, l := range listed {
		from := l.Dir
		if l.Stack {
			from += " (stack)"
		}
		switch {
		case l.Shared:
			from = "(tests share it)"
		case all[i].IsNewer():
			from += " (of a newer seatrial)"
		case !l.Mine:
			from += " (another's)"
		case l.Gone:
			from += " (gone)"
		}
		var addresses []string
		for _, r := range l.Services {
			for _, p := range r.Ports {
				addresses = append(addresses, fmt.Sprintf("%s:%s→%s", r.Service, shownPort(p), p.Address))
			}
		}
		if most := 3; len(addresses) > most && !verbose {
			addresses = append(addresses[:most], "…")
		}
		cells = append(cells, []string{l.Name, l.State, strings.TrimSpace(from), l.Branch, since(l.Created), l.ends(), strings.Join(addresses, " ")})
	}
	if !verbose {
		var b strings.Builder
		if err := table(&b, cells); err != nil {
			return err
		}
		_, err := io.WriteString(c.stdout, fit(b.String(), widthOf(c.stdout)))
		return err
	}
	if err := table(c.stdout, cells); err != nil {
		return err
	}
	for i, l := range listed {
		if l.Shared {
			continue
		}
		fmt.Fprintf(c.stdout, "\n%s\n  files: %s\n", l.Name, strings.Join(l.Files, ", "))
		m, err := environment.Recall(ctx, session.Standard, all[i])
		if err != nil || m == nil {
			continue
		}
		options := m.Options()
		if all[i].Copies {
			options = append(options, "--mounts copy")
		}
		if all[i].Stay != environment.StayStandard {
			options = append(options, "--for "+exact(all[i].Stay))
		}
		if len(options) > 0 {
			fmt.Fprintf(c.stdout, "  options: %s\n", strings.Join(options, " "))
		}
	}
	return nil
}

// ends says when it goes.
func (l listedEnvironment) ends() string {
	switch {
	case l.Command:
		return "with its command"
	case len(l.Services) == 0:
		return in(l.DataUntil)
	}
	return in(l.Until)
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return brief(time.Since(t))
}

func in(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	left := time.Until(t)
	if left < 0 {
		return "now"
	}
	unit := time.Minute // rounded, so that the time that was just given is the one that is shown
	switch {
	case left >= 48*time.Hour:
		unit = 24 * time.Hour
	case left >= time.Hour:
		unit = time.Hour
	}
	return "in " + brief(left.Round(unit))
}

// exact formats a duration as options take it: 90m, 8h, 3d.
func exact(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// brief formats a duration in its largest unit.
func brief(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(max(d, 0).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d.Hours()/24))
}

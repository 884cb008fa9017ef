// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/child"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/variables"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// command runs the command on an environment, and marks the environment as in use
// meanwhile.
func (f *runFlags) command(ctx context.Context, c *call, e *engine.Engine, n *environment.Named, dir *artifact.Dir) int {
	rows, err := n.Rows(ctx, e)
	var env []string
	if err == nil {
		env, err = f.environ(ctx, c, n, rows, dir)
	}
	if err != nil {
		return f.environmentFailed(ctx, c, dir, err)
	}
	for _, name := range addressFiles { // they are valid only during this call
		defer os.Remove(filepath.Join(dir.Path(), name))
	}
	mark := watchdog.Mark(session.Run) // the watchdog ends processes that have this mark
	used, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	go touch(used, e, n)
	code, err := child.Command{
		Args: c.args, Environ: append(env, mark), In: c.stdin, Out: c.stdout, Err: c.stderr, Grace: f.grace,
		Began: func(group int) { session.TellWatchdog(func(d *watchdog.Client) { d.Began(group) }) },
		Ended: func(group int) { session.TellWatchdog(func(d *watchdog.Client) { d.Ended(group) }) },
		Kill:  func() { endMarked(mark) },
	}.Run(ctx)
	switch {
	case err != nil && code == 0:
		return f.environmentFailed(ctx, c, dir, fmt.Errorf("interrupted before the command was run: %w", err))
	case err != nil:
		fmt.Fprintf(c.stderr, "seatrial run: %v\n", err)
		noteFailure(dir, err.Error())
	case code != exitYes:
		noteFailure(dir, fmt.Sprintf("%s exited with code %d", shellLine(c.args), code))
	}
	return code
}

// shellLine shows a command as one would type it, on one line, and not all of a long one.
func shellLine(args []string) string {
	const most = 200
	var words []string
	for _, word := range args {
		if word == "" || strings.ContainsFunc(word, isSpecial) {
			word = "'" + strings.ReplaceAll(strings.Join(strings.Fields(word), " "), "'", `'\''`) + "'"
		}
		words = append(words, word)
	}
	line := []rune(strings.Join(words, " "))
	if len(line) > most {
		return string(line[:most]) + " …"
	}
	return string(line)
}

// isSpecial reports whether a shell may make something else of a character.
func isSpecial(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:=,@%+", r)
}

// endMarked ends the processes of this session whose environment has the mark.
func endMarked(mark string) {
	for _, pid := range process.WithVariable(mark, process.Session()) {
		if p, err := os.FindProcess(pid); err == nil && pid != os.Getpid() {
			_ = p.Kill()
		}
	}
}

// addressFiles have the same addresses as the variables.
var addressFiles = []string{"seatrial.env", "seatrial.json"}

// expand returns the variables of -e with their addresses filled in.
func (f *runFlags) expand(rows []environment.Row) (map[string]string, error) {
	all := map[string]string{}
	for _, v := range f.set {
		name, value, _ := strings.Cut(v, "=")
		hint := ""
		var err error
		all[name], err = variables.Expand(value, func(r variables.Reference) (string, int, error) {
			p, err := environment.Find(rows, r.Service, portnumber.Port{Number: r.Number, Protocol: r.Protocol}, 1)
			if err != nil && f.in == "" && slices.ContainsFunc(rows, func(row environment.Row) bool { return row.Service == r.Service }) {
				hint = "\nhint: --publish SERVICE=PORT publishes a port"
			}
			return p.Address, p.Target, err
		})
		if err != nil {
			return nil, fmt.Errorf("-e %s: %w%s", name, err, hint)
		}
	}
	return all, nil
}

// environ returns the environment of the command: that of this process, the addresses,
// and the variables of -e.
func (f *runFlags) environ(ctx context.Context, c *call, n *environment.Named, rows []environment.Row, dir *artifact.Dir) ([]string, error) {
	addresses := c.addresses(n, rows, f.prefix)
	all := environ.Map(c.environ)
	if f.composeEnv {
		plain, err := environment.PlainVariables(ctx, session.Standard, n)
		if err != nil {
			return nil, fmt.Errorf("--compose-env: %w", err)
		}
		maps.Copy(all, plain)
	}
	for _, v := range addresses {
		all[v.Name] = v.Value
	}
	set, err := f.expand(rows)
	if err != nil {
		return nil, err
	}
	maps.Copy(all, set)
	ours := []variables.Variable{{Name: "SEATRIAL_NAME", Value: n.Name}, {Name: "SEATRIAL_ARTIFACTS", Value: dir.Path()}}
	for _, file := range []struct{ variable, name, format string }{{"SEATRIAL_ENV_FILE", addressFiles[0], "dotenv"}, {"SEATRIAL_JSON", addressFiles[1], "json"}} {
		text, err := variables.Format(append(slices.Clone(ours[:2]), addresses...), file.format)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir.Path(), file.name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
		ours = append(ours, variables.Variable{Name: file.variable, Value: path})
	}
	for _, v := range ours {
		all[v.Name] = v.Value
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+"="+all[name])
	}
	return list, nil
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/tailor"
)

const initLong = `Writes .seatrial.yaml beside the Compose file of this directory: each problem for which
the project is refused, with all that settles it in comments. Where something settles it
that does no harm, as a network or a volume for each copy, it is filled in; the others
are for you to decide. Then it prints what it wrote. No engine is needed.

Where the file is there already, all answers and comments in it stay, and what is asked
beyond them is added: to the section of its key, or at the end. Then what was added is
printed. --force writes the file anew, and keeps the old one as .seatrial.yaml.old.

up, run, update, reset, plan and tailor read the file, and a test that names it. Its keys
are what options of up say (env, profiles, images, standIns, networks, volumes, secrets,
configs, paths, builds, replace, publish, ports, keepPorts, portReferences, allow, lock,
isolate), and stablePorts, copyLimit, copyMounts. Names of files are relative to its
directory. Options win over it. It is meant to be checked in.

Exit code: 0 it was written, or there is nothing to add, 1 the files cannot be read, or
nothing can be added to one of this form, 2 wrong use.`

type initFlags struct {
	projectFlags
	force bool
}

func initVerb() verb {
	f := &initFlags{}
	f.mounts = "keep"
	return verb{name: "init", usage: "[OPTIONS]", short: "write .seatrial.yaml, with the answers to what is refused", long: initLong,
		options: func(set *pflag.FlagSet) {
			f.defineFiles(set, "a Compose `FILE`; may be repeated", "what relative paths refer to: `DIR`")
			set.BoolVar(&f.force, "force", false, "write it anew if there is one, and keep that as .seatrial.yaml.old")
		},
		run: f.run}
}

func (f *initFlags) run(ctx context.Context, c *call) int {
	if code, wrong := c.noneButOptions("init"); wrong {
		return code
	}
	at, err := f.at(c)
	if err != nil {
		return c.failed("init", err)
	}
	dir := at.Files[0]
	if !hostpath.IsDir(dir) {
		dir = filepath.Dir(dir)
	}
	name, old := filepath.Join(dir, answers.Name), answers.Beside(at.Files[0])
	said := old
	if f.force {
		said = ""
	}
	_, err = f.planOf(ctx, c, at, said)
	var refused *tailor.RefusedError
	switch {
	case err == nil && said != "":
		fmt.Fprintf(c.stderr, "nothing to add to %s: nothing is refused\n", name)
		return exitYes
	case err == nil:
		fmt.Fprintln(c.stderr, "nothing is refused, and nothing was written")
		return exitYes
	case !errors.As(err, &refused):
		return c.failed("init", err)
	}
	var questions []answers.Question
	for _, finding := range refused.Findings {
		if finding.OfSpec() { // which is no question, but a mistake in the file
			fmt.Fprintln(c.stderr, finding.CommandString())
			continue
		}
		questions = append(questions, question(finding, dir))
	}
	if said != "" {
		return addTo(c, name, questions)
	}
	kept := ""
	if old != "" {
		if kept, err = setAside(name); err != nil {
			return c.failed("init", fmt.Errorf("keeping %s: %w", name, err))
		}
	}
	content := answers.Write(questions)
	if err := write(name, content); err != nil {
		return c.failed("init", fmt.Errorf("writing %s: %w", name, err))
	}
	if _, err := c.stdout.Write(content); err != nil {
		return c.failed("init", err)
	}
	fmt.Fprintf(c.stderr, "wrote %s\n", name)
	if kept != "" {
		fmt.Fprintf(c.stderr, "what was there is now %s\n", kept)
	}
	sayLeft(c, answers.Left(questions))
	return exitYes
}

// sayLeft says how many questions in the file are for people to answer.
func sayLeft(c *call, left int) {
	switch left {
	case 0:
		fmt.Fprintln(c.stderr, "look at it; seatrial plan says what comes of it")
	case 1:
		fmt.Fprintln(c.stderr, "one question in it is for you to answer; seatrial plan says what is left")
	default:
		fmt.Fprintf(c.stderr, "%d questions in it are for you to answer; seatrial plan says what is left\n", left)
	}
}

// addTo adds to a file the questions that are not in it, and prints them.
func addTo(c *call, name string, questions []answers.Question) int {
	name = hostpath.Resolved(name) // a link stays one
	old, err := os.ReadFile(name)
	if err != nil {
		return c.failed("init", err)
	}
	var fresh []answers.Question
	for _, q := range questions {
		if !answers.Asked(old, q) {
			fresh = append(fresh, q)
		}
	}
	left := answers.Left(questions)
	if len(fresh) == 0 {
		fmt.Fprintf(c.stderr, "nothing to add to %s\n", name)
		sayLeft(c, left)
		return exitYes
	}
	content, err := answers.Add(old, fresh)
	if err != nil {
		return c.failed("init", fmt.Errorf("adding to %s: %w\nhint: add by hand what seatrial plan says; --force writes the file anew, and keeps this one beside it", name, err))
	}
	if err := hostpath.Replace(name, content, 0o644); err != nil {
		return c.failed("init", fmt.Errorf("writing %s: %w", name, err))
	}
	if _, err := c.stdout.Write(answers.Sections(fresh)); err != nil {
		return c.failed("init", err)
	}
	added := "one question"
	if len(fresh) > 1 {
		added = fmt.Sprintf("%d questions", len(fresh))
	}
	fmt.Fprintf(c.stderr, "added %s to %s, and kept what was there\n", added, name)
	sayLeft(c, left)
	return exitYes
}

// setAside gives a file, or a link to one, another name beside it, and returns that.
func setAside(name string) (string, error) {
	kept := name + ".old"
	for i := 2; ; i++ {
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			return kept, os.Rename(name, kept)
		}
		kept = fmt.Sprintf("%s.old%d", name, i)
	}
}

// question makes a question of a refusal. File names become relative to the directory
// of the answers, as that file is used on other machines, too.
func question(f tailor.Finding, dir string) answers.Question {
	if rel, err := filepath.Rel(dir, f.File); err == nil && filepath.IsAbs(f.File) {
		f.File = rel
	}
	ways := f.Fixes
	f.Fixes = nil
	q := answers.Question{What: f.String()}
	for _, w := range ways {
		q.Ways = append(q.Ways, answers.Way(w))
	}
	return q
}

// write writes a new file.
func write(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return errors.New("it is there already")
	}
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

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

up, run, update, reset, plan and tailor read the file, and a test that names it. Its keys
are what options of up say (env, profiles, images, networks, volumes, secrets, configs,
paths, builds, replace, publish, ports, keepPorts, portReferences, allow, lock, isolate),
and stablePorts, copyLimit, copyMounts. Names of files are relative to its directory.
Options win over it. It is meant to be checked in.

Exit code: 0 it was written, or nothing is refused, 1 it is there already, or the files
cannot be read, 2 wrong use.`

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
			set.BoolVar(&f.force, "force", false, "write it anew if there is one")
		},
		run: f.run}
}

func (f *initFlags) run(ctx context.Context, c *call) int {
	if code, wrong := c.none("init"); wrong {
		return code
	}
	at, err := f.at(c)
	if err != nil {
		return c.failed("init", err)
	}
	if old := answers.Beside(at.Files[0]); old != "" && !f.force {
		return c.failed("init", fmt.Errorf("%s is there already\nhint: seatrial plan says what it lacks; --force writes it anew", old))
	}
	dir := at.Files[0]
	if !hostpath.IsDir(dir) {
		dir = filepath.Dir(dir)
	}
	_, err = f.planOf(ctx, c, at, "")
	var refused *tailor.RefusedError
	switch {
	case err == nil:
		fmt.Fprintln(c.stderr, "nothing is refused, and nothing was written")
		return exitYes
	case !errors.As(err, &refused):
		return c.failed("init", err)
	}
	var questions []answers.Question
	for _, finding := range refused.Findings {
		questions = append(questions, question(finding, dir))
	}
	name, content := filepath.Join(dir, answers.Name), answers.Write(questions)
	if err := write(name, content, f.force); err != nil {
		return c.failed("init", fmt.Errorf("writing %s: %w", name, err))
	}
	if _, err := c.stdout.Write(content); err != nil {
		return c.failed("init", err)
	}
	fmt.Fprintf(c.stderr, "wrote %s\n", name)
	switch left := answers.Left(questions); left {
	case 0:
		fmt.Fprintln(c.stderr, "look at it; seatrial plan says what comes of it")
	case 1:
		fmt.Fprintln(c.stderr, "one question in it is for you to answer; seatrial plan says what is left")
	default:
		fmt.Fprintf(c.stderr, "%d questions in it are for you to answer; seatrial plan says what is left\n", left)
	}
	return exitYes
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

// write writes a new file, or with force replaces one atomically.
func write(name string, content []byte, force bool) error {
	if !force {
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
	return hostpath.Replace(name, content, 0o644)
}

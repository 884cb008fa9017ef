// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/meant"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// which has the options that select the environment of a verb.
type which struct {
	name       string
	files      []string
	stackFiles []string
	dir        string
}

// define defines the options. If docker compose's verb has another -n, only the long
// option is defined.
func (w *which) define(set *pflag.FlagSet, short bool) {
	letter := ""
	if short {
		letter = "n"
	}
	set.StringVarP(&w.name, "name", letter, "", "the environment `NAME`; by default SEATRIAL_NAME, then that of this checkout")
	w.defineFiles(set, "a Compose `FILE`, by which this checkout's is found", "the project's `DIR`ectory, by which it is found")
}

// defineFiles defines the options that locate the project.
func (w *which) defineFiles(set *pflag.FlagSet, file, dir string) {
	set.StringArrayVarP(&w.files, "file", "f", nil, file)
	set.StringArrayVarP(&w.stackFiles, "compose-file", "c", nil, strings.Replace(file, "Compose", "stack", 1))
	set.StringVar(&w.dir, "project-directory", "", dir)
}

// at finds the project that the options, or the working directory, name.
func (w *which) at(c *call) (checkout.Place, error) {
	working, err := os.Getwd()
	if err != nil {
		return checkout.Place{}, err
	}
	return checkout.Find(working, slices.Concat(w.files, w.stackFiles), w.dir, environ.Map(c.environ))
}

// named returns the name that the options or the shell give.
func (w *which) named(c *call) string {
	if w.name != "" {
		return w.name
	}
	return environ.Map(c.environ)["SEATRIAL_NAME"]
}

// find finds the environment.
func (w *which) find(ctx context.Context, c *call) (*engine.Engine, *environment.Named, error) {
	e, err := session.Standard.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	if name := w.named(c); name != "" {
		n, err := byName(ctx, e, name)
		if err == nil && w.name == "" {
			err = w.checkMeant(c, n)
		}
		return e, n, err
	}
	at, err := w.at(c)
	var missing *checkout.NotFoundError
	if errors.As(err, &missing) && len(w.files)+len(w.stackFiles) == 0 && w.dir == "" { // it may be a stack, whose files may have any name
		if working, gone := os.Getwd(); gone == nil {
			at, err = stackOf(ctx, e, working, err)
		}
	}
	if err != nil {
		return nil, nil, err
	}
	n, err := environment.Get(ctx, e, at.Name())
	if n != nil || err != nil {
		return e, n, err
	}
	all, err := environment.List(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	all = slices.DeleteFunc(all, func(n *environment.Named) bool { return !n.IsMine() || n.Dir != at.Dir })
	switch len(all) {
	case 0:
		return nil, nil, &environment.UnknownError{Text: fmt.Sprintf("%s has no environment\nhint: seatrial up starts one, seatrial ls lists those of others", at.Dir)}
	case 1:
		return e, all[0], nil
	}
	var names []string
	for _, n := range all {
		names = append(names, n.Name)
	}
	return nil, nil, &environment.UnknownError{Text: fmt.Sprintf("%s has several environments: %s\nhint: --name says which", at.Dir, strings.Join(names, ", "))}
}

// checkMeant refuses an environment of another checkout if its name comes from a variable of
// the shell, which may have been set there. Only a command under seatrial run may be in another
// directory.
func (w *which) checkMeant(c *call, n *environment.Named) error {
	if environ.Map(c.environ)["SEATRIAL_ENV_FILE"] != "" || n.Checkout == "" {
		return nil
	}
	at, err := w.at(c)
	if err != nil || at.Checkout == n.Checkout { // an error means that this is no project's directory
		return nil
	}
	return fmt.Errorf("SEATRIAL_NAME is %s, which is that of %s, and this is %s\nhint: --name %s says that it is meant; without SEATRIAL_NAME this checkout's is", n.Name, n.Checkout, at.Checkout, n.Name)
}

// stackOf returns the place of a stack that was started in a directory or the nearest one above
// it; if there is none, it returns the error none.
func stackOf(ctx context.Context, e *engine.Engine, dir string, none error) (checkout.Place, error) {
	all, err := environment.List(ctx, e)
	if err != nil {
		return checkout.Place{}, err
	}
	for at := hostpath.Resolved(dir); ; at = filepath.Dir(at) {
		for _, n := range all {
			if n.IsMine() && n.Stack && n.Dir == at {
				return checkout.Place{Checkout: n.Checkout, Dir: n.Dir, Files: n.Files}, nil
			}
		}
		if at == filepath.Dir(at) {
			return checkout.Place{}, none
		}
	}
}

func byName(ctx context.Context, e *engine.Engine, name string) (*environment.Named, error) {
	n, err := environment.Get(ctx, e, name)
	if n != nil || err != nil {
		return n, err
	}
	all, err := environment.List(ctx, e)
	if err != nil {
		return nil, err
	}
	return called(all, name)
}

// called returns the environment of a name. What tests share goes by that which they gave it,
// and by that of its project, if several versions of it have the former.
func called(all []*environment.Named, name string) (*environment.Named, error) {
	var names, projects []string
	var found *environment.Named
	for _, n := range all {
		switch {
		case n.Project() == name:
			return n, nil
		case n.Name == name:
			found = n
			projects = append(projects, n.Project())
		}
		names = append(names, n.Name)
	}
	switch {
	case len(projects) > 1:
		return nil, &environment.UnknownError{Text: fmt.Sprintf("tests share several versions of %s: %s\nhint: these names tell them apart", name, strings.Join(projects, ", "))}
	case found != nil:
		return found, nil
	}
	text := fmt.Sprintf("there is no environment %q", name)
	if near := meant.Nearest(name, names); near != "" {
		text += ": did you mean " + near + "?"
	}
	return nil, &environment.UnknownError{Text: text + "\nhint: seatrial ls lists them"}
}

// failed prints why a verb failed, and returns its exit code.
func (c *call) failed(verb string, err error) int {
	var refused *tailor.RefusedError
	var failed *environment.FailedError
	switch {
	case errors.As(err, &refused):
		fmt.Fprintf(c.stderr, "seatrial %s: %s\n", verb, strings.Replace(err.Error(), refused.Error(), refused.CommandText(), 1))
		if flags := refused.Flags(); len(flags) > 0 {
			fmt.Fprintf(c.stderr, "\nlook at these, and add them to this command:\n    %s\n", strings.Join(flags, " "))
		}
		if lines := refused.Answers(); lines != "" {
			fmt.Fprintf(c.stderr, "or to %s, which seatrial init writes:\n    %s\n", answers.Name, strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n    "))
		}
		if wrongUse(refused) {
			return exitUsage
		}
		return exitNo
	default:
		fmt.Fprintf(c.stderr, "seatrial %s: %v\n", verb, report.Hinted(err))
	}
	if errors.As(err, &failed) && failed.Report != "" {
		fmt.Fprintf(c.stderr, "report: %s\n", failed.Report)
	}
	if failed != nil && failed.Artifacts != "" {
		fmt.Fprintf(c.stderr, "artifacts: %s\n", failed.Artifacts)
	}
	var missing *checkout.NotFoundError
	var silent *net.OpError // the engine's socket is not a file that the user named
	if errors.As(err, &missing) || errors.Is(err, fs.ErrNotExist) && !isReadError(err) && failed == nil && !errors.As(err, &silent) {
		return exitUsage
	}
	return exitNo
}

// names completes the names of environments.
func names(ctx context.Context, _ *call) []string {
	ctx, cancel := context.WithTimeout(ctx, session.ConnectLimit)
	defer cancel()
	e, err := session.Standard.Connect(ctx)
	if err != nil {
		return nil
	}
	all, err := environment.List(ctx, e)
	if err != nil {
		return nil
	}
	var names []string
	for _, n := range all {
		if n.IsMine() {
			names = append(names, n.Name)
		}
	}
	return names
}

// services completes the services of this checkout's environment.
func services(ctx context.Context, c *call) []string {
	_, n, err := (&which{}).find(ctx, c)
	if err != nil {
		return nil
	}
	return n.ServiceNames()
}

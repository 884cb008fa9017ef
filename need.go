// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/seatrial/seatrial/internal/hostfiles"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Need skips the test if there is no engine, or if it lacks something, and says
// what. If the environment has SEATRIAL_REQUIRE=1, the test fails instead, so
// that a CI that is green did not skip what it is for. So does a T that cannot
// be skipped.
func Need(t T, n spec.Need) {
	t.Helper()
	standard.Need(t, n)
}

// Need is the function [Need], for this engine.
func (e *Engine) Need(t T, n spec.Need) {
	t.Helper()
	ctx, cancel := limit(t, 0, session.ConnectLimit)
	defer cancel()
	if err := checkNeed(n); err != nil {
		fail(t, err)
	}
	err := e.lacks(ctx, t, n)
	if err == nil {
		return
	}
	_, skips := session.TestOf(t).(skipper)
	if err = fmt.Errorf("this test needs more than there is: %w", err); !skips || os.Getenv("SEATRIAL_REQUIRE") == "1" {
		fail(t, err)
	}
	skip(t, err.Error())
}

var (
	version  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*$`)
	platform = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+$`)
)

func checkNeed(n spec.Need) error {
	var wrong report.Problems
	if n.API != "" && !version.MatchString(n.API) {
		wrong.Add("API: %q is no version like 1.44", n.API)
	}
	if n.Compose != "" && !version.MatchString(n.Compose) {
		wrong.Add("Compose: %q is no version like 2.30", n.Compose)
	}
	if n.Platform != "" && !platform.MatchString(n.Platform) {
		wrong.Add("Platform: %q is none like linux/amd64", n.Platform)
	}
	return wrong.Err("reading what the test needs")
}

// lacks returns all that is lacking.
func (e *Engine) lacks(ctx context.Context, t T, n spec.Need) error {
	found, err := e.of().Connect(ctx)
	if err != nil {
		return err
	}
	facts, err := found.Facts(ctx)
	if err != nil {
		return fmt.Errorf("asking the engine: %w", err)
	}
	var lacking []error
	lack := func(format string, args ...any) { lacking = append(lacking, fmt.Errorf(format, args...)) }
	if n.API != "" && !facts.Speaks(n.API) {
		lack("API %s; the engine speaks %s", n.API, facts.API)
	}
	if n.Platform != "" && n.Platform != facts.Platform {
		lack("platform %s; the engine runs %s", n.Platform, facts.Platform)
	}
	if n.Manager && !facts.Manager {
		lack("a manager of a swarm, which the engine is not")
	}
	if n.Root && !facts.Root {
		lack("an engine that runs as root with its host's users, which this one does not")
	}
	if n.Compose != "" {
		if err := found.ComposeSince(n.Compose); err != nil {
			lacking = append(lacking, err)
		}
	}
	if n.HostFiles {
		lacking = append(lacking, e.lacksFiles(ctx, t))
	}
	return errors.Join(lacking...)
}

// lacksFiles looks for the program that runs here on the engine.
func (e *Engine) lacksFiles(ctx context.Context, t T) error {
	sess, done, err := session.Open(t, e.of())
	if err != nil {
		return err
	}
	defer done()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	unseen, err := hostfiles.Unseen(ctx, sess, []string{program})
	if err == nil && len(unseen) > 0 {
		err = errors.New("the files of this machine, which the engine does not have")
	}
	return err
}

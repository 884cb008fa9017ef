// SPDX-License-Identifier: Apache-2.0

package need

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

var (
	version  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*$`)
	platform = regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+$`)
)

// Check returns an error if a need is malformed.
func Check(n spec.Need) error {
	var wrong report.Problems
	if n.API != "" && !version.MatchString(n.API) {
		wrong.Add("API: %q is not a version like 1.44", n.API)
	}
	if n.Compose != "" && !version.MatchString(n.Compose) {
		wrong.Add("Compose: %q is not a version like 2.30", n.Compose)
	}
	if n.Platform != "" && !platform.MatchString(n.Platform) {
		wrong.Add("Platform: %q is not a platform like linux/amd64", n.Platform)
	}
	return wrong.Err("reading what the test needs")
}

// Lacking returns an error that names everything that the engine lacks. The check for files
// needs the test's session on the engine, which open returns.
func Lacking(ctx context.Context, on *session.Handle, n spec.Need, open func() (sess *session.Session, done func(), err error)) error {
	found, err := on.Connect(ctx)
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
		lacking = append(lacking, lacksFiles(ctx, open))
	}
	return errors.Join(lacking...)
}

// lacksFiles checks whether the engine has the file of the running program.
func lacksFiles(ctx context.Context, open func() (*session.Session, func(), error)) error {
	sess, done, err := open()
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

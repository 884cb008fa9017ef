// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/buildlog"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/quote"
	"github.com/seatrial/seatrial/internal/report"
)

// failed says which Dockerfile could not be built, and at which line if that is known.
func (in *input) failed(err error) error {
	var build *report.BuildError
	if errors.As(err, &build) && build.Line > 0 {
		return fmt.Errorf("building %s:%d: %w", in.dockerfile, build.Line, err)
	}
	return fmt.Errorf("building %s: %w", in.dockerfile, err)
}

// evidence saves the Dockerfile as it was built, and what its ignore file hides from it.
func (in *input) evidence(_ context.Context, dir *artifact.Dir) error {
	err := dir.WriteShipped("build-"+in.name+".Dockerfile", string(in.content))
	if len(in.ignore) > 0 {
		err = errors.Join(err, dir.WriteShipped("build-"+in.name+".dockerignore", string(in.ignore)))
	}
	return err
}

// explain makes an error of a build that failed: what its step said for itself comes
// first, not what BuildKit says of it.
func (in *input) explain(log *os.File, err error, redact func(string) string) error {
	var cutOff *engine.CutOffError
	if errors.As(err, &cutOff) {
		if steps := buildlog.Running(lastLines(log.Name())); len(steps) > 0 {
			return fmt.Errorf("%w, in %s\n    the whole log: %s", err, strings.Join(steps, "; "), log.Name())
		}
		return err
	}
	var command *engine.CommandError
	if !errors.As(err, &command) {
		return err
	}
	var last []string // the log may lack them: it is being written
	for _, line := range command.Stderr {
		last = append(last, redact(line))
	}
	failed := &report.BuildError{Dockerfile: in.dockerfile, Tail: report.LastLines(last), Log: log.Name()}
	step := buildlog.Failed(lastLines(log.Name()))
	if step == nil {
		step = buildlog.Failed(last)
	}
	if step != nil {
		if failed.Line = step.Line; len(step.Tail) > 0 {
			failed.Tail = step.Tail
		}
		err = report.Reworded(in.why(step), err)
	}
	failed.Err = fmt.Errorf("%w\n    last lines of the build:%s\n    the whole log: %s", err, quote.Lines(failed.Tail), failed.Log)
	return failed
}

// why says in one line why a step failed, with what only we know of its context.
func (in *input) why(step *buildlog.Failure) string {
	text := step.String()
	if link := in.leadsOut(step.Line); link != "" {
		return link + " (" + text + ")"
	}
	if step.Missing == "" || in.context == "" {
		return text
	}
	path := filepath.Join(in.context, filepath.FromSlash(step.Missing))
	if _, err := os.Lstat(path); err != nil {
		return text + " in " + in.context
	}
	if line, pattern := buildcontext.Hides(in.ignore, step.Missing); line > 0 {
		return fmt.Sprintf("%s: %s is hidden by %s:%d (%s)", text, step.Missing, filepath.Base(in.ignoreName), line, pattern)
	}
	return text + ": " + path + " is there, and .dockerignore hides it"
}

// How much of a log is read for why a build failed.
const mostLog = 1 << 20

// lastLines returns the last lines that a build has printed.
func lastLines(log string) []string {
	file, err := os.Open(log)
	if err != nil {
		return nil
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil {
		_, _ = file.Seek(max(0, info.Size()-mostLog), io.SeekStart)
	}
	content, err := io.ReadAll(file)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimRight(string(content), "\n"), "\n")
}

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
	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/quote"
	"github.com/seatrial/seatrial/internal/report"
)

// failed makes the error for a failed build: it names the Dockerfile, and the line if it
// is known.
func (in *input) failed(err error) error {
	var build *report.BuildError
	if errors.As(err, &build) && build.Line > 0 {
		return fmt.Errorf("building %s:%d: %w", in.dockerfile, build.Line, err)
	}
	var read *dockerfile.LineError
	if errors.As(err, &read) {
		return fmt.Errorf("building %s:%d: %w", in.dockerfile, read.Line, read.Err)
	}
	return fmt.Errorf("building %s: %w", in.dockerfile, err)
}

// evidence saves the Dockerfile as it was built, and its ignore file.
func (in *input) evidence(_ context.Context, dir *artifact.Dir) error {
	err := dir.WriteShipped("build-"+in.name+".Dockerfile", string(in.content))
	if len(in.ignore) > 0 {
		err = errors.Join(err, dir.WriteShipped("build-"+in.name+".dockerignore", string(in.ignore)))
	}
	return err
}

// explain makes the error of a failed build, with the words of the failed step
// first, not those of BuildKit.
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
	var last []string // the log may not have them yet
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

// why says in one line why a step failed, and adds what is known of its context.
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

// mostLog is how much of a log is searched for the reason of a failure.
const mostLog = 1 << 20

// lastLines returns the last lines of a build's output.
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

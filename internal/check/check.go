// SPDX-License-Identifier: Apache-2.0

package check

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/distribution/reference"
	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// Streams checks the names of the files of two streams.
func Streams(stdout, stderr string, wrong *report.Problems) {
	for _, f := range []struct{ field, name string }{{"Stdout", stdout}, {"Stderr", stderr}} {
		switch {
		case f.name == "":
		case !artifact.IsName(f.name):
			wrong.Add("%s: %q is not a plain file name", f.field, f.name)
		case artifact.IsTaken(f.name):
			wrong.Add("%s: %s is a file of seatrial's own", f.field, f.name)
		}
	}
}

// Image checks a reference to an image: a name, with a tag or digest or without, or an ID.
func Image(ref string, wrong *report.Problems) {
	if ref == "" {
		wrong.Add("Image is not given")
	} else if _, err := reference.ParseAnyReference(ref); err != nil {
		wrong.Add("Image: %q: %w", ref, err)
	}
}

// Env checks the names of variables.
func Env(env map[string]string, wrong *report.Problems) {
	for _, key := range slices.Sorted(maps.Keys(env)) {
		if key == "" || strings.Contains(key, "=") {
			wrong.Add("Env: %q is not a name for a variable", key)
		}
	}
}

// Labels checks the names of labels, of which some are seatrial's own.
func Labels(labels map[string]string, wrong *report.Problems) {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		switch {
		case key == "" || strings.Contains(key, "="):
			wrong.Add("Labels: %q is not a name for a label", key)
		case owner.IsLabel(key):
			wrong.Add("Labels: %q is one of seatrial's own", key)
		}
	}
}

// Condition checks a condition, and that its own limit fits into that of the verb.
func Condition(wrong *report.Problems, field string, c wait.Condition, all time.Duration) {
	if err := wait.Check(c); err != nil {
		wrong.Add("%s: %w", field, err)
	} else if own := wait.Limit(c); all > 0 && own > all {
		wrong.Add("%s: %v: its limit of %v exceeds the TimeLimit of %v", field, c, own, all)
	}
}

// Absolute makes a path absolute. That fails where there is no working directory.
func Absolute(path string, wrong *report.Problems) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		wrong.Add("%q: %w", path, err)
	}
	return abs
}

// ExitCodes returns the exit codes that are no failure.
func ExitCodes(codes []int) []int {
	if len(codes) == 0 {
		return []int{0}
	}
	return codes
}

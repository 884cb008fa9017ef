// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// hints has advice for errors that can be recognized only by their text. As nothing
// is decided by it, a mismatch at worst adds or omits a line.
var hints = []struct {
	said *regexp.Regexp
	hint string
}{
	{regexp.MustCompile(`all predefined address pools have been fully subnetted|could not find an available, non-overlapping IPv[46] address pool`),
		"the engine has no subnet left for a network: docker network prune removes those that nobody uses, and default-address-pools in its daemon.json gives it more"},
	{regexp.MustCompile(`only updates to Labels are allowed`),
		"a swarm never changes what is in a config or secret: a changed one needs another name, as name: conf-${VERSION} gives it"},
	{regexp.MustCompile(`no space left on device`),
		"docker system df says what takes the room, and df -h whether it is the engine's disk"},
}

// Hinted adds a hint to an error, if it has none and one matches.
func Hinted(err error) error {
	if err == nil || strings.Contains(err.Error(), "hint: ") {
		return err
	}
	var missing *exec.Error
	if errors.As(err, &missing) && errors.Is(missing, exec.ErrNotFound) {
		return fmt.Errorf("%w\n    hint: install %s on this machine, where the test runs, and put it into the PATH", err, missing.Name)
	}
	var bound *Bound
	if errors.As(err, &bound) && bound.Hint != "" {
		return fmt.Errorf("%w\n    hint: %s", err, bound.Hint)
	}
	for _, known := range hints {
		if known.said.MatchString(err.Error()) {
			return fmt.Errorf("%w\n    hint: %s", err, known.hint)
		}
	}
	return err
}

// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// hints are what helps against troubles that engines know in words alone. They decide
// nothing: at worst a line is missing, or one too many.
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

// Hinted returns an error with a hint, if it has none and there is one that settles it.
func Hinted(err error) error {
	if err == nil || strings.Contains(err.Error(), "hint: ") {
		return err
	}
	var missing *exec.Error
	if errors.As(err, &missing) && errors.Is(missing, exec.ErrNotFound) {
		return fmt.Errorf("%w\n    hint: install %s on this machine, where the test runs, and put it into the PATH", err, missing.Name)
	}
	for _, known := range hints {
		if known.said.MatchString(err.Error()) {
			return fmt.Errorf("%w\n    hint: %s", err, known.hint)
		}
	}
	return err
}

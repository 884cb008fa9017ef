// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/seatrial/seatrial/internal/lazyregexp"
	"github.com/seatrial/seatrial/tailor"
)

// unequal is how an engine says that what is mounted is a directory and what it is mounted over
// is a file, or the other way around.
var unequal = lazyregexp.New(`error mounting "[^"]*" to rootfs at "([^"]+)".*not a directory`)

// unmountable says what of this machine a service mounts in a place that cannot take it, and
// why: the engine names a volume of ours instead, if it mounts a copy. It is empty if the
// engine's words are about something else.
func unmountable(plan *tailor.Plan, service, words string) (m tailor.HostPath, why string) {
	said := unequal.FindStringSubmatch(words)
	if said == nil {
		return m, ""
	}
	mounts := mountsOf(plan)
	i := slices.IndexFunc(mounts, func(m tailor.HostPath) bool {
		return m.Service == service && path.Clean(m.Target) == path.Clean(said[1])
	})
	if i < 0 {
		return m, ""
	}
	m = mounts[i]
	name := m.Source
	if rel, err := filepath.Rel(plan.Dir, m.Source); err == nil && filepath.IsLocal(rel) && rel != "." {
		name = "./" + filepath.ToSlash(rel)
	}
	name += ", which it mounts at " + m.Target + ","
	switch info, err := os.Stat(m.Source); {
	case errors.Is(err, fs.ErrNotExist):
		return m, name + " does not exist, and an empty directory cannot take the place of a file"
	case err != nil:
		return m, ""
	case info.IsDir():
		return m, name + " is a directory, and the image has a file there"
	}
	return m, name + " is a file, and the image has a directory there"
}

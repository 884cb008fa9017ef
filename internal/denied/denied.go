// SPDX-License-Identifier: Apache-2.0

package denied

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// Container is what counts of one.
type Container struct {
	User     string // as it runs, 1000:1000 or node; empty is root
	ReadOnly bool   // its own files are not to be written
	Mounts   []Mount
}

// A Mount is something that is mounted.
type Mount struct {
	Target   string
	What     string // a volume, or the directory of the host
	ReadOnly bool
}

// An Owner is whose a file is.
type Owner struct {
	UID, GID int
	Mode     fs.FileMode
}

var (
	refusal  = regexp.MustCompile(`(?i)permission denied|\bEACCES\b|AccessDenied|operation not permitted`)
	readOnly = regexp.MustCompile(`(?i)read-only file ?system|\bEROFS\b`)
	absolute = regexp.MustCompile(`(?:^|[\s'"(=:\[])(/[^\s'"():,;\]]+)`)
)

// Paths returns the absolute paths in a line that says that something was refused.
func Paths(line string) (paths []string) {
	if !refusal.MatchString(line) && !readOnly.MatchString(line) {
		return nil
	}
	for _, m := range absolute.FindAllStringSubmatch(line, -1) {
		paths = append(paths, path.Clean(m[1]))
	}
	return paths
}

// Why says what kept a program in a container from using the file that a line names, or
// nothing if that cannot be told. Whose asks whose a file in the container is.
func Why(line string, c Container, whose func(path string) (Owner, error)) string {
	for _, at := range Paths(line) {
		mount, mounted := c.on(at)
		if readOnly.MatchString(line) {
			switch {
			case mounted && mount.ReadOnly:
				return fmt.Sprintf("%s is mounted read-only", mount.Target)
			case !mounted && c.ReadOnly:
				return "the container's own files are read-only (read_only)"
			}
			continue
		}
		if !mounted {
			continue
		}
		for at != "." && under(at, mount.Target) {
			owner, err := whose(at)
			if err != nil {
				at = path.Dir(at) // it is not there
				continue
			}
			return fmt.Sprintf("%s, on %s, belongs to %d:%d (mode %04o), and the container runs as %s", at, mount.What, owner.UID, owner.GID, owner.Mode.Perm(), user(c.User))
		}
	}
	return ""
}

// on returns the mount that a path lies on.
func (c Container) on(at string) (on Mount, ok bool) {
	for _, m := range c.Mounts {
		if under(at, m.Target) && len(m.Target) >= len(on.Target) {
			on, ok = m, true
		}
	}
	return on, ok
}

func under(at, dir string) bool {
	return at == dir || strings.HasPrefix(at, strings.TrimSuffix(dir, "/")+"/")
}

func user(name string) string {
	if name == "" || name == "0" || name == "root" {
		return "root"
	}
	return "user " + name
}

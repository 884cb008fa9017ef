// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
)

// Locate returns where the Dockerfile of a build is. The name is absolute, or
// relative to the context; an empty one means "Dockerfile". Files and directories
// that are added to the root of the context win over what is there. As docker build
// does, it takes "dockerfile" where there is no "Dockerfile". Of one that is nowhere
// it returns where it would have to be.
func Locate(context, name string, added []string) string {
	name = filepath.Clean(cmp.Or(name, "Dockerfile"))
	if filepath.IsAbs(name) {
		return name
	}
	if file, ok := find(context, name, added); ok {
		return file
	}
	if dir, base := filepath.Split(name); base == "Dockerfile" {
		if file, ok := find(context, dir+"dockerfile", added); ok {
			return file
		}
	}
	return filepath.Join(context, name)
}

func find(context, name string, added []string) (file string, ok bool) {
	first, rest, _ := strings.Cut(filepath.ToSlash(name), "/")
	for _, a := range added {
		if filepath.Base(a) != first {
			continue
		}
		if file := filepath.Join(a, filepath.FromSlash(rest)); isFile(file) {
			return file, true
		}
	}
	file = filepath.Join(context, name)
	return file, isFile(file)
}

// isFile tells whether there is anything but a directory.
func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
)

// Locate returns the path of a build's Dockerfile. The name is absolute, or relative
// to the context; empty means "Dockerfile". Files and directories that are added to
// the root of the context replace those there. As docker build does, Locate accepts
// "dockerfile" if there is no "Dockerfile". If the file does not exist, it returns
// where it should be.
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

// isFile reports whether something exists that is not a directory.
func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

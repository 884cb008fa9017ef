// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"io/fs"
	"os"
)

// A stat is what a file is without its content.
type stat struct {
	mode     fs.FileMode
	size     int64
	modified int64  // in nanoseconds, as is changed
	changed  int64  // when the inode last changed, where the system says it
	inode    uint64 // where the system has them
}

// lstat looks at a file, and not at what it may be a link to.
func lstat(path string) (stat, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return stat{}, err
	}
	changed, inode := identity(info)
	return stat{info.Mode(), info.Size(), info.ModTime().UnixNano(), changed, inode}, nil
}

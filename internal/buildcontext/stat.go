// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"io/fs"
	"os"
)

// A stat is the metadata of a file.
type stat struct {
	mode     fs.FileMode
	size     int64
	modified int64  // in nanoseconds, as is changed
	changed  int64  // when the inode last changed, if the system has that
	inode    uint64 // if the system has inodes
}

// lstat returns the metadata of a file, without following a link.
func lstat(path string) (stat, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return stat{}, err
	}
	changed, inode := identity(info)
	return stat{info.Mode(), info.Size(), info.ModTime().UnixNano(), changed, inode}, nil
}

// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"io/fs"
	"syscall"
)

// identity returns when the inode of a file last changed, in nanoseconds, and
// its number. Programs can set the time of modification, and not this one.
func identity(info fs.FileInfo) (changed int64, inode uint64) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return s.Ctim.Nano(), s.Ino
}

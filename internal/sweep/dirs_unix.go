// SPDX-License-Identifier: Apache-2.0

//go:build unix

package sweep

import (
	"io/fs"
	"os"
	"syscall"
)

// isMine reports whether a file belongs to this user.
func isMine(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Getuid()
}

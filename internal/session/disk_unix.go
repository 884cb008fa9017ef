// SPDX-License-Identifier: Apache-2.0

//go:build linux || darwin

package session

import (
	"fmt"
	"syscall"
)

// freeDisk says how much is free where a directory lies.
func freeDisk(dir string) string {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return ""
	}
	block := uint64(s.Bsize)
	return fmt.Sprintf("%d of %d MiB", s.Bavail*block>>20, s.Blocks*block>>20)
}

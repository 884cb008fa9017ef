// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engine

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// groupOf returns the name of the group that may use a socket, or its number if it has none.
func groupOf(socket string) string {
	info, err := os.Stat(socket)
	if err != nil || info.Mode().Perm()&0o060 != 0o060 {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	number := strconv.FormatUint(uint64(stat.Gid), 10)
	if group, err := user.LookupGroupId(number); err == nil {
		return group.Name
	}
	return number
}

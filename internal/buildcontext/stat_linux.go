// SPDX-License-Identifier: Apache-2.0

package buildcontext

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// statIn is lstat for a file in an open directory. It costs the kernel less than a
// lookup by the whole path, and allocates nothing.
func statIn(dir *os.File, name string) (stat, error) {
	var s unix.Stat_t
	for {
		err := unix.Fstatat(int(dir.Fd()), name, &s, unix.AT_SYMLINK_NOFOLLOW)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return stat{}, &fs.PathError{Op: "lstat", Path: dir.Name() + "/" + name, Err: err}
		}
		return stat{modeOf(s.Mode), s.Size, s.Mtim.Nano(), s.Ctim.Nano(), s.Ino}, nil
	}
}

var modeTypes = map[uint32]fs.FileMode{
	unix.S_IFBLK: fs.ModeDevice, unix.S_IFCHR: fs.ModeDevice | fs.ModeCharDevice, unix.S_IFDIR: fs.ModeDir,
	unix.S_IFIFO: fs.ModeNamedPipe, unix.S_IFLNK: fs.ModeSymlink, unix.S_IFSOCK: fs.ModeSocket,
}

func modeOf(m uint32) fs.FileMode {
	mode := fs.FileMode(m & 0o777)
	if m&unix.S_IFMT != unix.S_IFREG {
		mode |= modeTypes[m&unix.S_IFMT]
	}
	if m&unix.S_ISUID != 0 {
		mode |= fs.ModeSetuid
	}
	if m&unix.S_ISGID != 0 {
		mode |= fs.ModeSetgid
	}
	if m&unix.S_ISVTX != 0 {
		mode |= fs.ModeSticky
	}
	return mode
}

// identity returns when the inode of a file last changed, in nanoseconds, and the
// number of the inode. Unlike the time of modification, programs cannot set that
// time.
func identity(info fs.FileInfo) (changed int64, inode uint64) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return s.Ctim.Nano(), s.Ino
}

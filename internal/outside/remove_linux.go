// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

func kill(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

// ours reports whether a file or directory belongs to this user.
func ours(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid() && info.Mode()&fs.ModeSymlink == 0
}

// remove deletes the rules of a link. The kernel removes the device with the
// engine's network, sooner or later; a device of its name may belong to another
// engine.
func (l Link) remove(name string) error {
	save, err := command("iptables-save")
	if err != nil {
		return nil // then no rule could be made either
	}
	before, err := exec.Command(save).Output()
	if err != nil {
		return fmt.Errorf("looking for firewall rules of %s: %w", name, err)
	}
	if !strings.Contains(string(before), name) {
		return nil
	}
	tables, err := command("iptables")
	if err != nil {
		return err
	}
	for _, args := range l.Rules("-D", name) {
		// A rule may exist twice or not at all, and iptables distinguishes errors only by
		// their text.
		for n := 0; n < 10 && exec.Command(tables, args...).Run() == nil; n++ {
		}
	}
	after, err := exec.Command(save).Output()
	if err == nil && strings.Contains(string(after), name) {
		err = errors.New("some are still there")
	}
	if err != nil {
		return fmt.Errorf("deleting the firewall rules of %s: %w", name, err)
	}
	return nil
}

// command finds a command, also in the sbin directories, which may be missing in
// PATH.
func command(name string) (string, error) {
	for _, dir := range []string{"", "/usr/local/sbin", "/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("looking for %s: not in PATH", name)
}

// cgroups has one tree of control groups, or, in version 1, one for each controller.
const cgroups = "/sys/fs/cgroup"

// removeCgroups removes the empty control groups that containers leave if they are
// killed together with their runtime.
func removeCgroups(name string) error {
	trees, err := filepath.Glob(cgroups + "/*/" + name)
	if err != nil {
		return err
	}
	for _, top := range append(trees, filepath.Join(cgroups, name)) {
		err := await("removing control groups", func() error { return removeTree(top) })
		if err != nil {
			return err
		}
	}
	return nil
}

// removeTree removes a control group and its children, innermost first. Their files
// cannot be removed separately.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeTree(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	if err := syscall.Rmdir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &fs.PathError{Op: "rmdir", Path: dir, Err: err}
	}
	return nil
}

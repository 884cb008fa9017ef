// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// An UnknownError says that it is not known whether git tracks a file.
type UnknownError struct{ text string }

func (e *UnknownError) Error() string { return e.text }

// Tracked asks git whether it tracks a file, and if not, whether it ignores it. For a file
// outside of any worktree both are false.
func Tracked(ctx context.Context, file string) (tracked, ignored bool, err error) {
	dir := filepath.Dir(file)
	if !IsInWorktree(file) {
		return false, false, nil
	}
	code, said, err := git(ctx, dir, "ls-files", "--error-unmatch", "--", filepath.Base(file))
	if err != nil || code > 1 {
		return false, false, &UnknownError{fmt.Sprintf("it cannot be told whether git tracks %s: %s", file, why(err, said))}
	}
	if code == 0 {
		return true, false, nil
	}
	code, _, err = git(ctx, dir, "check-ignore", "--quiet", "--", filepath.Base(file))
	return false, err == nil && code == 0, nil
}

func why(err error, said string) string {
	if err != nil {
		return err.Error()
	}
	return said
}

// git runs git in a directory, whatever worktree the caller's variables name.
func git(ctx context.Context, dir string, args ...string) (code int, said string, err error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err = cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.Exited() {
		first, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return ended.ExitCode(), first, nil
	}
	return 0, "", err
}

// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTracked(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	root := tree(t, map[string]string{"repo/tracked/.env": "", "repo/ignored/.env": "", "repo/ignored/.gitignore": ".env\n", "repo/new/.env": "", "none/.env": "", "odd/.git": "gitdir: nowhere\n", "odd/.env": ""})
	for _, args := range [][]string{{"init", "--quiet", "repo"}, {"-C", "repo", "add", "tracked/.env"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	for dir, want := range map[string][2]bool{"repo/tracked": {true, false}, "repo/ignored": {false, true}, "repo/new": {false, false}, "none": {false, false}} {
		tracked, ignored, err := Tracked(context.Background(), filepath.Join(root, dir, ".env"))
		if err != nil || tracked != want[0] || ignored != want[1] {
			t.Errorf("%s: tracked %v, ignored %v, %v", dir, tracked, ignored, err)
		}
	}
	var unknown *UnknownError
	if _, _, err := Tracked(context.Background(), filepath.Join(root, "odd/.env")); !errors.As(err, &unknown) {
		t.Errorf("a worktree that git does not know: %v", err)
	}
	if tracked, _, err := Tracked(context.Background(), filepath.Join(root, "repo/new/other.env")); tracked || err != nil {
		t.Errorf("a file that is not there: %v, %v", tracked, err)
	}
}

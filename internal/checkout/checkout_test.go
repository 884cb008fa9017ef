// SPDX-License-Identifier: Apache-2.0

package checkout

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/hostpath"
)

func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := hostpath.Resolved(t.TempDir())
	for name, content := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestFind(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"shop one/.git/HEAD": "ref: refs/heads/main\n", "shop one/compose.yaml": "", "shop one/src/deep/x": "",
		"shop one/deploy/prod.yaml": "", "shop one/deploy/dev.yaml": "", "plain/docker-compose.yml": "", "empty/x": "",
		"named/.env": "A=1\nCOMPOSE_FILE=x.yaml\n", "named/x.yaml": "",
		"blocked/.env": "A=1\n# >>> seatrial: environment x of \"/x\" >>>\nCOMPOSE_FILE=x.yaml\n# <<< seatrial <<<\n",
	})
	if err := os.Symlink(filepath.Join(root, "shop one"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		about, working string
		files          []string
		dir            string
		environ        map[string]string
		checkout, at   string
		want           []string
		wrong          string
	}{
		{about: "the directory's", working: "shop one", checkout: "shop one", at: "shop one", want: []string{"shop one"}},
		{about: "above it", working: "shop one/src/deep", checkout: "shop one", at: "shop one", want: []string{"shop one"}},
		{about: "through a link", working: "link", checkout: "shop one", at: "shop one", want: []string{"link"}},
		{about: "no worktree", working: "plain", checkout: "plain", at: "plain", want: []string{"plain"}},
		{about: "by .env", working: "named", checkout: "named", at: "named", want: []string{"named"}},
		{about: "files", working: "shop one", files: []string{"deploy/prod.yaml", "deploy/dev.yaml"}, checkout: "shop one", at: "shop one/deploy",
			want: []string{"shop one/deploy/prod.yaml", "shop one/deploy/dev.yaml"}},
		{about: "a project directory", working: "shop one", files: []string{"deploy/prod.yaml"}, dir: ".", checkout: "shop one", at: "shop one", want: []string{"shop one/deploy/prod.yaml"}},
		{about: "COMPOSE_FILE", working: "shop one", environ: map[string]string{"COMPOSE_FILE": "deploy/prod.yaml;deploy/dev.yaml", "COMPOSE_PATH_SEPARATOR": ";"},
			checkout: "shop one", at: "shop one/deploy", want: []string{"shop one/deploy/prod.yaml", "shop one/deploy/dev.yaml"}},
		{about: "by a block of ours alone", working: "blocked", wrong: "-f names a file"},
		{about: "none", working: "empty", wrong: "-f names a file"},
		{about: "a file that is not there", working: "empty", files: []string{"no.yaml"}, wrong: "file does not exist"},
		{about: "a directory that is not there", working: "plain", dir: "no", wrong: "no such directory"},
	} {
		at, err := Find(filepath.Join(root, c.working), c.files, c.dir, c.environ)
		if c.wrong != "" {
			var missing *NotFoundError
			if !errors.As(err, &missing) || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: error %v, want %q", c.about, err, c.wrong)
			}
			continue
		}
		var want []string
		for _, name := range c.want {
			want = append(want, filepath.Join(root, name))
		}
		if err != nil || at.Checkout != filepath.Join(root, c.checkout) || at.Dir != filepath.Join(root, c.at) || !slices.Equal(at.Files, want) {
			t.Errorf("%s: %+v, %v, want checkout %s, directory %s, files %s", c.about, at, err, c.checkout, c.at, want)
		}
	}
	if _, err := Find(root, []string{"-"}, "", nil); err == nil {
		t.Error("standard input is no file, and is taken")
	}
}

// Two checkouts have different names, whatever their branch, and a checkout always has
// the same one.
func TestName(t *testing.T) {
	t.Parallel()
	a, b := Place{Checkout: "/a/Feat A", Dir: "/a/Feat A"}, Place{Checkout: "/b/Feat A", Dir: "/b/Feat A"}
	if !strings.HasPrefix(a.Name(), "feat-a-") || a.Name() == b.Name() {
		t.Errorf("names %s, %s", a.Name(), b.Name())
	}
	if inside := (Place{Checkout: a.Checkout, Dir: a.Dir + "/deploy"}).Name(); inside == a.Name() {
		t.Errorf("two projects of one checkout are both %s", inside)
	}
	if odd := (Place{Checkout: "/", Dir: "/"}).Name(); !strings.HasPrefix(odd, "env-") {
		t.Errorf("a name of nothing: %s", odd)
	}
}

func TestBranch(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"main/.git/HEAD": "ref: refs/heads/feature/x\n", "main/.git/worktrees/w/HEAD": "0123456789abcdef\n", "plain/x": "",
	})
	worktree := tree(t, map[string]string{".git": "gitdir: " + filepath.Join(root, "main/.git/worktrees/w") + "\n"})
	for dir, want := range map[string]string{filepath.Join(root, "main"): "feature/x", worktree: "012345678", filepath.Join(root, "plain"): ""} {
		if got := Branch(dir); got != want {
			t.Errorf("Branch(%s) = %q, want %q", dir, got, want)
		}
	}
}

// A checkout that does not exist yet has no branch, whatever the working directory.
func TestBranchOfNothing(t *testing.T) {
	t.Chdir(tree(t, map[string]string{".git/HEAD": "ref: refs/heads/main\n"}))
	if got := Branch(""); got != "" {
		t.Errorf("Branch of nothing = %q", got)
	}
}

// A directory that cannot be seen does not count as gone.
func TestIsGone(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"there/x": ""})
	for name, want := range map[string]bool{"there": false, "gone": true, "unmounted/gone": false} {
		if got := IsGone(filepath.Join(root, name)); got != want {
			t.Errorf("IsGone(%s) = %v, want %v", name, got, want)
		}
	}
}

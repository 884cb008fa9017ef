// SPDX-License-Identifier: Apache-2.0

package recipes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Main(m)) }

const recipes = "../../docs/recipes"

// A recipe is a page of docs/recipes: the command for its suite, and its files.
type recipe struct {
	command string
	files   map[string]string
}

var (
	recipeCommand = regexp.MustCompile(`(?m)^    (.+)$`)
	recipeFile    = regexp.MustCompile("(?ms)^`([^`]+)`:\n\n```[a-z]*\n(.*?)^```$")
)

func readRecipe(t *testing.T, name string) recipe {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(recipes, name))
	if err != nil {
		t.Fatal(err)
	}
	r := recipe{files: map[string]string{}}
	if command := recipeCommand.FindStringSubmatch(string(content)); command != nil {
		r.command = command[1]
	}
	for _, file := range recipeFile.FindAllStringSubmatch(string(content), -1) {
		r.files[file[1]] = file[2]
	}
	return r
}

// withSeatrial returns an environment in which suites find the command and leave no
// files.
func withSeatrial(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	if err := os.Symlink(enginetest.SeatrialCommand(t), filepath.Join(bin, "seatrial")); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "XDG_STATE_HOME="+t.TempDir(), "TMPDIR="+t.TempDir(), "PYTHONDONTWRITEBYTECODE=1")
}

// All recipes work, at the same time in one checkout.
func TestRecipes(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "recipes")
	if err := os.CopyFS(dir, os.DirFS(enginetest.ProbeContext(t))); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), "services: {web: {build: ., command: [-serve, ':80'], ports: ['8080:80'], volumes: [data:/data]}}\nvolumes: {data: }\n")
	enginetest.WriteFile(t, filepath.Join(dir, ".dockerignore"), "*\n!probe\n")
	environ := withSeatrial(t)
	for name, c := range map[string]struct {
		page, needs, said string
	}{
		"unittest":       {"unittest.md", "python3", "Ran 2 tests"},
		"unittest again": {"unittest.md", "python3", "Ran 2 tests"},
		"node":           {"node.md", "node", "pass 2"},
		"node again":     {"node.md", "node", "pass 2"},
		"shell":          {"shell.md", "curl", "ok"},
		"make":           {"make.md", "make", "web"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			enginetest.Program(t, c.needs)
			r := readRecipe(t, c.page)
			if r.command == "" || len(r.files) == 0 {
				t.Fatalf("%s has no command or no file", c.page)
			}
			for file, content := range r.files {
				enginetest.WriteFile(t, filepath.Join(dir, file), content)
			}
			cmd := exec.Command("sh", "-c", r.command)
			cmd.Dir, cmd.Env = dir, environ
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.said) {
				t.Errorf("%s: %v, want %q in\n%s", r.command, err, c.said, out)
			}
		})
	}
	t.Cleanup(func() { // after all recipes
		if left := enginetest.LeftBy(t, func(labels map[string]string) bool {
			return strings.HasPrefix(labels["io.github.seatrial.test"], "recipes-")
		}); left != "" {
			t.Errorf("left behind:\n%s", left)
		}
	})
}

// The example's Python test works as written, except that it uses images that are available
// here.
func TestOrdersInPython(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	dir := filepath.Join(t.TempDir(), "orders")
	if err := os.CopyFS(dir, os.DirFS("../../examples/orders")); err != nil {
		t.Fatal(err)
	}
	worker := "seatrial-test/orders-" + owner.NewID() + ":1"
	build := []string{"build", "--quiet", "--file", filepath.Join(dir, "worker.Dockerfile"), "--tag", worker}
	args := []string{"run", "-q", "--image", "example/orders-worker:2=" + worker,
		"--ready", "db=sql:postgres://orders:orders@orders-db:5432/orders SELECT count(*) FROM orders"}
	for pair := range strings.SplitSeq(os.Getenv("SEATRIAL_TEST_IMAGES"), ",") {
		switch official, ref, _ := strings.Cut(pair, "="); official {
		case "golang:1.26-bookworm":
			build = append(build, "--build-arg", "GO_IMAGE="+ref)
			args = append(args, "--env", "GO_IMAGE="+ref)
		case "postgres:17-bookworm", "redis:7-bookworm":
			args = append(args, "--image", pair)
		}
	}
	enginetest.Docker(t, append(build, dir)...)
	t.Cleanup(func() { enginetest.Docker(t, "image", "rm", worker) })
	cmd := exec.Command(enginetest.SeatrialCommand(t), append(args, "--", "python3", "-m", "unittest", "discover", "python")...)
	cmd.Dir, cmd.Env = dir, withSeatrial(t)
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "Ran 1 test") {
		t.Errorf("seatrial run: %v, want one test in\n%s", err, out)
	}
	if left := enginetest.LeftBy(t, func(labels map[string]string) bool {
		return strings.HasPrefix(labels["io.github.seatrial.test"], "orders-")
	}); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// Each page is in the list, and both say whether it is run here.
func TestRecipesAreListed(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile(filepath.Join(recipes, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	run := map[string]bool{"unittest.md": true, "node.md": true, "shell.md": true, "make.md": true}
	pages, err := filepath.Glob(filepath.Join(recipes, "*.md"))
	if err != nil || len(pages) < 10 {
		t.Fatalf("there are %d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		name := filepath.Base(page)
		if name == "README.md" {
			continue
		}
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(list), "("+name+")") {
			t.Errorf("README.md lacks %s", name)
		}
		want := "Not run by seatrial's tests."
		if run[name] {
			want = "Seatrial's own tests run this one"
		}
		if !strings.Contains(string(content), want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// What the installed docker compose makes of files and override differs from
// what it makes of the files alone by the planned edits and nothing else. It
// needs the command, but no engine.
func TestInstalledCompose(t *testing.T) {
	if testing.Short() {
		t.Skip("starts docker compose for each file")
	}
	os.Getenv("DOCKER_CONFIG") // where the plugin may be: go test caches by what a test asks for
	if out, err := exec.Command("docker", "compose", "version").CombinedOutput(); err != nil {
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatalf("docker compose: %v: %s", err, out)
		}
		t.Skip("there is no docker compose")
	}
	archives, _ := filepath.Glob("testdata/*.txtar")
	cases, _ := filepath.Glob("testdata/cases/*.txtar")
	archives = append(archives, cases...)
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { installed(t, archive) })
	}
}

func installed(t *testing.T, archive *txtar.Archive) {
	dir := unpack(t, archive)
	t.Chdir(dir)
	p, overrideOnly := specOf(t, archive.Comment)
	plan, err := Compose(context.Background(), p, Options{Base: BaseEnv(os.Environ()), OverrideOnly: overrideOnly})
	if err != nil || plan.Override() == nil {
		t.Skip("there is no override")
	}
	override := filepath.Join(t.TempDir(), "tailored.yaml")
	if err := os.WriteFile(override, plan.Override(), 0o666); err != nil {
		t.Fatal(err)
	}
	before, err := configOf(t, plan, "")
	if err != nil {
		t.Skipf("this docker compose does not know all of the file: %v", err)
	}
	after, err := configOf(t, plan, override)
	if err != nil {
		t.Fatal(err)
	}
	compareInstalled(t, plan, before, after)
}

func compareInstalled(t *testing.T, plan *Plan, before, after map[string]any) {
	t.Helper()
	hit := make([]bool, len(plan.Edits))
	differences(nil, before, after, func(at modeltree.Path) {
		for i, e := range plan.Edits {
			if edited := whole(e.at); edited.PrefixOf(at) || at.PrefixOf(edited) {
				hit[i] = true
				return
			}
		}
		// Compose starts first what a service shares something with.
		if len(at) > 2 && at[2] == "depends_on" || slices.ContainsFunc(plan.Edits, func(e Edit) bool { return implies(e, at) }) {
			return
		}
		t.Errorf("%s differs, which no edit says", at)
	})
	for i, e := range plan.Edits {
		if service, ok := modeltree.Lookup(before, e.at[:2]); ok && service != nil && !hit[i] && !coveredBy(plan.Edits, hit, e) {
			t.Errorf("no difference for %s", e)
		}
	}
}

// implies tells whether Compose, which writes out names and networks that the
// files leave to it and leaves out what nobody uses, differs at a place because
// of an edit elsewhere.
func implies(e Edit, at modeltree.Path) bool {
	switch last := e.at[len(e.at)-1]; {
	case last == "external":
		return at.String() == e.at[:len(e.at)-1].Join("name").String()
	case last == "network_mode":
		return at[0] == "networks" || e.at[:2].Join("networks").PrefixOf(at)
	case len(e.at) == 4 && e.at[2] == "volumes":
		return len(at) == 2 && at[0] == "volumes" && at[1] == modeltree.Str(e.Old, "source")
	}
	return false
}

// coveredBy tells whether another edit of the same list made a difference, or
// the service is off and not in the output.
func coveredBy(edits []Edit, hit []bool, e Edit) bool {
	for i, other := range edits {
		if hit[i] && whole(other.at).PrefixOf(whole(e.at)) || hit[i] && whole(e.at).PrefixOf(whole(other.at)) {
			return true
		}
	}
	return false
}

// composePlugin returns the command of docker compose. The plugin itself, where it is
// found, starts in a third of the time that it takes through docker.
var composePlugin = sync.OnceValue(func() []string {
	home, _ := os.UserHomeDir()
	for _, dir := range []string{os.Getenv("DOCKER_CONFIG"), filepath.Join(home, ".docker"),
		"/usr/local/lib/docker", "/usr/local/libexec/docker", "/usr/lib/docker", "/usr/libexec/docker"} {
		plugin := filepath.Join(dir, "cli-plugins", "docker-compose")
		if dir != "" && exec.Command(plugin, "version").Run() == nil {
			return []string{plugin}
		}
	}
	return []string{"docker", "compose"}
})

func configOf(t *testing.T, plan *Plan, override string) (map[string]any, error) {
	args := []string{"-p", "copy1", "--project-directory", plan.Dir}
	for _, f := range plan.Files {
		for i, text := range plan.Texts {
			if text.File == f {
				f = filepath.Join(t.TempDir(), fmt.Sprint(i, filepath.Base(f)))
				if err := os.WriteFile(f, []byte(text.Content), 0o666); err != nil {
					return nil, err
				}
			}
		}
		args = append(args, "-f", f)
	}
	if override != "" {
		args = append(args, "-f", override)
	}
	for _, p := range plan.Profiles {
		args = append(args, "--profile", p)
	}
	program := composePlugin()
	cmd := exec.Command(program[0], slices.Concat(program[1:], args, []string{"config", "--format", "json"})...)
	for k, v := range plan.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	for k, v := range leased(t, plan.Leases, 0) {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	for _, c := range plan.Contexts {
		cmd.Env = append(cmd.Env, c.Variable+"=/copy")
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running %v: %w\n%s", cmd.Args, err, stderr.String())
	}
	var model map[string]any
	return model, json.Unmarshal(out, &model)
}

// differences calls f for every place where two models differ.
func differences(at modeltree.Path, a, b any, f func(modeltree.Path)) {
	am, aok := a.(map[string]any)
	bm, bok := b.(map[string]any)
	if !aok || !bok {
		if len(modeltree.Diff(nil, a, b)) > 0 {
			f(at)
		}
		return
	}
	for key := range am {
		differences(at.Join(key), am[key], bm[key], f)
	}
	for key := range bm {
		if _, ok := am[key]; !ok {
			differences(at.Join(key), nil, bm[key], f)
		}
	}
}

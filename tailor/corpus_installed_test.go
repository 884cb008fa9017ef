// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// Every override for the corpus, read by the installed docker compose: it
// changes what was planned, and afterwards two copies share no host port,
// container name, network, volume or tag of their own builds. The second check
// is written apart from the rules, on Compose's own output.
func TestCorpusInstalled(t *testing.T) {
	root := os.Getenv("SEATRIAL_CORPUS")
	os.Getenv("DOCKER_CONFIG") // as in TestInstalledCompose
	if root == "" || testing.Short() || exec.Command("docker", "compose", "version").Run() != nil {
		t.Skip("needs SEATRIAL_CORPUS, docker compose and a minute and a half")
	}
	compared, unknown := 0, 0
	for _, row := range readIndex(t, filepath.Join(root, "index.tsv")) {
		p := spec.Project{Files: []string{filepath.Join(root, row["file"])}}
		o := Options{Base: BaseEnv(os.Environ())}
		plan, err := Compose(context.Background(), p, o)
		if p.Env = blanks(plan); err != nil && len(p.Env) > 0 {
			plan, err = Compose(context.Background(), p, o)
		}
		if err != nil || plan.Override() == nil {
			continue
		}
		override := filepath.Join(t.TempDir(), "override.yaml")
		if err := os.WriteFile(override, plan.Override(), 0o666); err != nil {
			t.Fatal(err)
		}
		before, err := configOf(t, plan, "")
		if err != nil {
			unknown++
			continue
		}
		after, err := configOf(t, plan, override)
		if err != nil {
			t.Errorf("%s: %v", row["file"], err)
			continue
		}
		compared++
		t.Run(row["file"], func(t *testing.T) {
			compareInstalled(t, plan, before, after)
			for _, s := range shared(after, slices.Collect(maps.Values(leased(t, plan.Leases, 0)))) {
				t.Errorf("two copies share %s", s)
			}
		})
	}
	t.Logf("%d overrides compared, %d files that this docker compose does not read", compared, unknown)
}

// shared lists what a second copy would want to have as well, in the output
// of docker compose -p copy1 config. What is leased has another value there.
func shared(model map[string]any, leased []string) []string {
	var all []string
	add := func(what, name string) { all = append(all, what+" "+name) }
	services := modeltree.Mapping(model, "services")
	for _, name := range slices.Sorted(maps.Keys(services)) {
		s := services[name]
		if container := modeltree.Str(s, "container_name"); container != "" && !hasCopy(container) {
			add("container name", container)
		}
		for _, p := range modeltree.List(s, "ports") {
			if published := modeltree.Str(p, "published"); published != "" && published != "0" && !slices.Contains(leased, published) && modeltree.Str(s, "network_mode") != "host" {
				add("host port", published)
			}
		}
		if image := modeltree.Str(s, "image"); modeltree.Mapping(s, "build") != nil && image != "" && !hasCopy(image) {
			add("tag", image)
		}
	}
	for _, kind := range []string{"networks", "volumes"} {
		for key, r := range modeltree.Mapping(model, kind) {
			if !hasCopy(modeltree.Str(r, "name")) {
				add(kind, key)
			}
		}
	}
	return all
}

func hasCopy(name string) bool {
	return len(name) >= 5 && (name[:5] == "copy1" || hasCopy(name[1:]))
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/spec"
)

// What the command wrote into .env for plain docker compose is none of the project's.
func TestOwnBlockIsReadPast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env, err := envblock.Put([]byte("TAG=1\n"), envblock.Block{Name: "x", Dir: dir}, map[string]string{"TAG": "2", "COMPOSE_FILE": "nowhere.yaml", "COMPOSE_PROFILES": "debug"})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"compose.yaml": "services:\n  web: {image: \"app:${TAG}\"}\n  extra: {image: extra, profiles: [debug]}\n", ".env": string(env)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []spec.Project{{Files: []string{dir}}, {Files: []string{filepath.Join(dir, "compose.yaml")}}} {
		plan, err := Compose(context.Background(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(plan.Services) != 1 || plan.Services[0].Image != "app:1" || len(plan.Profiles) > 0 || !strings.HasSuffix(plan.Files[0], "compose.yaml") {
			t.Errorf("%q: the plan has %+v, profiles %q, files %q", p.Files, plan.Services, plan.Profiles, plan.Files)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/envblock"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// docker compose reads no block that was written for another call of it.
func TestEnvFilesWithoutBlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	block := func(before string) []byte {
		with, err := envblock.Put([]byte(before), envblock.Block{Name: "x", Dir: dir}, map[string]string{"TAG": "2", "COMPOSE_PROFILES": "debug"})
		if err != nil {
			t.Fatal(err)
		}
		return with
	}
	own, plain, blocked := filepath.Join(dir, ".env"), filepath.Join(dir, "plain.env"), filepath.Join(dir, "blocked.env")
	for name, content := range map[string][]byte{own: block("TAG=1\n"), plain: []byte("A=1\n"), blocked: block("B=1\n")} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		dir   string
		given []string
		want  []string // files that are told as they are; "" is a copy
	}{
		{dir, nil, []string{""}},
		{t.TempDir(), nil, nil},
		{dir, []string{plain}, []string{plain}},
		{dir, []string{plain, blocked}, []string{plain, ""}},
	} {
		artifacts, err := artifact.Open(t.TempDir(), "x", "")
		if err != nil {
			t.Fatal(err)
		}
		c := &composeCommand{session: &session.Session{Artifacts: &session.Artifacts{Dir: artifacts}}, plan: &tailor.Plan{Dir: test.dir, EnvFiles: test.given}}
		got, err := c.envFiles()
		if err != nil || len(got) != len(test.want) {
			t.Errorf("of %q: %q, %v", test.given, got, err)
			continue
		}
		for i, file := range got {
			if test.want[i] != "" {
				if file != test.want[i] {
					t.Errorf("of %q: %q, want %q", test.given, got, test.want)
				}
				continue
			}
			content, err := os.ReadFile(file)
			if err != nil || !slices.Contains([]string{"TAG=1\n", "B=1\n"}, string(content)) {
				t.Errorf("the copy of %q has %q, %v", test.given, content, err)
			}
		}
	}
}

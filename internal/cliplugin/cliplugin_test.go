// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package cliplugin

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, mode os.FileMode, content string, path ...string) string {
		name := filepath.Join(path...)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	const binary = "\x7fELF"
	for _, test := range []struct {
		about string
		want  string // below the directory
		make  func(t *testing.T, dir string) (docker string)
	}{
		{"in the configuration", "config/cli-plugins/docker-compose", func(t *testing.T, dir string) string {
			write(t, 0o755, binary, dir, "config/cli-plugins/docker-compose")
			return write(t, 0o755, binary, dir, "docker")
		}},
		{"in a directory that the configuration names", "extra/docker-compose", func(t *testing.T, dir string) string {
			write(t, 0o755, binary, dir, "config/cli-plugins/docker-compose")
			write(t, 0o755, binary, dir, "extra/docker-compose")
			write(t, 0o644, fmt.Sprintf(`{"cliPluginsExtraDirs": [%q, %q]}`, dir+"/none", dir+"/extra"), dir, "config/config.json")
			return write(t, 0o755, binary, dir, "docker")
		}},
		{"a link", "config/cli-plugins/docker-compose", func(t *testing.T, dir string) string {
			if err := os.MkdirAll(dir+"/config/cli-plugins", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(write(t, 0o755, binary, dir, "elsewhere"), dir+"/config/cli-plugins/docker-compose"); err != nil {
				t.Fatal(err)
			}
			return write(t, 0o755, binary, dir, "docker")
		}},
		{"a docker command that is a script", "", func(t *testing.T, dir string) string {
			write(t, 0o755, binary, dir, "config/cli-plugins/docker-compose")
			return write(t, 0o755, "#!/bin/sh\nexec podman \"$@\"\n", dir, "docker")
		}},
		{"no docker command", "", func(t *testing.T, dir string) string {
			write(t, 0o755, binary, dir, "config/cli-plugins/docker-compose")
			return filepath.Join(dir, "docker")
		}},
		{"one that cannot be run, before one that can", "", func(t *testing.T, dir string) string {
			write(t, 0o644, binary, dir, "extra/docker-compose")
			write(t, 0o755, binary, dir, "config/cli-plugins/docker-compose")
			write(t, 0o644, fmt.Sprintf(`{"cliPluginsExtraDirs": [%q]}`, dir+"/extra"), dir, "config/config.json")
			return write(t, 0o755, binary, dir, "docker")
		}},
		{"another plugin", "", func(t *testing.T, dir string) string {
			write(t, 0o755, binary, dir, "config/cli-plugins/docker-compose-switch")
			return write(t, 0o755, binary, dir, "docker")
		}},
	} {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			docker := test.make(t, dir)
			program, ok := find(docker, ofUser(filepath.Join(dir, "config")), "compose") // not what this machine has
			if want := filepath.Join(dir, test.want); ok != (test.want != "") || ok && program != want {
				t.Errorf("found %q, %v, want %q", program, ok, test.want)
			}
		})
	}
}

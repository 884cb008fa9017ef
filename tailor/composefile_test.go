// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// What docker compose takes from .env when it is called in a directory. Each case is
// also put to the docker compose that is installed, if one is.
func TestComposeFileOfEnvFile(t *testing.T) {
	service := func(name string) string {
		return "services:\n  " + name + ": {image: \"x:${V:-none}-${W:-none}\"}\n"
	}
	tree := map[string]string{
		"compose.yaml": service("base"), "compose.override.yaml": service("over"), "two.yaml": service("two"),
		"conf/more.yaml": service("more"), "conf/.env": "V=conf\nW=$X-w\n", "profiles.yaml": "services:\n  base: {image: x}\n  more: {image: x, profiles: [p]}\n  less: {image: x, profiles: [q]}\n",
		"outside.env": "V=outside\n",
	}
	for _, tt := range []struct {
		name, env string
		want      []string // services with their images
		fails     string
	}{
		{"nothing", "V=1\n", []string{"base x:1-none", "over x:1-none"}, ""},
		{"one file, and no override", "COMPOSE_FILE=compose.yaml\n", []string{"base x:none-none"}, ""},
		{"several", "COMPOSE_FILE=compose.yaml:two.yaml\nV=1\n", []string{"base x:1-none", "two x:1-none"}, ""},
		{"another separator", "COMPOSE_FILE=compose.yaml;two.yaml\nCOMPOSE_PATH_SEPARATOR=;\n", []string{"base x:none-none", "two x:none-none"}, ""},
		{"with a variable", "N=two\nCOMPOSE_FILE=compose.yaml:${N}.yaml\n", []string{"base x:none-none", "two x:none-none"}, ""},
		{"a project in another directory", "COMPOSE_FILE=conf/more.yaml\nV=home\nX=home\n", []string{"more x:home-home-w"}, ""},
		{"its first file decides", "COMPOSE_FILE=two.yaml:conf/more.yaml\n", []string{"more x:none-none", "two x:none-none"}, ""},
		{"profiles", "COMPOSE_FILE=profiles.yaml\nCOMPOSE_PROFILES=p, r\n", []string{"base x", "more x"}, ""},
		{"it is not to be read", "COMPOSE_DISABLE_ENV_FILE=true\nCOMPOSE_FILE=compose.yaml\nV=1\n", []string{"base x:none-none"}, ""},
		{"other env files", "COMPOSE_ENV_FILES=outside.env\nCOMPOSE_FILE=compose.yaml\n", []string{"base x:none-none"}, ""},
		{"a file that is not there", "COMPOSE_FILE=gone.yaml\n", nil, `COMPOSE_FILE names "gone.yaml": file does not exist`},
		{"a blank", "COMPOSE_FILE=\n", nil, `COMPOSE_FILE names "": is a directory`},
		{"a blank at the end", "COMPOSE_FILE=compose.yaml:\n", nil, `COMPOSE_FILE names "": is a directory`},
		{"a directory", "COMPOSE_FILE=conf\n", nil, `COMPOSE_FILE names "conf": is a directory`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range tree {
				if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(tt.env), 0o666); err != nil {
				t.Fatal(err)
			}
			p, err := Compose(context.Background(), spec.Project{Files: []string{dir}}, Options{})
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) {
					t.Errorf("error = %v, want %q", err, tt.fails)
				}
			} else if err != nil {
				t.Fatal(err)
			} else {
				var got []string
				for _, s := range p.Services {
					got = append(got, s.Name+" "+s.Image)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("services (-want +got):\n%s", diff)
				}
				if again := installedServices(t, p.Dir, p); again != nil && !slices.Equal(again, tt.want) {
					t.Errorf("docker compose, run as the plan says, has %q, want %q", again, tt.want)
				}
			}
			if got := installedServices(t, dir, nil); !slices.Equal(got, tt.want) && got != nil {
				t.Errorf("the docker compose that is installed has %q, want %q", got, tt.want)
			}
		})
	}
	if _, err := Compose(context.Background(), spec.Project{Files: []string{"nowhere"}}, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory that is not there: %v", err)
	}
}

// installedServices asks docker compose for the services and their images: what it
// finds in the directory by itself, or as a plan has it. It is nil where there is
// no docker compose, or it fails.
func installedServices(t *testing.T, dir string, p *Plan) []string {
	t.Helper()
	var args []string
	env := []string{"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH"), "DOCKER_CONFIG=" + os.Getenv("DOCKER_CONFIG")}
	if p != nil {
		args = append(args, "--project-directory", p.Dir)
		for _, f := range p.EnvFiles {
			args = append(args, "--env-file", f)
		}
		for _, f := range p.Profiles {
			args = append(args, "--profile", f)
		}
		for _, f := range p.Files {
			args = append(args, "--file", f)
		}
		for name, value := range p.Env {
			env = append(env, name+"="+value)
		}
	}
	cmd := exec.Command("docker", append(append([]string{"compose"}, args...), "config")...)
	cmd.Dir, cmd.Env = dir, env
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Run() != nil {
		return nil
	}
	var all []string
	name := ""
	for line := range strings.Lines(out.String()) {
		switch line = strings.TrimRight(line, "\n"); {
		case strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") && strings.HasSuffix(line, ":"):
			name = strings.TrimSuffix(strings.TrimSpace(line), ":")
		case strings.HasPrefix(line, "    image: "):
			all = append(all, name+" "+strings.TrimPrefix(line, "    image: "))
		}
	}
	return all
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/seatrial/seatrial/spec"
)

var update = flag.Bool("update", false, "write what is got to the golden files")

// The golden tests: each archive in testdata has a project, and below it what
// comes out. Its comment says what it is about, with the numbers of the cases,
// and may have lines that make up the spec:
//
//	files: a.yaml b.yaml
//	dir: DIR
//	profiles: NAME NAME
//	env: NAME=VALUE
//	image: OLD=NEW
//	options: { … }
//
// where the options are fields of the spec in JSON, and OverrideOnly.
//
// want.plan, want.override and want.error are the three results, left out where
// empty, like want.shared: what two copies have in common. want.services,
// want.resources and want.leases are compared where they stand.
func TestGolden(t *testing.T) { goldens(t, "testdata/*.txtar") }

// The numbered cases of the design that need no running project, by their
// numbers: an archive each, or a test of its own.
func TestCases(t *testing.T) {
	goldens(t, "testdata/cases/*.txtar")
	for name, test := range map[string]func(*testing.T){
		"65_bytes":             oddBytes,
		"81_loads_at_once":     loadsAtOnce,
		"84_the_same_override": sameOverride,
		"85_broken_rule":       brokenRule,
		"87_refused_error":     refusedError,
	} {
		t.Run(name, test)
	}
}

func goldens(t *testing.T, pattern string) {
	archives, err := filepath.Glob(pattern)
	if err != nil || len(archives) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, name := range archives {
		name, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { golden(t, name) })
	}
}

func golden(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := unpack(t, archive)
	t.Chdir(dir)
	p, overrideOnly := specOf(t, archive.Comment)
	plan, err := Compose(context.Background(), p, Options{Base: map[string]string{"HOME": "/home/somebody"}, OverrideOnly: overrideOnly})
	got := map[string]string{}
	if err != nil {
		got["want.error"] = err.Error() + "\n"
	}
	if plan != nil && err == nil {
		got["want.plan"], got["want.override"] = plan.Text(), string(plan.Override())
	}
	if err == nil && !overrideOnly {
		got["want.shared"] = strings.ReplaceAll(strings.Join(append(common(t, plan), ""), "\n"), dir, "$DIR")
	}
	if plan != nil {
		got["want.leases"] = leases(plan)
		got["want.services"], got["want.resources"] = services(plan), fmt.Sprintf("networks: %v\nvolumes: %v\n", plan.Networks, plan.Volumes)
	}
	want := map[string]string{}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "want.") {
			want[f.Name] = string(f.Data)
		}
	}
	var order []txtar.File
	for _, key := range []string{"want.plan", "want.override", "want.error", "want.services", "want.resources", "want.leases", "want.shared"} {
		text := strings.ReplaceAll(got[key], dir, "$DIR")
		_, asked := want[key]
		if key == "want.services" || key == "want.resources" || key == "want.leases" {
			if !asked {
				continue
			}
		}
		if text != "" {
			order = append(order, txtar.File{Name: key, Data: []byte(text)})
		}
		if diff := cmp.Diff(want[key], text); diff != "" && !*update {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	if *update {
		for _, f := range order {
			want[f.Name] = ""
		}
		var files []txtar.File
		for _, f := range archive.Files {
			if !strings.HasPrefix(f.Name, "want.") {
				files = append(files, f)
			}
		}
		archive.Files = append(files, order...)
		if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// unpack writes the files of an archive to a directory of the test.
func unpack(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if strings.HasPrefix(f.Name, "want.") {
			continue
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func specOf(t *testing.T, comment []byte) (p spec.Project, overrideOnly bool) {
	t.Helper()
	p = spec.Project{Env: map[string]string{}, Images: map[string]string{}}
	for line := range strings.Lines(string(comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name, v, _ := strings.Cut(value, "=")
		switch key {
		case "files":
			p.Files = strings.Fields(value)
		case "dir":
			p.Dir = value
		case "profiles":
			p.Profiles = strings.Fields(value)
		case "env":
			p.Env[name] = v
		case "image":
			p.Images[name] = v
		case "options":
			o := struct {
				*spec.Project
				OverrideOnly bool
			}{Project: &p}
			d := json.NewDecoder(strings.NewReader(value))
			d.DisallowUnknownFields()
			if err := d.Decode(&o); err != nil {
				t.Fatalf("options: %v", err)
			}
			overrideOnly = o.OverrideOnly
		}
	}
	if p.Files == nil {
		p.Files = []string{"compose.yaml"}
	}
	return p, overrideOnly
}

func services(p *Plan) string {
	var b strings.Builder
	for _, s := range p.Services {
		fmt.Fprintf(&b, "%s: image=%q container=%q replicas=%d build=%t check=%t networks=%v\n",
			s.Name, s.Image, s.ContainerName, s.Replicas, s.Build, s.HealthCheck, s.Networks)
		for _, port := range s.Ports {
			fmt.Fprintf(&b, "  %d → %d/%s on %q\n", port.Published, port.Target, port.Protocol, port.HostIP)
		}
	}
	return b.String()
}

// leases shows what the plan wants of whoever runs it.
func leases(p *Plan) string {
	text, err := json.MarshalIndent(struct {
		Leases      Leases
		Copies      []Copy        `json:",omitempty"`
		Contexts    []ContextCopy `json:",omitempty"`
		Dockerfiles []Dockerfile  `json:",omitempty"`
		Texts       []Text        `json:",omitempty"`
	}{p.Leases, p.Copies, p.Contexts, p.Dockerfiles, p.Texts}, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text) + "\n"
}

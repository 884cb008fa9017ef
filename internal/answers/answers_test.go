// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

func reading(content string) func(string) ([]byte, error) {
	return func(string) ([]byte, error) { return []byte(content), nil }
}

func TestRead(t *testing.T) {
	t.Parallel()
	abs := filepath.Join(t.TempDir(), "data")
	for _, c := range []struct {
		about, content string
		want           spec.Project
	}{
		{"nothing", "", spec.Project{}},
		{"comments", "# paths:\n#   /srv: \"\"\n", spec.Project{}},
		{"an empty document", "---\n", spec.Project{}},
		{"keys without anything", "allow:\nnetworks:\n", spec.Project{}},
		{"texts that look like something else", "env: {A: 3, B: yes, C: 1.10, D: \"\"}\nimages: {app: 1.0}\n",
			spec.Project{Env: map[string]string{"A": "3", "B": "yes", "C": "1.10", "D": ""}, Images: map[string]string{"app": "1.0"}}},
		{"nothing is a blank", "networks:\n  proxy:\nvolumes: {data: ~}\n", spec.Project{Networks: map[string]string{"proxy": ""}, Volumes: map[string]string{"data": ""}}},
		{"names of files", "paths: {/srv: sub/data, /opt: " + abs + ", /tmp: ''}\nsecrets: {key: ../key.txt}\nconfigs: {c: c.txt}\n",
			spec.Project{Paths: map[string]string{"/srv": "deploy/sub/data", "/opt": abs, "/tmp": ""}, Secrets: map[string]string{"key": "key.txt"}, Configs: map[string]string{"c": "deploy/c.txt"}}},
		{"builds", "builds:\n  ./web: {context: other, dockerfile: D, files: [a, /b], args: {V: 1}}\n",
			spec.Project{Builds: map[string]spec.Build{"./web": {Context: "deploy/other", Dockerfile: "D", Files: []string{"deploy/a", "/b"}, Args: map[string]string{"V": "1"}}}}},
		{"ports", "ports: [80, 443]\nkeepPorts: [80]\nstablePorts: true\nportReferences: all\npublish: {db: [5432]}\npublishOther: {dns: [53/udp]}\n",
			spec.Project{Ports: []int{80, 443}, KeepPorts: []int{80}, StablePorts: true, PortReferences: "all", Publish: map[string][]int{"db": {5432}}, PublishOther: map[string][]string{"dns": {"53/udp"}}}},
		{"the rest", "profiles: [p]\nallow: [docker-socket]\nlock: [host-network]\nisolate: true\ncopyLimit: 1000\ncopyMounts: true\nreplace: {a: b}\n",
			spec.Project{Profiles: []string{"p"}, Allow: []string{"docker-socket"}, Lock: []string{"host-network"}, Isolate: true, CopyLimit: 1000, CopyMounts: true, Replace: map[string]string{"a": "b"}}},
		{"an anchor", "networks: &n {a: ''}\nvolumes: *n\n", spec.Project{Networks: map[string]string{"a": ""}, Volumes: map[string]string{"a": ""}}},
	} {
		f, err := Read("deploy/.seatrial.yaml", reading(c.content))
		if err != nil {
			t.Errorf("%s: %v", c.about, err)
			continue
		}
		if !reflect.DeepEqual(f.Project, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.about, f.Project, c.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"netwroks: {}\n":                      `:1: unknown key "netwroks": did you mean networks?`,
		"isolate: true\nkeep-ports: [1]\n":    `:2: unknown key "keep-ports": did you mean keepPorts?`,
		"Networks: {}\n":                      `:1: unknown key "Networks": did you mean networks?`,
		"files: [a.yaml]\n":                   `:1: key "files" is not for this file: the Compose files are those that the command, or the test, names`,
		"ready: {}\n":                         `:1: key "ready" is not for this file: conditions are written in Go; what has a health check is waited for without`,
		"isolate: true\n\nisolate: true\n":    `:3: the file: key "isolate" stands in line 1, too`,
		"networks:\n  a: ''\n  a: b\n":        `:3: networks: key "a" stands in line 2, too`,
		"networks: [a]\n":                     `:1: networks: want keys with values`,
		"networks: {a: [b]}\n":                `:1: networks.a: want a text`,
		"allow: docker-socket\n":              `:1: allow: want a list`,
		"allow:\n- {a: b}\n":                  `:2: allow: want a text`,
		"isolate: 'true'\n":                   `:1: isolate: want true or false`,
		"isolate: sometimes\n":                `:1: isolate: want true or false`,
		"isolate:\n":                          `:1: isolate: want a value`,
		"keepPorts: [http]\n":                 `:1: keepPorts: want numbers of ports`,
		"keepPorts: [70000]\n":                `:1: keepPorts: want numbers of ports`,
		"publish: {db: 5432}\n":               `:1: publish.db: want a list`,
		"portReferences: some\n":              `:1: portReferences "some": want all or off`,
		"copyLimit: much\n":                   `:1: copyLimit: want a number of bytes`,
		"env:\n  TAG:\n":                      `:2: env.TAG: want a value; an empty one is ""`,
		"builds:\n  .: {contxt: x}\n":         `:2: builds..: unknown key "contxt": did you mean context?`,
		"- a\n":                               `:1: the file: want keys with values`,
		"isolate: true\n---\nisolate: true\n": `:2: a second document: want one`,
		"isolate: true\n\tallow: [x]\n":       ``,
		"something: 1\n":                      `:1: unknown key "something": it may have allow, builds, configs, copyLimit, copyMounts, env, images, isolate, keepPorts, lock, networks, paths, portReferences, ports, profiles, publish, publishOther, replace, secrets, stablePorts, standIns, volumes`,
		"? [a]\n: b\n":                        `:1: the file: want a name for a key`,
	} {
		_, err := Read("x/.seatrial.yaml", reading(content))
		var wrong *Error
		if !errors.As(err, &wrong) || wrong.Line == 0 {
			t.Errorf("%q: error %v has no line", content, err)
			continue
		}
		if want != "" && err.Error() != "reading x/.seatrial.yaml"+want {
			t.Errorf("%q:\n got %v\nwant reading x/.seatrial.yaml%s", content, err, want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "no.yaml"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that does not exist: %v", err)
	}
}

// Every field of the spec can be written in the file, or there is a reason why not.
func TestEveryFieldIsKnown(t *testing.T) {
	t.Parallel()
	for f := range reflect.TypeFor[spec.Project]().Fields() {
		if (Key(f.Name) == "") != (elsewhere[f.Name] != "") {
			t.Errorf("%s has key %q", f.Name, Key(f.Name))
		}
		if elsewhere[f.Name] != "" {
			continue
		}
		value := map[string]string{"string": "all", "bool": "true", "int64": "1", "slice": "[1]", "map": "{}"}[f.Type.Kind().String()]
		got, err := Read(Name, reading(Key(f.Name)+": "+value+"\n"))
		if err != nil {
			t.Error(err)
		} else if reflect.ValueOf(got.Project).FieldByName(f.Name).IsZero() {
			t.Errorf("%s: %s is lost", f.Name, value)
		}
		// and Over keeps it where the upper spec has no value
		if over := Over(spec.Project{}, got.Project); value != "{}" && reflect.ValueOf(over).FieldByName(f.Name).IsZero() {
			t.Errorf("%s is lost below a spec that does not have it", f.Name)
		}
	}
}

func TestOver(t *testing.T) {
	t.Parallel()
	below := spec.Project{
		Env: map[string]string{"A": "1", "B": "1"}, Images: map[string]string{"app": "a:1", "db": "b:1"}, Paths: map[string]string{"data/": "x", "/srv": ""},
		Profiles: []string{"p"}, Allow: []string{"docker-socket", "host-network"}, Lock: []string{"device:/dev/kvm"}, KeepPorts: []int{80}, PortReferences: "off", Isolate: true,
	}
	before := reflect.ValueOf(below.Env).Len()
	got := Over(spec.Project{
		Env: map[string]string{"B": "2", "C": "2"}, Images: map[string]string{"docker.io/library/app:latest": "a:2"}, Paths: map[string]string{"./data": "y"},
		Profiles: []string{"q"}, Allow: []string{"device:/dev/kvm"}, Lock: []string{"host-network"}, KeepPorts: []int{443}, PortReferences: "all",
	}, below)
	want := spec.Project{
		Env: map[string]string{"A": "1", "B": "2", "C": "2"}, Images: map[string]string{"docker.io/library/app:latest": "a:2", "db": "b:1"}, Paths: map[string]string{"./data": "y", "/srv": ""},
		Profiles: []string{"q"}, Allow: []string{"device:/dev/kvm", "docker-socket"}, Lock: []string{"host-network"}, KeepPorts: []int{443, 80}, PortReferences: "all", Isolate: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(below.Env) != before || below.Env["B"] != "1" {
		t.Error("the one below has changed")
	}
}

func TestBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if got := Beside(dir); got != "" {
		t.Errorf("found %s", got)
	}
	name := filepath.Join(dir, Name)
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{dir, filepath.Join(dir, "compose.yaml")} {
		if got := Beside(file); got != name {
			t.Errorf("beside %s is %q", file, got)
		}
	}
}

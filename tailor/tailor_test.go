// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
)

// plan tailors one file that is held in memory.
func plan(t *testing.T, text string, rules ...func(*parts) []rule) (*Plan, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "compose.yaml")
	read := func(n string) ([]byte, error) {
		if n == name {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: n, Err: fs.ErrNotExist}
	}
	rules = append(rules, (*parts).rules)
	return compose(context.Background(), spec.Project{Files: []string{name}}, Options{Read: read}, rules[0])
}

const small = "services:\n  web:\n    image: web\n    ports: [\"8080:80\"]\n    volumes: [\"data:/data\"]\nvolumes:\n  data:\n"

// Case 85: a rule that does something else than it says is caught, whatever it
// does wrong.
func brokenRule(t *testing.T) {
	tests := map[string]func(m *document, r *rule){
		"drops a volume beside its edit": func(m *document, r *rule) {
			at := modeltree.Path{"services", "web", "ports"}
			m.edit(r, change{at: at.Join(0, "published"), drop: true, what: "port"})
			m.plan.override = nil
			m.plan.Edits[0].at = modeltree.Path{"services", "web", "volumes", 0}
		},
		"changes what it does not edit": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "image"}, value: "other", what: "image"})
			m.tree["services"].(map[string]any)["web"].(map[string]any)["image"] = "third"
		},
		"edits what Compose does not keep": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "nonsense"}, value: "x", what: "nonsense"})
		},
		"edits what is not there": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "ports", 7}, value: "x", what: "port"})
		},
	}
	for name, apply := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := plan(t, small, func(p *parts) []rule {
				return []rule{{name: "broken", apply: func(r *rule) { apply(p.document, r) }}}
			})
			var be *bugError
			if !errors.As(err, &be) || p != nil {
				t.Fatalf("plan = %v, error = %v, want a bugError", p, err)
			}
			if !strings.Contains(err.Error(), "mistake in seatrial") {
				t.Errorf("error = %q, which does not say whose mistake it is", err)
			}
		})
	}
}

// Case 84: the same input gives the same bytes, and what callers do to them
// stays with the callers.
func sameOverride(t *testing.T) {
	p, err := plan(t, small)
	if err != nil {
		t.Fatal(err)
	}
	want := string(p.Override())
	p.Override()[0] = 'X'
	if got := string(p.Override()); got != want {
		t.Errorf("override = %q after a caller wrote to it, want %q", got, want)
	}
}

// Case 87, and what a caller can do with the error.
func refusedError(t *testing.T) {
	p, err := plan(t, "services:\n  web:\n    image: web\n    networks: [a, b]\nnetworks:\n  a: {external: true}\n  b: {external: true}\n")
	var re *RefusedError
	if !errors.As(err, &re) || p == nil {
		t.Fatalf("plan = %v, error = %v, want both", p, err)
	}
	var got []string
	for _, f := range re.Findings {
		got = append(got, fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, f.Rule, f.Path))
	}
	want := []string{"6:17 external-network networks.a", "7:17 external-network networks.b"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// A file that is not there is told with those that may be meant.
func TestFilesBeside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"full/compose.yaml": small, "full/app.yml": "include: [compose.yaml]\n", "full/other.yaml": "a: b\n", "bare/values.yaml": "a: b\n"} {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(content), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"full/compse.yaml": "did you mean " + filepath.Join(dir, "full", "compose.yaml") + "?",
		"full/nothing":     filepath.Join(dir, "full") + " has app.yml, compose.yaml",
		"bare/compse.yaml": "there is no Compose file in " + filepath.Join(dir, "bare"),
		"none/compse.yaml": "there is no directory " + filepath.Join(dir, "none"),
	} {
		name = filepath.Join(dir, name)
		_, err := Compose(t.Context(), spec.Project{Files: []string{name}}, Options{})
		if want := "reading " + name + ": file does not exist\nhint: " + want; err == nil || err.Error() != want || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// What YAML makes nothing of is told with what stands there.
func TestOddCharacters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"services:\n  web:\n\timage: web\n":                     "compose.yaml:3: no valid YAML: line 3 begins with a tab; YAML is indented with spaces",
		"services:\n  web:\n  \timage: web\n":                   "compose.yaml:3: no valid YAML: a tab is in the indentation of line 3; YAML is indented with spaces",
		"services:\n  web:\n    image: @shop/web # as it is\n":  "compose.yaml:3: no valid YAML: in line 3 @shop/web begins with @, which needs quotes: \"@shop/web\"",
		"services:\n  web:\n    command: [`run`, x]\n":          "compose.yaml:3: no valid YAML: in line 3 `run` begins with `, which needs quotes: \"`run`\"",
		"services:\n  web: {image: web, command: [%x]}\nx: y\n": "compose.yaml:2: no valid YAML: in line 2 %x begins with %, which needs quotes: \"%x\"",
	} {
		if _, err := plan(t, text); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// Of one refusal the first line says why, of several how many there are and what the first
// is; what is wrong with the spec is not said of the files.
func TestRefusedHeading(t *testing.T) {
	t.Parallel()
	const files = "services:\n  web: {image: web, pid: host}\n"
	for _, tt := range []struct {
		text string
		p    spec.Project
		want string
	}{
		{files, spec.Project{}, "it cannot run isolated: compose.yaml:2 service web: pid: host (its processes see"},
		{small, spec.Project{Images: map[string]string{"x": "y"}}, `Images["x"] matches no image`},
		{small, spec.Project{Images: map[string]string{"x": "y"}, Profiles: []string{"p"}}, `2 mistakes in what is said of it; the first: Images["x"] matches no image` + "\nImages[\"x\"] matches no image\n"},
		{files, spec.Project{Profiles: []string{"p"}}, "it cannot run isolated, for 2 reasons; the first: Profiles has \"p\", which no service has\nProfiles has"},
	} {
		dir := t.TempDir()
		tt.p.Files = []string{filepath.Join(dir, "compose.yaml")}
		if err := os.WriteFile(tt.p.Files[0], []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Compose(t.Context(), tt.p, Options{})
		if got := strings.ReplaceAll(fmt.Sprint(err), dir+string(filepath.Separator), ""); !strings.HasPrefix(got, "tailoring compose.yaml: "+tt.want) {
			t.Errorf("got %s\nwant %s", got, tt.want)
		}
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	dir := t.TempDir()
	missed := t.TempDir() // where an engine made a directory for a mount whose file was missing
	if err := os.Mkdir(filepath.Join(missed, "compose.yaml"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		p    spec.Project
		o    Options
		want string
	}{
		{spec.Project{}, Options{}, "reading project: Files is empty"},
		{spec.Project{Files: []string{"nowhere.yaml"}}, Options{}, "reading nowhere.yaml: file does not exist"},
		{spec.Project{Files: []string{dir}}, Options{}, "reading " + dir + ": is a directory, and none of compose.yaml"},
		{spec.Project{Files: []string{missed}}, Options{}, "reading " + filepath.Join(missed, "compose.yaml") + ": is a directory"},
		{spec.Project{Files: []string{"testdata/ports-short.txtar"}}, Options{EnvFiles: []string{"nowhere.env"}}, "reading nowhere.env: "},
	} {
		p, err := Compose(context.Background(), tt.p, tt.o)
		if err == nil || p != nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("Compose(%v) = %v, %v, want an error that begins with %q", tt.p.Files, p, err, tt.want)
		}
	}
}

// Case 65: bytes that YAML writers like to change are not in the override.
func oddBytes(t *testing.T) {
	p, err := plan(t, "\uFEFFservices:\r\n  web:\r\n    image: web\r\n    ports: [\"8080:80\"]\r\n    command: |\r\n\r\n      echo\t 😀   \r\n      done\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(p.Override()); strings.Contains(got, "command") || p.Edits[0].Line != 4 {
		t.Errorf("override = %s, edit at line %d, want the ports of line 4 alone", got, p.Edits[0].Line)
	}
}

// A range of ports, and a bomb of aliases, take bounded time.
func TestBounded(t *testing.T) {
	start := time.Now()
	p, err := plan(t, "services:\n  web:\n    image: web\n    ports: [\"20000-24000:20000-24000\", \"20000-24000:20000-24000/udp\"]\n")
	if err != nil || len(p.Edits) != 2*4001 || strings.Count(p.Text(), "\n") > 10 {
		t.Errorf("error = %v, want 8002 edits in a few lines", err)
	}
	bomb := "x-0: &a0 {image: web}\n"
	merge := "x-m0: &m0 {a: b}\n"
	for i := range 40 {
		bomb += fmt.Sprintf("x-%d: &a%d {a: *a%d, b: *a%d}\n", i+1, i+1, i, i)
		merge += fmt.Sprintf("x-m%d: &m%d\n  <<: [*m%d, *m%d]\n", i+1, i+1, i, i)
	}
	for _, text := range []string{
		bomb + "services:\n  web: *a40\n",
		merge + "services:\n  web:\n    <<: [*m40, *m40]\n    extends: {service: web}\n",
		"services: &s\n  web: *s\n",
		"a: &a\n  <<: *a\nservices:\n  web:\n    <<: *a\n    image: x\n",
	} {
		if p, err := plan(t, text); err == nil {
			t.Errorf("plan = %v, want an error", p)
		}
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("took %v", d)
	}
}

func TestBaseEnv(t *testing.T) {
	got := BaseEnv([]string{"HOME=/h", "PATH=/bin", "DOCKER_HOST=unix:///x=y", "COMPOSE_FILE=x", "SECRET=1", "TZ=UTC", "https_proxy=p", "HOMELESS=1", "=C:=x", "odd"})
	want := map[string]string{"HOME": "/h", "PATH": "/bin", "DOCKER_HOST": "unix:///x=y", "https_proxy": "p"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("BaseEnv (-want +got):\n%s", diff)
	}
}

// Compose's switches in the environment change nothing, and its environment is
// what docker compose is to be given.
func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("compose.yaml", "services:\n  a: {image: \"a:${TAG}-${COMPOSE_TAG}\"}\n  b: {image: b, profiles: [p]}\n")
	write(".env", "COMPOSE_PROFILES=p, q\nTAG=from-file\nCOMPOSE_TAG=mine\nCOMPOSE_FILE=other.yaml\n")
	p, err := Compose(context.Background(), spec.Project{
		Files: []string{filepath.Join(dir, "compose.yaml")}, Env: map[string]string{"TAG": "given", "COMPOSE_PROFILES": "none", "COMPOSE_PROJECT_NAME": "x"},
	}, Options{Base: map[string]string{"TAG": "base", "HOME": "/h"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"TAG": "given", "HOME": "/h", "PWD": p.Dir}; !maps.Equal(p.Env, want) {
		t.Errorf("Env = %v, want %v", p.Env, want)
	}
	if want := []string{"p", "q"}; !slices.Equal(p.Profiles, want) {
		t.Errorf("Profiles = %v, want %v", p.Profiles, want)
	}
	if len(p.Services) != 2 || p.Services[0].Image != "a:given-mine" {
		t.Errorf("Services = %+v, want a:given-mine and b", p.Services)
	}
}

// The JSON form is part of the API: names may be added, none may go.
func TestJSON(t *testing.T) {
	p, err := plan(t, small+"name: shop\n")
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/plan.json")
	got := strings.ReplaceAll(string(text)+"\n", p.Dir, "DIR")
	if *update {
		err = os.WriteFile("testdata/plan.json", []byte(got), 0o666)
		want = []byte(got)
	}
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func TestMissing(t *testing.T) {
	env := map[string]string{"SET": "1", "EMPTY": ""}
	for text, want := range map[string]string{
		"$SET ${SET} ${SET:-x} $$NO $${NO}": "",
		"$NO ${NOT}":                        "NO NOT",
		"${EMPTY} $EMPTY":                   "",
		"${EMPTY:-$NO}":                     "NO",
		"${EMPTY-$NO}":                      "",
		"${NO:-}${NO-}":                     "",
		"${NO:-${DEEP:-${DEEPER}}}":         "DEEPER",
		"${SET:+$NO}${NO:+$DEEP}":           "NO",
		"${NO:?why}${EMPTY?why}":            "NO!why",
		"${EMPTY:?}":                        "EMPTY!",
		"${":                                "",
		"$":                                 "",
		"a$1b${1}":                          "",
	} {
		var got []string
		for _, v := range substitution.Missing(text, env) {
			name := v.Name
			if v.Required {
				name += "!" + v.Message
			}
			got = append(got, name)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("missing(%q) = %q, want %q", text, got, want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

const smallStack = `version: "3.8"
services:
  web:
    image: web
    ports: ["8080:80"]
    volumes: ["data:/data", "logs:/logs"]
    environment: {A: "$$x"}
networks:
  default: {external: true}
volumes:
  data:
  logs:
`

// planStack tailors a text, in a directory of its own.
func planStack(t testing.TB, text string, s spec.Stack, rules ...func(*stackParts) []rule) (*StackPlan, error) {
	t.Helper()
	rules = append(rules, (*stackParts).rules)
	s.Files = []string{filepath.Join(t.TempDir(), "stack.yaml")}
	if err := os.WriteFile(s.Files[0], []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return stack(context.Background(), s, StackOptions{Base: map[string]string{"HOME": "/home/somebody"}}, rules[0])
}

// Case 85: a rule that does something else than it says is caught.
func TestStackBrokenRule(t *testing.T) {
	web := func(m *document) map[string]any {
		return modeltree.Mapping(modeltree.Mapping(m.tree, "services"), "web")
	}
	tests := map[string]func(*document, *rule){
		"drops a volume without an edit": func(m *document, _ *rule) {
			web(m)["volumes"] = modeltree.List(web(m), "volumes")[1:]
		},
		"drops a volume beside its edit": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "ports", 0, "published"}, drop: true, what: "port"})
			delete(modeltree.Mapping(m.tree, "volumes"), "data")
		},
		"changes what it does not edit": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "image"}, value: "other", what: "image"})
			web(m)["image"] = "third"
		},
		"edits what docker does not keep": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"networks", "default"}, value: map[string]any{"external": true, "x-y": "z"}, what: "nonsense"})
		},
		"edits what docker does not know": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "nonsense"}, value: "x", what: "nonsense"})
		},
		"edits what is not there": func(m *document, r *rule) {
			m.edit(r, change{at: modeltree.Path{"services", "web", "ports", 7}, value: "x", what: "port"})
		},
	}
	for name, apply := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := planStack(t, smallStack, spec.Stack{}, func(p *stackParts) []rule {
				return []rule{{name: "broken", apply: func(r *rule) { apply(p.document, r) }}}
			})
			var be *bugError
			if !errors.As(err, &be) || p != nil {
				t.Fatalf("plan = %v, error = %v, want a bugError", p, err)
			}
			if !strings.Contains(err.Error(), "mistake in seatrial") {
				t.Errorf("error = %v, want it to say whose mistake it is", err)
			}
		})
	}
}

// Cases 81 and 84, for stacks: many at once get the same bytes, and nothing is
// written to the user's logger.
func TestStackConcurrent(t *testing.T) {
	var log bytes.Buffer
	logrus.SetOutput(&log)
	t.Cleanup(func() { logrus.SetOutput(os.Stderr) })
	dir := t.TempDir()
	text := `version: "3.8"
services:
  web:
    image: web
    ports: ["127.0.0.1:8080:80", "8081:81", "53:53", "53:53/udp"]
    networks: [a, b, c]
    environment: {A: "localhost:8081", B: "localhost:8080", C: "1", D: "2"}
    volumes: ["./x:/x", "./y:/y"]
  db: {image: db, build: ./db}
networks:
  a: {name: aa}
  b: {name: bb}
  c: {external: {name: cc}}
`
	for i := range 8 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var group sync.WaitGroup
	documents, texts := make([][]byte, 64), make([]string, 64)
	for i := range documents {
		group.Go(func() {
			name := filepath.Join(dir, fmt.Sprintf("%d.yaml", i%8))
			plan, err := Stack(context.Background(), spec.Stack{Files: []string{name}, Isolate: true}, StackOptions{})
			if err != nil {
				t.Error(err)
				return
			}
			documents[i], texts[i] = plan.Document(), strings.ReplaceAll(plan.Text(), name, "NAME")
		})
	}
	group.Wait()
	for i := range documents {
		if !bytes.Equal(documents[i], documents[0]) || len(documents[i]) == 0 || texts[i] != texts[0] {
			t.Fatalf("one input, several outputs:\n%s\n%s\n%s\n%s", documents[0], documents[i], texts[0], texts[i])
		}
	}
	if log.Len() > 0 {
		t.Errorf("docker's loader logged:\n%s", log.String())
	}
}

// Case 65, and what JSON and YAML read differently: the services see the same
// bytes.
func TestStackCharacters(t *testing.T) {
	key := strings.Repeat("k", 3000)
	odd := "\u0001\u007f\u0080\u0085\u009f\u00a0\u2028\u2029\ufeff\ufffd\ufffe\uffff 😀 \\ \" / <&> \t\r\n  tail  "
	env := map[string]string{"ODD": odd, "DOLLAR": "$x ${y} $$"}
	text := `version: "3.8"
services:
  web:
    image: web
    command:
      - |2

          leading blank line
        tab	inside
      - "\x01\x7f\x85\u2028\uFEFF\U0001F600"
      - ${ODD}
    environment:
      ODD: ${ODD}
      DOLLAR: ${DOLLAR}
      "<<": merged
      "true": "yes"
      ` + key + "é" + `X: long
    labels:
      - "` + key + `=list=of"
      - "~=null"
`
	text = strings.Replace(text, key+"éX: long", "? \""+key+"éX\"\n      : long", 1)
	plan, err := planStack(t, text, spec.Stack{Env: env})
	if err != nil {
		t.Fatal(err)
	}
	document := plan.Document()
	var got struct {
		Services map[string]struct {
			Command     []string
			Environment any
			Labels      any
		}
	}
	if err := json.Unmarshal(document, &got); err != nil {
		t.Fatalf("the document is no JSON: %v", err)
	}
	web := got.Services["web"]
	want := []string{"\n  leading blank line\ntab\tinside\n", "\x01\x7f\u0085\u2028\ufeff😀", odd}
	if diff := cmp.Diff(want, web.Command); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
	for _, item := range []string{key + "éX=long", "DOLLAR=$$x $${y} $$$$", "<<=merged", "true=yes"} {
		if !slices.Contains(web.Environment.([]any), any(item)) {
			t.Errorf("environment has no %.40s in %.100s", item, web.Environment)
		}
	}
	for line := range bytes.Lines(document) {
		if bytes.ContainsAny(line, "\x7f\u0085\u009f\u2028") {
			t.Errorf("a line that YAML reads otherwise: %q", line)
		}
	}
}

func TestStackLongKey(t *testing.T) {
	key := strings.Repeat("k", 3000)
	_, err := planStack(t, "version: \"3.8\"\nservices:\n  web:\n    image: web\n    logging: {driver: x, options: {? "+key+" : v}}\n", spec.Stack{}, func(*stackParts) []rule { return nil })
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Findings[0].Line != 5 {
		t.Errorf("error = %v, want a refusal of line 5", err)
	}
}

func TestStackErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		return name
	}
	ok := write("ok.yaml", smallStack)
	tests := map[string]struct {
		s    spec.Stack
		want string
	}{
		"no files":    {spec.Stack{}, "Files is empty"},
		"missing":     {spec.Stack{Files: []string{ok, filepath.Join(dir, "none.yaml")}}, "none.yaml: no such file"},
		"empty":       {spec.Stack{Files: []string{write("empty.yaml", "# nothing\n")}}, "empty.yaml: the file is empty"},
		"list":        {spec.Stack{Files: []string{write("list.yaml", "- a\n")}}, "list.yaml:1: top-level object must be a mapping"},
		"tabs":        {spec.Stack{Files: []string{write("tabs.yaml", "services:\n\ta: {image: a}\n")}}, "tabs.yaml:2: "},
		"not UTF-8":   {spec.Stack{Files: []string{write("latin.yaml", "services: {a: {image: a, user: !!binary /w==}}\n")}}, "latin.yaml:1: "},
		"variable":    {spec.Stack{Files: []string{ok}, Env: map[string]string{"A": "\xff"}}, `Env["A"]`},
		"bad dollar":  {spec.Stack{Files: []string{write("dollar.yaml", "services:\n  a:\n    image: a\n    user: a$%\n")}}, "dollar.yaml:4: invalid interpolation format"},
		"alias bomb":  {spec.Stack{Files: []string{write("bomb.yaml", bomb())}}, "aliases make more than"},
		"not a port":  {spec.Stack{Files: []string{write("port.yaml", "services:\n  a:\n    image: a\n    ports: [\"x:y\"]\n")}}, "port.yaml:4: "},
		"old version": {spec.Stack{Files: []string{write("old.yaml", "version: \"3.99\"\nservices: {a: {image: a}}\n")}}, "old.yaml:1: unsupported Compose file version"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			plan, err := Stack(context.Background(), test.s, StackOptions{})
			if err == nil || !strings.Contains(err.Error(), test.want) || plan != nil {
				t.Errorf("error = %v, want %q in it", err, test.want)
			}
			if name == "missing" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("error = %v does not match fs.ErrNotExist", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Stack(ctx, spec.Stack{Files: []string{ok}}, StackOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v with a cancelled context", err)
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("x-0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "x-%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return b.String() + "services: {a: {image: a}}\n"
}

// The labels of whoever deploys are on everything that the stack makes, and the
// rest of the document is what it was.
func TestStackLabels(t *testing.T) {
	text := `version: "3.8"
services:
  web:
    image: web
    labels: {a: b}
    deploy: {labels: {owner: theirs}}
    secrets: [s]
  job: {image: job, networks: [n, out]}
networks:
  n:
  out: {external: true}
volumes:
  v: {labels: [a=b]}
secrets: {s: {file: /etc/hostname}}
configs: {c: {file: /etc/hostname}}
`
	plan, err := planStack(t, text, spec.Stack{Networks: map[string]string{"out": "out"}})
	if err != nil {
		t.Fatal(err)
	}
	document := plan.LabelledDocument(func(kind, key string) map[string]string {
		return map[string]string{"owner": kind + " $" + key}
	})
	dict, err := parseStack(document)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := loadStack(plan.Dir, plan.Env, dict)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	for _, p := range []modeltree.Path{
		{"services", "web", "labels"}, {"services", "web", "deploy", "labels"}, {"services", "job", "deploy", "labels"},
		{"networks", "n", "labels"}, {"networks", "default", "labels"}, {"networks", "out", "labels"},
		{"volumes", "v", "labels"}, {"secrets", "s", "labels"}, {"configs", "c", "labels"},
	} {
		got[p.String()], _ = modeltree.Lookup(tree, p)
	}
	want := map[string]any{
		"services.web.labels":        map[string]any{"a": "b", "owner": "container $web"},
		"services.web.deploy.labels": map[string]any{"owner": "service $web"},
		"services.job.deploy.labels": map[string]any{"owner": "service $job"},
		"networks.n.labels":          map[string]any{"owner": "network $n"},
		"networks.default.labels":    map[string]any{"owner": "network $default"},
		"networks.out.labels":        nil,
		"volumes.v.labels":           map[string]any{"a": "b", "owner": "volume $v"},
		"secrets.s.labels":           map[string]any{"owner": "secret $s"},
		"configs.c.labels":           map[string]any{"owner": "config $c"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	none := plan.LabelledDocument(func(string, string) map[string]string { return nil })
	if !bytes.Equal(none, plan.Document()) {
		t.Errorf("without labels it is another document:\n%s", none)
	}
}

// The JSON form of a stack's plan is that of a project's, and more.
func TestStackPlanJSON(t *testing.T) {
	plan, err := planStack(t, smallStack, spec.Stack{Isolate: true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var got, base map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	text, _ = json.Marshal(plan.Plan)
	_ = json.Unmarshal(text, &base)
	base["version"] = "3.9"
	if diff := cmp.Diff(slices.Sorted(maps.Keys(base)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

// A program that tailors Compose projects only does not link docker's loader.
func TestStackIsNotLinked(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs")
	}
	const symbol = "github.com/docker/cli/cli/compose/loader.Load"
	for name, want := range map[string]bool{"compose": false, "stack": true} {
		program := filepath.Join(t.TempDir(), name)
		if out, err := exec.Command("go", "build", "-o", program, "./testdata/link/"+name).CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		out, err := exec.Command("go", "tool", "nm", program).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(out, []byte(" "+symbol+"\n")); got != want {
			t.Errorf("%s: %s is linked: %t, want %t", name, symbol, got, want)
		}
	}
}

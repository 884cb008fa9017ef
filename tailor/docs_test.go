// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// docs/tailoring.md has every rule, every option and every name of the JSON.
func TestDocs(t *testing.T) {
	content, err := os.ReadFile("../docs/tailoring.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	const before, after = "| rule | what is in the files | what becomes of it |\n|---|---|---|\n", "\nEverything else is left"
	head, rest, found := strings.Cut(text, before)
	_, tail, isWhole := strings.Cut(rest, after)
	if !found || !isWhole {
		t.Fatalf("docs/tailoring.md has no table of rules between %q and %q", before, after)
	}
	want := head + before + tableOfRules(t) + after + tail
	if text != want && *update {
		if err := os.WriteFile("../docs/tailoring.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("docs/tailoring.md is not what the rules say of themselves; go test -run TestDocs -update writes it (-want +got):\n%s", diff)
	}
	var names []string
	for _, fields := range []map[string]string{mapFields, listFields, flagFields} {
		for field, option := range fields {
			names = append(names, field)
			if !strings.Contains(text, "`--"+option) {
				t.Errorf("option --%s is not in the docs", option)
			}
			_, ofProject := reflect.TypeFor[spec.Project]().FieldByName(field)
			_, ofStack := reflect.TypeFor[spec.Stack]().FieldByName(field)
			if !ofProject && !ofStack {
				t.Errorf("neither spec.Project nor spec.Stack has a field %s", field)
			}
		}
	}
	for _, plan := range []any{Plan{}, Edit{}, Finding{}, Fix{}, Service{}, Port{}, HostPath{}, Copy{}, ContextCopy{}, Dockerfile{}, Text{}, PortLease{}, SubnetLease{}, Lock{}} {
		for field := range reflect.TypeOf(plan).Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%q is not in the docs", name)
		}
	}
}

// tableOfRules returns the rows of the table in docs/tailoring.md: those that Compose has,
// by what they are about. Each rule is in one of them.
func tableOfRules(t *testing.T) string {
	t.Helper()
	p := newParts(&input{}, nil, spec.Project{})
	all := slices.Concat(p.collisions.selfCollisionRules(), p.ports.portRules(), p.refs.portReferenceRules(), p.reach.reachRules(), p.ports.publishRules(),
		p.containerNames.nameRules(), []rule{allOff}, p.networks.networkRules(), p.nameTexts.nameReferenceRules(), p.addressing.subnetRules()[:1],
		p.addressing.misplacedRules(), p.addressing.subnetRules()[1:], p.networks.hostNetworkRules(), p.paths.pathRules(), p.volumes.volumeRules(), p.objects.oneNameRules(), p.secrets.secretRules(),
		p.machine.hostRules(), p.brought.broughtRules(), p.recipes.sameTagRules(), p.tags.builtImageRules(), p.imageTexts.imageReferenceRules(), []rule{imageOrBuild},
		p.contexts.buildRules(), p.buildKeys.buildKeyRules(), p.dockerfiles.dockerfileRules(), p.lifecycle.lifecycleRules(),
		[]rule{vitalVariable, requiredVariable, passedVariable}, p.envFiles.environmentRules(), []rule{oddKey, oldFormat}, p.unmatched.specRules())
	var b strings.Builder
	told, last := map[string]bool{}, ""
	for _, r := range all {
		if r.doc.becomes == "" {
			continue
		}
		names := ""
		for _, name := range append([]string{r.name}, r.doc.with...) {
			if told[name] = true; r.name != last {
				names += ", `" + name + "`"
			}
		}
		last = r.name
		cells := []string{strings.TrimPrefix(names, ", "), r.doc.files, r.doc.becomes}
		for _, cell := range cells {
			b.WriteString("|")
			if cell != "" {
				b.WriteString(" " + cell)
			}
			b.WriteString(" ")
		}
		b.WriteString("|\n")
	}
	for _, r := range append(p.rules(), all...) {
		if !told[r.name] {
			t.Errorf("rule %s says nothing for docs/tailoring.md", r.name)
		}
	}
	return b.String()
}

// docs/stacks.md has every rule that only stacks have, and what their plan has.
func TestStackDocs(t *testing.T) {
	content, err := os.ReadFile("../docs/stacks.md")
	if err != nil {
		t.Fatal(err)
	}
	common, err := os.ReadFile("../docs/tailoring.md")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{stackTopName.name, forbiddenKey.name, ignoredKey.name, longKey.name}
	for _, r := range newStackParts(&input{leased: map[string]string{}}, nil, spec.Stack{}, StackOptions{}).rules() {
		names = append(names, r.name)
	}
	for _, plan := range []any{StackPlan{}, StackBuild{}} {
		for field := range reflect.TypeOf(plan).Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		if text := string(content) + string(common); !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%q is not in the docs", name)
		}
	}
}

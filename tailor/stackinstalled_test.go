// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// What the installed docker makes of the document differs from what it makes of
// the files by the planned edits and nothing else. It needs the command, but no
// engine.
func TestInstalledStack(t *testing.T) {
	if testing.Short() {
		t.Skip("starts docker for each file")
	}
	requireStackConfig(t)
	for name, archive := range stackArchives(t) {
		t.Run(name, func(t *testing.T) {
			t.Chdir(unpack(t, archive))
			s := stackSpec(t, archive)
			if s.Dir != "" || s.Replace != nil {
				t.Skip("docker stack config cannot read the files like that")
			}
			plan, err := Stack(context.Background(), s, StackOptions{Base: map[string]string{"HOME": "/home/somebody"}})
			if err != nil {
				t.Skip("there is no document")
			}
			compareStack(t, plan)
		})
	}
}

func requireStackConfig(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("docker", "stack", "config", "--help").CombinedOutput(); err != nil {
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatalf("docker stack config: %v: %s", err, out)
		}
		t.Skip("there is no docker stack config")
	}
}

// compareStack asks docker for both models, and looks for differences that are
// no edits, and edits that make none.
func compareStack(t *testing.T, plan *StackPlan) {
	t.Helper()
	after, err := stackConfig(plan, nil, plan.Document())
	if err != nil {
		t.Fatalf("docker does not read the document: %v", err)
	}
	before, err := stackConfig(plan, plan.Files, nil)
	if err != nil {
		if !slices.ContainsFunc(plan.Findings, func(f Finding) bool { return f.Rule == "stack-name" }) {
			t.Errorf("docker does not read the files: %v", err)
		}
		return
	}
	hit := make([]bool, len(plan.Edits))
	differences(nil, before, after, func(at modeltree.Path) {
		if len(at) == 3 && at[2] == "env_file" { // whose variables are in the environment
			return
		}
		found := false
		for i, e := range plan.Edits {
			if edited := whole(e.at); edited.PrefixOf(at) || at.PrefixOf(edited) {
				hit[i], found = true, true
			}
		}
		if !found {
			b, _ := modeltree.Lookup(before, at)
			a, _ := modeltree.Lookup(after, at)
			t.Errorf("%s differs, which no edit says: %v, %v", at, b, a)
		}
	})
	for i, e := range plan.Edits {
		if !hit[i] && e.Rule != "merged-ports" {
			t.Errorf("no difference for %s", e)
		}
	}
}

// stackConfig returns the model that docker stack config makes of files, or of a
// document that it reads from its standard input.
func stackConfig(plan *StackPlan, files []string, document []byte) (map[string]any, error) {
	args := []string{"stack", "config"}
	for _, f := range files {
		args = append(args, "-c", f)
	}
	if document != nil {
		args = append(args, "-c", "-")
	}
	cmd := exec.Command("docker", args...)
	cmd.Dir = plan.Dir
	cmd.Stdin = strings.NewReader(string(document))
	for k, v := range plan.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	for k, v := range values(document, 1) {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running %v: %w\n%s", cmd.Args, err, stderr.String())
	}
	var model map[string]any
	if err := yaml.Unmarshal(out, &model); err != nil {
		return nil, err
	}
	for key := range model {
		if key == "version" || strings.HasPrefix(key, "x-") {
			delete(model, key)
		}
	}
	return distinct(model).(map[string]any), nil
}

// distinct takes out of lists what is in them twice: docker merges files so, and
// does not read it back.
func distinct(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, e := range v {
			v[key] = distinct(e)
		}
	case []any:
		var all []any
		for _, e := range v {
			if !slices.ContainsFunc(all, func(other any) bool { return len(modeltree.Diff(nil, e, other)) == 0 }) {
				all = append(all, e)
			}
		}
		return all
	}
	return v
}

var stackVariables = regexp.MustCompile(`[^$]\$\{(SEATRIAL_[A-Z0-9_]+)\}`)

// values are what a copy of the stack gives to the variables of its document.
func values(document []byte, number int) map[string]string {
	all := map[string]string{}
	for i, match := range stackVariables.FindAllSubmatch(document, -1) {
		switch name := string(match[1]); {
		case all[name] != "":
		case strings.HasPrefix(name, "SEATRIAL_PORT_"):
			all[name] = strconv.Itoa(30000 + 1000*number + i)
		default:
			all[name] = fmt.Sprintf("copy%d-%s", number, strings.ToLower(name))
		}
	}
	return all
}

// commonOfStack lists what two copies of a stack would both take for themselves,
// found without the rules, in the document alone.
func commonOfStack(t *testing.T, plan *StackPlan) []string {
	t.Helper()
	first, second := stackClaims(t, plan, 1), stackClaims(t, plan, 2)
	var all []string
	for _, claim := range first {
		if slices.Contains(second, claim) {
			all = append(all, claim)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func stackClaims(t *testing.T, plan *StackPlan, number int) (all []string) {
	t.Helper()
	given := values(plan.Document(), number)
	text := stackVariables.ReplaceAllFunc(plan.Document(), func(m []byte) []byte {
		return append(m[:1:1], given[string(stackVariables.FindSubmatch(m)[1])]...)
	})
	var model map[string]map[string]map[string]any
	var versioned map[string]any
	if err := json.Unmarshal(text, &versioned); err != nil {
		t.Fatalf("the document is no JSON: %v", err)
	}
	delete(versioned, "version")
	text, _ = json.Marshal(versioned)
	if err := json.Unmarshal(text, &model); err != nil {
		t.Fatal(err)
	}
	joined := map[string]bool{}
	for _, s := range model["services"] {
		for key := range modeltree.Mapping(s, "networks") {
			joined[key] = true
		}
		if s["networks"] == nil {
			joined["default"] = true
		}
		for _, p := range modeltree.List(s, "ports") {
			if n := p.(map[string]any)["published"]; n != nil && fmt.Sprint(n) != "0" {
				all = append(all, fmt.Sprintf("port %v/%s", n, modeltree.Str(p, "protocol")))
			}
		}
		for _, v := range modeltree.List(s, "volumes") {
			if modeltree.Str(v, "source") == "/etc/hostname" {
				continue // a file that everybody reads, and nobody writes
			}
			if modeltree.Str(v, "type") == "bind" && (!modeltree.Truth(v, "read_only") || strings.HasSuffix(modeltree.Str(v, "source"), "docker.sock")) {
				all = append(all, "path "+modeltree.Str(v, "source"))
			}
			if modeltree.Str(v, "type") == "cluster" {
				all = append(all, "cluster volume "+modeltree.Str(v, "source"))
			}
		}
		if s["build"] != nil {
			all = append(all, "build "+modeltree.Str(s, "image"))
		}
		if driver := modeltree.Str(s["logging"], "driver"); driver != "" && !slices.Contains([]string{"json-file", "local", "journald", "none"}, driver) {
			all = append(all, "logging driver "+driver)
		}
	}
	for _, kind := range []string{"networks", "volumes", "secrets", "configs"} {
		for key, r := range model[kind] {
			if kind == "networks" && !joined[key] {
				continue // docker does not look for it
			}
			if name := modeltree.Str(r, "name"); name != "" {
				all = append(all, kind+" "+name)
			} else if modeltree.Truth(r, "external") {
				all = append(all, kind+" "+key)
			}
			for _, c := range modeltree.List(modeltree.Mapping(r, "ipam"), "config") {
				all = append(all, "subnet "+modeltree.Str(c, "subnet"))
			}
			if device := modeltree.Str(modeltree.Mapping(r, "driver_opts"), "device"); device != "" && device != "tmpfs" {
				all = append(all, "device "+device)
			}
		}
	}
	return all
}

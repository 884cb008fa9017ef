// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatATestLinks keeps the program of a test that runs one container small. The linker
// drops code that is not called, unless a package's initialiser calls it, or something looks
// up methods by a name that is known only at run time (text/template).
func TestWhatATestLinks(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(program, []byte(`package main

import (
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

func main() { println(seatrial.Run(&testing.T{}, spec.Container{Image: "x", Ports: []int{80}}).Addr(nil, 80)) }
`), 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "program")
	out, err := exec.Command("go", "build", "-ldflags=-dumpdep", "-o", binary, program).CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%.2000s", err, out)
	}
	links := map[string]string{} // packages, and why they are linked
	for line := range strings.Lines(string(out)) {
		by, name, _ := strings.Cut(strings.TrimSpace(line), " -> ")
		name, flags, _ := strings.Cut(name, " ")
		if strings.Contains(flags, "<ReflectMethod>") {
			t.Errorf("%s finds methods by name, so that the linker keeps those of all types; %s calls it", name, by)
		}
		links[name] = by
	}
	if links[module+".Run"] == "" {
		t.Fatal("the linker does not say who calls what")
	}
	// Only code counts: identical data of several functions is named after any of them.
	symbols, err := exec.Command("go", "tool", "nm", binary).Output()
	if err != nil {
		t.Fatalf("go tool nm: %v", err)
	}
	for line := range strings.Lines(string(symbols)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), " T ")
		for _, unwanted := range []string{
			module + "/tailor.(*model)", module + "/internal/dockerfile.(*File)", "html/template.(*", "text/template.(*", "go.yaml.in/yaml/v4.(*Decoder)",
		} {
			if strings.HasPrefix(name, unwanted) {
				t.Errorf("%s is in the program of a test that runs a container: %s calls it", name, links[name])
			}
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A program is a small test program in a module of the checkout.
type program struct{ module, dir, file string }

var (
	oursRun  = program{"bench", "size/run", "run_test.go"}
	oursUp   = program{"bench", "size/up", "up_test.go"}
	theirRun = program{"bench", "size/testcontainers", "run_test.go"}
	theirUp  = program{"bench/testdata/compose", "size", "up_test.go"}
)

// pairOf returns the sides of a row that measures a program of ours and one of a peer.
func pairOf(ours, theirs string, a, z program, measure func(*bed, program) (sample, error)) func(*bed) ([]side, error) {
	return func(b *bed) ([]side, error) {
		return []side{
			{ours, func() (sample, error) { return measure(b, a) }},
			{theirs, func() (sample, error) { return measure(b, z) }},
		}, nil
	}
}

func buildRows() []row {
	const run, up = "the test of one container", "the test of a Compose project"
	const testcontainers, module = "testcontainers-go", "testcontainers-go's Compose module"
	return []row{
		{name: "size-run", work: "the program of " + run, aim: "≤ 1.0", runs: 1, unit: "MB, packages, modules",
			prepare: pairOf("seatrial.Run", testcontainers, oursRun, theirRun, (*bed).size)},
		{name: "size-up", work: "the program of " + up, aim: "≤ 0.5", runs: 1, unit: "MB, packages, modules",
			prepare: pairOf("seatrial.Up", module, oursUp, theirUp, (*bed).size)},
		{name: "edit-run", work: run + " edited: compiled and linked, and its program started, which has nothing to run", aim: "≤ 1.0",
			prepare: pairOf("seatrial.Run", testcontainers, oursRun, theirRun, (*bed).edit)},
		{name: "edit-up", work: up + " edited: compiled and linked, and its program started, which has nothing to run", aim: "≤ 0.5",
			prepare: pairOf("seatrial.Up", module, oursUp, theirUp, (*bed).edit)},
		{name: "cold-run", work: run + " compiled from nothing", aim: "≤ 1.0", runs: 1, unit: "s",
			prepare: pairOf("seatrial.Run", testcontainers, oursRun, theirRun, (*bed).cold)},
		{name: "cold-up", work: up + " compiled from nothing", aim: "≤ 0.5", runs: 1, unit: "s",
			prepare: pairOf("seatrial.Up", module, oursUp, theirUp, (*bed).cold)},
	}
}

// edit compiles a test with one line changed each time, and starts its program, so that the
// initialization of all its imports counts, too. Each program has files of its own, as that of
// somebody who edits one test has: who compiles over another's program takes twice the time.
func (b *bed) edit(p program) (sample, error) {
	file := filepath.Join(b.root, p.module, p.dir, p.file)
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	base := filepath.Join(b.dir, filepath.Base(p.dir))
	edited, overlay, test := base+".go", base+".json", base+".test"
	content, err := json.Marshal(map[string]map[string]string{"Replace": {file: edited}})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(overlay, content, 0o644); err != nil {
		return nil, err
	}
	if err := os.WriteFile(edited, fmt.Appendf(text, "\nvar _ = %d\n", time.Now().UnixNano()), 0o644); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := b.compile(p, test, nil, "-overlay", overlay); err != nil {
		return nil, err
	}
	linked := since(began)
	began = time.Now()
	_, err = b.command(test, "-test.run", "^$")
	return sample{{"compiled and linked", linked}, {"started", since(began)}}, err
}

func (b *bed) cold(p program) (sample, error) {
	dir, err := os.MkdirTemp(b.dir, "cache-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	err = b.compile(p, filepath.Join(dir, "cold.test"), []string{"GOCACHE=" + dir})
	return sample{{"compiled", since(began) / 1000}}, err
}

// compile compiles a test program as go test does.
func (b *bed) compile(p program, to string, env []string, flags ...string) error {
	c := exec.CommandContext(b.ctx, "go", append(append([]string{"test", "-c", "-o", to}, flags...), "./"+p.dir)...)
	c.Dir, c.Env = filepath.Join(b.root, p.module), append(os.Environ(), env...)
	_, err := output(c)
	return err
}

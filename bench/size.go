// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func sizeRows() []row {
	sized := func(module, pkg string) func(b *bed) func() (sample, error) {
		return func(b *bed) func() (sample, error) {
			return func() (sample, error) { return b.size(module, pkg) }
		}
	}
	both := func(ours, theirs string, run, peer func(b *bed) func() (sample, error)) func(b *bed) ([]side, error) {
		return func(b *bed) ([]side, error) { return []side{{ours, run(b)}, {theirs, peer(b)}}, nil }
	}
	return []row{{
		name: "size-run", work: "the program of a test that runs one container", aim: "≤ 1.0", runs: 1, unit: "MB, packages, modules",
		prepare: both("seatrial.Run", "testcontainers-go", sized("bench", "./size/run"), sized("bench", "./size/testcontainers")),
	}, {
		name: "size-up", work: "the program of a test that runs a Compose project", aim: "≤ 0.5", runs: 1, unit: "MB, packages, modules",
		prepare: both("seatrial.Up", "testcontainers-go's Compose module", sized("bench", "./size/up"), sized("bench/testdata/compose", "./size")),
	}}
}

// size compiles the program of a package's tests, with what go test puts into it.
func (b *bed) size(module, pkg string) (sample, error) {
	dir := filepath.Join(b.root, module)
	program := filepath.Join(b.dir, "sized.test")
	command := func(args ...string) (string, error) {
		c := exec.CommandContext(b.ctx, "go", args...)
		c.Dir = dir
		return output(c)
	}
	if _, err := command("test", "-c", "-o", program, pkg); err != nil {
		return nil, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	packages, err := command("list", "-deps", "-test", "-f", "{{with .Module}}{{.Path}}{{end}}", pkg)
	if err != nil {
		return nil, err
	}
	count, err := command("list", "-deps", "-test", pkg)
	modules := strings.Fields(packages)
	slices.Sort(modules)
	return sample{
		{"program", float64(info.Size()) / 1e6},
		{"packages", float64(len(strings.Split(count, "\n")))},
		{"modules", float64(len(slices.Compact(modules)))},
	}, err
}

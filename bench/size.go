// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// size compiles a test program as go test does, and measures its size.
func (b *bed) size(p program) (sample, error) {
	file := filepath.Join(b.dir, "sized.test")
	if err := b.compile(p, file, nil); err != nil {
		return nil, err
	}
	list := func(args ...string) (string, error) {
		c := exec.CommandContext(b.ctx, "go", append(append([]string{"list", "-deps", "-test"}, args...), "./"+p.dir)...)
		c.Dir = filepath.Join(b.root, p.module)
		return output(c)
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	packages, err := list("-f", "{{with .Module}}{{.Path}}{{end}}")
	if err != nil {
		return nil, err
	}
	count, err := list()
	modules := strings.Fields(packages)
	slices.Sort(modules)
	return sample{
		{"program", float64(info.Size()) / 1e6},
		{"packages", float64(len(strings.Split(count, "\n")))},
		{"modules", float64(len(slices.Compact(modules)))},
	}, err
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

func tailoringRows() []row {
	return []row{{
		name: "tailoring", work: "a Compose file read and tailored, by the library", aim: "≤ 2 ms for a file, ≤ 15 ms for the slowest",
		guards: []guard{{"examples/orders", "docker compose config", 0.6}},
		prepare: func(b *bed) ([]side, error) {
			return b.tailorEach(side{"tailor.Compose", nil}, func(file string) error {
				_, err := tailor.Compose(b.ctx, spec.Project{Files: []string{file}}, tailor.Options{})
				return err
			})
		},
	}, {
		name: "tailoring-command", work: "a Compose file read and tailored, by the command", aim: "≤ 0.3",
		prepare: func(b *bed) ([]side, error) {
			command, err := b.program(".", "./cmd/seatrial")
			if err != nil {
				return nil, err
			}
			return b.tailorEach(side{"seatrial tailor", nil}, func(file string) error {
				_, err := b.command(command, "tailor", file)
				return err
			})
		},
	}}
}

// tailorEach lets a side of ours and docker compose config read each of several files.
func (b *bed) tailorEach(ours side, do func(file string) error) ([]side, error) {
	files, err := b.filesToTailor()
	if err != nil {
		return nil, err
	}
	each := func(do func(file string) error) func() (sample, error) {
		return func() (s sample, err error) {
			for _, f := range files {
				began := time.Now()
				if err := do(f.file); err != nil {
					return nil, err
				}
				s = append(s, figure{f.about, since(began)})
			}
			return s, nil
		}
	}
	ours.run = each(do)
	return []side{ours, {"docker compose config", each(func(file string) error {
		_, err := b.command("docker", "compose", "--file", file, "config")
		return err
	})}}, nil
}

type toTailor struct{ about, file string }

func (b *bed) filesToTailor() ([]toTailor, error) {
	files := []toTailor{{"examples/orders", filepath.Join(b.root, "examples", "orders", "compose.yaml")}}
	for _, n := range []int{8, 60} {
		var all [][]string
		for i := range n {
			if i%3 == 0 {
				all = append(all, nil)
			}
			all[len(all)-1] = append(all[len(all)-1], "s"+strconv.Itoa(i))
		}
		p, err := b.project("tailored"+strconv.Itoa(n), all)
		if err != nil {
			return nil, err
		}
		b.tidys = append(b.tidys, func() { os.RemoveAll(p.dir) })
		files = append(files, toTailor{strconv.Itoa(n) + " services", p.file})
	}
	return files, nil
}

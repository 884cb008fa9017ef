// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

func tailoringRows() []row {
	return []row{{
		name: "tailoring", work: "a Compose file read and tailored, by the library and by the command", aim: "≤ 2 ms for a file, the command ≤ 0.3 of docker compose config",
		prepare: func(b *bed) ([]side, error) {
			command, err := b.program(".", "./cmd/seatrial")
			if err != nil {
				return nil, err
			}
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
			run := func(name string, args ...string) func(string) error {
				return func(file string) error {
					c := exec.CommandContext(b.ctx, name, append(args, file)...)
					if name == "docker" {
						c = exec.CommandContext(b.ctx, name, "compose", "--file", file, "config")
					}
					_, err := output(c)
					return err
				}
			}
			return []side{
				{"seatrial tailor", each(run(command, "tailor"))},
				{"docker compose config", each(run("docker"))},
				{"the library, tailor.Compose", each(func(file string) error {
					_, err := tailor.Compose(b.ctx, spec.Project{Files: []string{file}}, tailor.Options{})
					return err
				})},
			}, nil
		},
	}}
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

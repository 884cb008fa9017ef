// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

func tailoringRows() []row {
	const all = "all Compose files of this project, and of SEATRIAL_CORPUS if it is set, that both can read: each read and tailored, "
	const slow = "≤ 2 ms for a file, ≤ 15 ms for the slowest"
	return []row{{
		name: "tailoring", work: "a Compose file read and tailored, by the library", aim: slow,
		guards:  []guard{{"examples/orders", "docker compose config", 0.6}},
		prepare: func(b *bed) ([]side, error) { return b.tailorEach(b.byLibrary) },
	}, {
		name: "tailoring-command", work: "a Compose file read and tailored, by the command", aim: "≤ 0.3",
		prepare: func(b *bed) ([]side, error) { return b.tailorEach(b.byCommand) },
	}, {
		name: "tailoring-all", work: all + "by the library", aim: slow,
		prepare: func(b *bed) ([]side, error) { return b.tailorAll(b.byLibrary) },
	}, {
		name: "tailoring-all-command", work: all + "by the command", aim: "≤ 0.3",
		prepare: func(b *bed) ([]side, error) { return b.tailorAll(b.byCommand) },
	}}
}

// A reader reads a file in some way.
type reader struct {
	who  string
	read func(file string) error
}

func (b *bed) byLibrary() (reader, error) {
	return reader{"tailor.Compose", func(file string) error {
		_, err := tailor.Compose(b.ctx, spec.Project{Files: []string{file}}, tailor.Options{})
		return err
	}}, nil
}

func (b *bed) byCommand() (reader, error) {
	command, err := b.program(".", "./cmd/seatrial")
	return reader{"seatrial tailor", func(file string) error {
		_, err := b.command(command, "tailor", file)
		return err
	}}, err
}

func (b *bed) byCompose() reader {
	return reader{"docker compose config", func(file string) error {
		_, err := b.command("docker", "compose", "--file", file, "config")
		return err
	}}
}

// tailorEach lets a reader of ours and docker compose config read each of several files.
func (b *bed) tailorEach(by func() (reader, error)) ([]side, error) {
	ours, err := by()
	if err != nil {
		return nil, err
	}
	files, err := b.filesToTailor()
	if err != nil {
		return nil, err
	}
	sideOf := func(r reader) side {
		return side{r.who, func() (s sample, err error) {
			for _, f := range files {
				began := time.Now()
				if err := r.read(f.file); err != nil {
					return nil, err
				}
				s = append(s, figure{f.about, since(began)})
			}
			return s, nil
		}}
	}
	return []side{sideOf(ours), sideOf(b.byCompose())}, nil
}

// tailorAll lets them read all files that are shipped, and keeps the median and the 99th percentile.
func (b *bed) tailorAll(by func() (reader, error)) ([]side, error) {
	ours, err := by()
	if err != nil {
		return nil, err
	}
	all, err := b.shipped()
	if err != nil {
		return nil, err
	}
	theirs := b.byCompose()
	var files []string
	for _, file := range all {
		if ours.read(file) == nil && theirs.read(file) == nil {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("of %d Compose files, both can read none", len(all))
	}
	sideOf := func(r reader) side {
		return side{r.who, func() (sample, error) {
			var took []float64
			for _, file := range files {
				began := time.Now()
				if err := r.read(file); err != nil {
					return nil, err
				}
				took = append(took, since(began))
			}
			slices.Sort(took)
			return sample{{fmt.Sprintf("median of %d files", len(took)), took[len(took)/2]}, {"99th percentile", took[len(took)*99/100]}}, nil
		}}
	}
	return []side{sideOf(ours), sideOf(theirs)}, nil
}

// shipped returns the Compose files of the checkout, and those of a directory of others' whose index
// says that they were shipped.
func (b *bed) shipped() (files []string, err error) {
	own, err := b.command("git", "-C", b.root, "ls-files", "*compose.yaml")
	for _, file := range strings.Fields(own) {
		files = append(files, filepath.Join(b.root, file))
	}
	corpus := os.Getenv("SEATRIAL_CORPUS")
	if err != nil || corpus == "" {
		return files, err
	}
	index, err := os.Open(filepath.Join(corpus, "index.tsv"))
	if err != nil {
		return nil, err
	}
	defer index.Close()
	table := csv.NewReader(index)
	table.Comma, table.LazyQuotes = '\t', true
	lines, err := table.ReadAll()
	if err != nil || len(lines) == 0 {
		return files, err
	}
	class, file := slices.Index(lines[0], "class"), slices.Index(lines[0], "file")
	if class < 0 || file < 0 {
		return nil, fmt.Errorf("%s has no columns class and file", index.Name())
	}
	for _, line := range lines[1:] {
		if line[class] == "shipped" {
			files = append(files, filepath.Join(corpus, line[file]))
		}
	}
	return files, nil
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

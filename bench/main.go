// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A row is work that several sides do.
type row struct {
	name string
	work string // the work in words
	aim  string // the ratio that seatrial aims at
	runs int    // at most; less than the option
	unit string // empty means milliseconds
	// ratio replaces the word for the ratio in the table.
	ratio string
	// guards are the generous bounds that make test checks.
	guards []guard
	// prepare returns the sides, ours first.
	prepare func(b *bed) ([]side, error)
}

// A side is seatrial or a peer, which does the work of a row.
type side struct {
	who string
	run func() (sample, error)
}

// A sample has the figures of one run, in the order in which they are shown.
type sample []figure

type figure struct {
	Name  string
	Value float64
}

func rows() []row {
	return slices.Concat(containerRows(), footprintRows(), waitRows(), execRows(), imageRows(), composeRows(), commandRows(), tailoringRows(), buildRows(), growthRows(), stackRows())
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		child(os.Args[2:])
		return
	}
	var o options
	only := flag.String("row", "", "these `rows` alone, with commas between them, also if they are measured")
	flag.IntVar(&o.runs, "runs", 10, "how often each side takes its turn")
	flag.BoolVar(&o.fresh, "fresh", false, "measure again what is measured")
	flag.BoolVar(&o.guard, "guard", false, "measure little, write nothing, and fail if a ratio is far from its aim")
	flag.StringVar(&o.root, "root", "..", "the checkout")
	flag.StringVar(&o.results, "results", "../.tools/bench", "where the results are kept")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // the second signal ends it at once
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	work := measure
	if o.guard {
		work = check
	}
	err := o.known()
	if err == nil {
		err = work(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type options struct {
	root, results string
	only          []string
	runs          int
	fresh, guard  bool
}

// known returns an error if a row is asked for that does not exist.
func (o options) known() error {
	var names []string
	for _, r := range rows() {
		names = append(names, r.name)
	}
	for _, name := range o.only {
		if !slices.Contains(names, name) {
			return fmt.Errorf("there is no row %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}

// wants reports whether a row is asked for. Without a name, all are.
func (o options) wants(r row) bool { return len(o.only) == 0 || slices.Contains(o.only, r.name) }

func measure(ctx context.Context, o options) error {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.results, 0o755); err != nil {
		return err
	}
	b, err := newBed(ctx, root)
	if err != nil {
		return err
	}
	defer b.end()
	all := rows()
	for i, r := range all {
		file := filepath.Join(o.results, r.name+".json")
		_, missing := os.Stat(file)
		if !o.wants(r) || len(o.only) == 0 && missing == nil && !o.fresh {
			continue
		}
		began := time.Now()
		fmt.Printf("%d/%d %s: %s\n", i+1, len(all), r.name, r.work)
		result, err := b.measure(r, 1, o.runs)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if err := result.keep(file); err != nil {
			return err
		}
		fmt.Printf("%s    %v\n", result.text(), time.Since(began).Round(time.Second))
	}
	return writePage(ctx, filepath.Join(root, "docs", "performance.md"), o.results)
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// jsonVersion is the version of all JSON that verbs of environments print. It grows when a
// field is removed or changes its meaning, not when one is added.
const jsonVersion = 1

// A format is how a verb prints data.
type format struct {
	name string
	of   []string // the first is the default
}

func (f *format) define(set *pflag.FlagSet, of ...string) {
	f.of, f.name = of, of[0]
	set.StringVar(&f.name, "format", of[0], "how to print it: `"+of[0]+"` or "+strings.Join(of[1:], ", "))
}

// check returns an error if there is no such format.
func (f *format) check() error {
	if !slices.Contains(f.of, f.name) {
		last := len(f.of) - 1
		return fmt.Errorf("--format %q: want %s or %s", f.name, strings.Join(f.of[:last], ", "), f.of[last])
	}
	return nil
}

func (f *format) json() bool { return f.name == "json" }

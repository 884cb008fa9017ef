// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// This file decides which settings affect the result: builds that differ only in others
// are the same.

// TargetOf returns the normal form of the target stage: empty for the last one.
func (f *File) TargetOf(s Settings) string {
	if f.target(s) == len(f.stages)-1 && (s.Target == "" || f.HasStage(s.Target)) {
		return ""
	}
	return strings.ToLower(s.Target)
}

// TakesContext reports whether a stage that is built uses a context. ONBUILD
// instructions of base images are not considered.
func (f *File) TakesContext(name string, s Settings) bool {
	r, err := f.read(s)
	return err != nil || r.contexts[contextName(name)]
}

// ArgsOfEffect returns the arguments that make a difference: those that a stage
// that is built can see, and whose value is not the one that they would have
// anyway.
func (f *File) ArgsOfEffect(s Settings) map[string]string {
	all := map[string]string{}
	r, err := f.read(s)
	for key, value := range s.Args {
		if err != nil || !f.hasAnyway(key, value, s, r.built) {
			all[key] = value
		}
	}
	return all
}

// hasAnyway reports whether an argument makes no difference to any stage that is built.
func (f *File) hasAnyway(key, value string, s Settings, built []bool) bool {
	isDeclared := func(a arg) bool { return a.key == key }
	if f.Takes(key) && !slices.ContainsFunc(f.args, isDeclared) {
		return false // a predefined argument
	}
	without := s
	without.Args = map[string]string{}
	for other, v := range s.Args {
		if other != key {
			without.Args[other] = v
		}
	}
	env, err := f.env(without)
	if err != nil {
		return false
	}
	for _, a := range f.args {
		switch {
		case a.key != key || !a.global && !built[a.stage]:
		case a.global || a.value == nil:
			if has, ok := env.Get(key); !ok || has != value {
				return false
			}
		case strings.Contains(*a.value, "$"): // its value depends on the stage
			return false
		default:
			has, _, err := f.lex.ProcessWord(*a.value, shell.EnvsFromSlice(nil))
			if err != nil || has != value {
				return false
			}
		}
	}
	return true
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"
)

// foldAbove is how many findings of a kind stand on lines of their own.
const foldAbove = 3

// foldedNames is how many of those that are folded are named.
const foldedNames = 8

// Told returns the findings as people should see them: when more than three in one
// service are alike, only the first, which then says how many there are. Refusals are
// never combined, because each must be settled.
func (p *Plan) Told() []Finding {
	kinds := map[string][]Finding{}
	kind := func(f Finding) string {
		return strings.Join([]string{f.Rule, string(f.Severity), f.File, f.at.Subject(), f.Reason, fmt.Sprint(f.at == nil)}, "\x00")
	}
	for _, f := range p.Findings {
		if f.Severity != Refuse {
			kinds[kind(f)] = append(kinds[kind(f)], f)
		}
	}
	var all []Finding
	told := map[string]bool{}
	for _, f := range p.Findings {
		same := kinds[kind(f)]
		switch {
		case f.Severity == Refuse || len(same) <= foldAbove:
			all = append(all, f)
		case !told[kind(f)]:
			told[kind(f)] = true
			all = append(all, folded(same))
		}
	}
	return all
}

// told returns the refusals for people: those of networks that want one and the same
// decision are one, with one line that settles them all.
func (e *RefusedError) told() []Finding {
	var all []Finding
	first := map[string]int{} // in all, by kind
	for _, f := range e.Findings {
		kind := strings.Join([]string{f.Rule, f.Reason, f.Hint}, "\x00")
		i, found := first[kind]
		isNetwork := f.at != nil && f.at[0] == "networks" && (f.Rule == "external-network" || f.Rule == "network-driver") && len(f.Fixes) > 0
		switch {
		case !isNetwork || found && f.Fixes[0].Field != all[i].Fixes[0].Field:
			all = append(all, f)
		case !found:
			first[kind] = len(all)
			f.more = map[int][]Fix{}
			all = append(all, f)
		default:
			one := &all[i]
			one.What += fmt.Sprintf("; %s%s", f.prefix(f.at), f.What)
			for j, w := range f.Fixes {
				if w.Field == "Networks" && j < len(one.Fixes) && w.Does == one.Fixes[j].Does {
					one.more[j] = append(one.more[j], w)
				}
			}
		}
	}
	return all
}

// folded is the first of some findings, with what the others are about.
func folded(same []Finding) Finding {
	first := same[0]
	var words []string
	for _, f := range same {
		what, _, _ := strings.Cut(f.What, alsoIn)
		words = append(words, what)
	}
	names := whereTheyDiffer(words)
	more := fmt.Sprintf(", and %d more like it", len(same)-1)
	if others := slices.Compact(names[1:]); !slices.Contains(others, "") {
		if len(others) > foldedNames {
			others = append(others[:foldedNames:foldedNames], "…")
		}
		more += ": " + strings.Join(others, ", ")
	}
	first.What += more
	return first
}

// whereTheyDiffer returns of some sentences what is left without the words at their
// beginning, and then at their end, that all of them have.
func whereTheyDiffer(all []string) []string {
	parts := make([][]string, len(all))
	for i, s := range all {
		parts[i] = strings.Fields(s)
	}
	cut := func(at func(words []string) (string, []string)) {
		for {
			first := ""
			for i, words := range parts {
				if len(words) == 0 {
					return
				}
				if word, _ := at(words); i == 0 {
					first = word
				} else if word != first {
					return
				}
			}
			for i, words := range parts {
				_, parts[i] = at(words)
			}
		}
	}
	cut(func(words []string) (string, []string) { return words[0], words[1:] })
	cut(func(words []string) (string, []string) { return words[len(words)-1], words[:len(words)-1] })
	var left []string
	for _, words := range parts {
		left = append(left, strings.Join(words, " "))
	}
	return left
}

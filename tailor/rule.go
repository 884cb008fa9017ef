// SPDX-License-Identifier: Apache-2.0

package tailor

import "slices"

// rule knows one thing that keeps copies of a project from being isolated. It
// makes edits, or reports findings, and gives both its reason.
type rule struct {
	name string
	// treatment of its edits, severity of its findings.
	treatment Treatment
	severity  Severity
	// reason says what two copies would do to each other.
	reason string
	// hint says what settles a finding.
	hint string
	// lockable is what copies can use one after the other.
	lockable bool
	// doc is what docs/tailoring.md says of it.
	doc   row
	apply func(*rule)
}

// row is a row of the table of rules in docs/tailoring.md.
type row struct {
	// with are the names of further rules that it is about.
	with []string
	// files is what is in the files, becomes what becomes of it.
	files, becomes string
}

// ruleNamed returns one of some rules.
func ruleNamed(rules []rule, name string) rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.name == name })]
}

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
	apply    func(*rule)
}

// ruleNamed returns one of some rules.
func ruleNamed(rules []rule, name string) rule {
	return rules[slices.IndexFunc(rules, func(r rule) bool { return r.name == name })]
}

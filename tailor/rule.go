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
	apply    func(*model, *rule)
}

// rules are all rules in the order in which they are applied: what the files do to
// themselves, what the spec asks for, then what is known to collide, then what is
// reported.
func rules() []rule {
	return slices.Concat(selfCollisionRules, buildRules, imageRules(), imageReferenceRules, dockerfileRules, buildKeyRules, hostNetworkRules, portRules, publishRules, reachRules, portReferenceRules, nameRules,
		networkRules, misplacedRules, subnetRules, pathRules, volumeRules, oneNameRules, nameReferenceRules, secretRules, hostRules, lifecycleRules, environmentRules, specRules)
}

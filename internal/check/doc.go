// SPDX-License-Identifier: Apache-2.0

// Package check finds what is wrong with the parts of specs that several verbs share:
// variables, labels, names of files, conditions, exit codes.
//
// Verbs call it before anything is made. Each function adds to the problems that its caller
// collects, so that a spec with three mistakes is refused once, with all three. It looks at
// the spec alone: it asks no engine and no file. What only one verb has is checked in the
// package of that verb.
package check

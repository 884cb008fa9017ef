// SPDX-License-Identifier: Apache-2.0

// Package modeltree is a loaded Compose or stack model as a tree of mappings, lists and
// values: where something is in it ([Path]), reading it, copying it, one edit in it
// ([Put]), and where two of them differ ([Diff]).
//
// It promises that reading is safe at any place, whatever is there, and that numbers are
// of one type after [Clone]. It knows no rule, no file and no plan.
package modeltree

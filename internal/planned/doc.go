// SPDX-License-Identifier: Apache-2.0

// Package planned answers questions about the plans of package tailor that projects and stacks
// share: which services there are, which ports they publish, how far one can be scaled, what
// was warned of; and it saves for people what a plan was made of.
//
// It asks no engine. It knows a plan, and not what runs of it; what is planned is decided in
// package tailor.
package planned

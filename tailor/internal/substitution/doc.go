// SPDX-License-Identifier: Apache-2.0

// Package substitution finds the variables in the text of a Compose file: which of them have
// no value where they need one, by the syntax of Compose ([Missing]) or that of docker
// stack deploy ([MissingInStack]), and how they are written ([Expressions]).
//
// It puts nothing in the place of a variable: the loaders do that.
package substitution

// SPDX-License-Identifier: Apache-2.0

// Package placeholder has what stands in the model for what is only known when a project
// runs, its name and leased variables, and writes it as people and Compose write it.
//
// A placeholder is a word that nobody else writes, so that it is recognized wherever the
// files put it, in a reference or in the middle of a text.
package placeholder

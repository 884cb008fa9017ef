// SPDX-License-Identifier: Apache-2.0

// Package option reads settings and the options of commands: which values stand in a text,
// under which name ([Parts]), and of which words that name is made ([Words]).
//
// It knows how people write options and names, and what none of them means.
package option

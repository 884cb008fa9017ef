// SPDX-License-Identifier: Apache-2.0

// Package meant guesses which of the words that are there somebody meant who wrote another
// one, for the hint of an error message.
//
// It is pure, and would rather say nothing than guess wildly. Nothing ever acts on a guess.
package meant

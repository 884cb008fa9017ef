// SPDX-License-Identifier: Apache-2.0

// Package meant guesses which of several known words a misspelt word stands for, for the
// hint of an error message.
//
// It is pure, and returns nothing rather than a wild guess. A guess is never acted on.
package meant

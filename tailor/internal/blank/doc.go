// SPDX-License-Identifier: Apache-2.0

// Package blank judges what a variable without a value does to the value that it stands
// in, by where that is in a Compose or stack file: whether a valid name or path is left.
//
// It knows what the keys of the files mean, and nothing of variables: whoever asks puts
// [Mark] in the place of each blank.
package blank

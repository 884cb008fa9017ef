// SPDX-License-Identifier: Apache-2.0

// Package answers reads .seatrial.yaml, the file beside Compose files that saves people
// from repeating options: it has answers to refusals, and other fields of spec.Project,
// under their names in lower case. The package also writes such lines, and merges two
// specs.
//
// Nothing in the file is ignored: an unknown key, a value of the wrong kind and a duplicate
// key are errors with their line. Relative names of files are relative to the file's
// directory. The package asks no engine.
package answers

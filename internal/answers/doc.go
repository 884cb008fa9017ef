// SPDX-License-Identifier: Apache-2.0

// Package answers reads .seatrial.yaml, the file beside Compose files in which people write
// down once what they would otherwise tell each call: the answers to what is refused, and
// other fields of spec.Project, under their names in lower case. It also writes such lines,
// and lays one spec over another.
//
// It promises that nothing in the file is passed over: a key that is not known, a value of
// another kind, a key that stands twice are errors with their line. Relative names of files
// are relative to the file's directory. It asks no engine.
package answers

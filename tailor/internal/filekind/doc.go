// SPDX-License-Identifier: Apache-2.0

// Package filekind recognizes files that people give in the place of a Compose file: of
// Kubernetes, of dev containers, of image builds. It is asked about files that could not be
// read as one, and says what to do instead.
//
// It owns the signs of each kind. It promises that nothing with services in it is taken for
// another kind. It opens no file, and decides nothing about one that can be read.
package filekind

// SPDX-License-Identifier: Apache-2.0

// Package dockerfile finds the images that a Dockerfile builds on and the files that it
// copies, and substitutes other bases.
//
// It reads with BuildKit's own parser and shell lexer, and answers for one build: with its
// target, its arguments and its platform. It promises that a base that it cannot determine
// is an error with its line, and that a substitution changes nothing else.
//
// It never writes the file, reads no context, and looks up no image.
package dockerfile

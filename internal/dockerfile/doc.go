// SPDX-License-Identifier: Apache-2.0

// Package dockerfile says what a Dockerfile builds on and takes, and makes the same Dockerfile
// with other bases.
//
// It reads with BuildKit's own parser and shell lexer, and answers for one build: with its
// target, its arguments and its platform. It promises that a base which it cannot tell is an
// error with its line, and not left out, and that a substitution changes what was named and
// nothing else.
//
// The file itself is never written, no context is read, and no image is looked up.
package dockerfile

// SPDX-License-Identifier: Apache-2.0

// Package envblock puts a marked block of variables into the content of an .env file, finds it
// there, and removes it. Code that wants only what a person wrote reads the file [Without] the
// block.
//
// The rest of the content is the user's, and stays byte for byte; a block that somebody edited
// is still found. The package is pure: it reads and writes no file.
package envblock

// SPDX-License-Identifier: Apache-2.0

// Package envblock puts a marked block of variables into the content of an .env file, finds it
// there, and takes it out. Whoever reads such a file for what a person wrote reads it
// [Without] the block.
//
// The rest of the content is the user's, and stays byte for byte; a block that somebody edited
// is still found. It is pure: it reads and writes no file.
package envblock

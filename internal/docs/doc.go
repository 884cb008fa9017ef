// SPDX-License-Identifier: Apache-2.0

// Package docs keeps what the project's pages say true, and is tests alone: their snippets
// compile, their links lead somewhere, the index of docs/ has all pages, and the page of
// variables has all that the product reads. The page of what is promised is made here, of a
// table that names the tests which hold each promise. What a page takes from code is kept beside that
// code: the table of engines in internal/conformance, the rules in tailor, the flags in
// cmd/seatrial.
package docs

// SPDX-License-Identifier: Apache-2.0

// Package need says what an engine lacks of what a test needs: a version of the API, a
// platform, a swarm, files of this machine.
//
// It promises to name all that is lacking, in words that follow "the engine". Whether the test
// is skipped or fails for it is decided at the face; nothing is made on the engine but what
// asks for files.
package need

// SPDX-License-Identifier: Apache-2.0

// Package need finds out what an engine lacks for a test: a version of the API, a
// platform, a swarm, files of this machine.
//
// It names everything that is missing, in words that follow "the engine". The root package
// decides whether the test is skipped or fails. Only the check for files makes something on
// the engine.
package need

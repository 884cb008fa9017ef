// SPDX-License-Identifier: Apache-2.0

// Package registry is an image registry in one directory, as the Docker Registry HTTP API V2
// has it: what docker push and docker pull need, and nothing else.
//
// There are no users, and all repositories share their blobs. Everything lies in files, of
// which a half-written one is never seen, so that a registry is found again by whoever opens
// the directory. Nothing is ever deleted: the directory goes with whoever made it. Decision 20
// says why it is no library's.
package registry

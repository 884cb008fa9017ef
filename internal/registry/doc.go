// SPDX-License-Identifier: Apache-2.0

// Package registry is an image registry in one directory. It implements as much of the
// Docker Registry HTTP API V2 as docker push and docker pull need.
//
// There are no users, and all repositories share their blobs. Everything is in files that are
// written atomically, so that the directory can be opened as a registry again. Nothing is ever
// deleted: the owner of the directory removes it. Decision 20 says why no library is used.
package registry

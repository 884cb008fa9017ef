// SPDX-License-Identifier: Apache-2.0

// Package checkout finds the project that a directory of this machine belongs to, and what
// tells it from others: its real path, which another worktree, or a copy, does not have.
//
// It promises to look where docker compose looks: at the files that are named, at
// COMPOSE_FILE, in the directory and those above it. It also knows whether git tracks a file,
// and which branch is checked out, for messages and for what may be written where.
//
// It looks at files, and changes none. It knows no engine: package environment knows what runs
// for a checkout.
package checkout

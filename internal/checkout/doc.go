// SPDX-License-Identifier: Apache-2.0

// Package checkout finds the project that a directory of this machine belongs to, and
// identifies it by its real path, which tells it from other worktrees and copies.
//
// It promises to look where docker compose looks: at the given files, at COMPOSE_FILE, in the
// directory and those above it. It also knows the branch, for messages, and whether git
// tracks a file, which decides whether seatrial may write to it.
//
// It changes no files and asks no engine: package environment knows what runs for a checkout.
package checkout

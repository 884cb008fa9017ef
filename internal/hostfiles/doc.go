// SPDX-License-Identifier: Apache-2.0

// Package hostfiles finds out which of this machine's files an engine has, and copies files
// into volumes if it lacks them, or if containers may write to them.
//
// It does so through a container that is created but never started, which works on every
// engine, also on another machine. That container and its image are removed with the
// session, if not before.
//
// It asks instead of guessing: an engine on this machine may lack a directory, and one
// elsewhere may have it. It reads files and never writes one; packages tailor and compose
// decide which directories are copied.
package hostfiles

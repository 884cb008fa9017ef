// SPDX-License-Identifier: Apache-2.0

// Package hostfiles answers what an engine has of this machine's files, and copies them into
// volumes where it lacks them, or where containers may write to them.
//
// It does so through a container that is created and never started, so that any engine will
// do, also one on another machine. That container and its image go with the session, if not
// before.
//
// It promises to ask rather than to guess: an engine on this machine may lack a directory, and
// one elsewhere may have it. It reads files and never writes one; which directories are copied
// is decided in packages tailor and compose.
package hostfiles

// SPDX-License-Identifier: Apache-2.0

// Package tailor plans what has to change so that a Compose project or a swarm
// stack, from the very files that are shipped, runs isolated: next to a copy of
// itself, without sharing host ports, names, networks, volumes or image tags.
//
// [Compose] reads the files with the loader that Compose itself uses and
// returns a [Plan]: edits, each with the place in the file and the reason, and
// findings about what else the copies would share. [Plan.Override] is the
// edits as a Compose file, to be passed last:
//
//	docker compose -p ID --project-directory DIR -f SHIPPED… -f OVERRIDE up
//
// The override is the same for all copies. What each of them has to be given, a
// port that its clients are told, a range of addresses, a copy of a directory that
// it writes to, stands in [Plan.Leases] and [Plan.Copies], and in the override as
// variables. [Finding.Fixes] and [RefusedError.Spec] say what settles a refusal.
//
// The shipped files are read and never written, nor written out again by way
// of a YAML library. Before a plan is returned, files and override are loaded
// together and compared with what was planned: a difference is an error, and
// ours.
//
// [Stack] does the same for swarm stacks, with the loader of docker stack deploy,
// which knows no overrides: [StackPlan.Document] is all of the stack in one
// document, to be deployed instead of the files:
//
//	docker stack deploy -c - NAME
//
// Everything here is a function of its arguments and of the files. There is no
// engine, no clock, no network, and no look at the variables of the process.
package tailor

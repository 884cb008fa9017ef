// SPDX-License-Identifier: Apache-2.0

// Package tailor plans what must change so that a Compose project or a swarm stack
// runs isolated, from the very files that are shipped: beside a copy of itself,
// without sharing host ports, names, networks, volumes or image tags.
//
// [Compose] reads the files with Compose's own loader and returns a [Plan]: edits,
// each with its place in the files and its reason, and findings about what else the
// copies would share. The rules are listed in docs/tailoring.md and docs/stacks.md.
// [Plan.Override] is a Compose file that makes the edits. Pass it last:
//
//	docker compose -p ID --project-directory DIR -f SHIPPED… -f OVERRIDE up
//
// The override is the same for all copies of a project. What each copy needs for
// itself, such as a port that clients must be told, a range of addresses, or a copy
// of a directory that it writes to, is listed in [Plan.Leases] and [Plan.Copies]. The
// override refers to leased ports and ranges by variables.
//
// A project that cannot be isolated is refused. [Finding.Fixes] and
// [RefusedError.Spec] say which fields of the spec settle a refusal.
//
// The shipped files are never changed, and docker compose reads them itself, not
// a copy that was written by a YAML library. Before a plan is returned, files and
// override are loaded together and compared with the plan. A difference is returned
// as an error, and is a mistake in seatrial.
//
// [Stack] does the same for swarm stacks, with the loader of docker stack deploy.
// That has no overrides, so [StackPlan.Document] is the whole stack in one document,
// to be deployed instead of the files:
//
//	docker stack deploy -c - NAME
//
// A plan depends only on the arguments and the files. The package uses no engine, no
// clock and no network, and ignores the environment of the process.
package tailor

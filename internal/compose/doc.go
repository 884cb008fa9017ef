// SPDX-License-Identifier: Apache-2.0

// Package compose starts Compose projects from the files as they are shipped, and changes
// them while they run.
//
// A [Project] is what there is on the engine; a revision is what it runs as: a spec, the
// plan that package tailor made of it, and the composeCommand that runs docker compose with
// the shipped files and, after them, overrides that say whose things are, what is tailored,
// and what stands in for paths and images. An update makes the project another revision. What
// all revisions have in common has types of its own: the containers, followed from their
// creation; copyVolumes, copies of what is mounted of this machine; remains, which removes all
// of it. A planChange is what an update makes of networks and volumes, a readiness what has to
// hold until services are ready.
//
// It promises that one verb at a time changes a project, that a project is ready when package
// spec says so, and that the end asks the engine, not docker compose, what there is to remove.
// It knows no swarm, and no test.
package compose

// SPDX-License-Identifier: Apache-2.0

// Package compose starts Compose projects from the files as they are shipped, and changes
// them while they run.
//
// A [Project] is what there is on the engine; a revision is what it runs as: a spec, the
// plan that package tailor made of it, and what was leased, copied and built for that. An
// update makes the project another revision. docker compose does the work; revision.compose
// is the one place that calls it, with the shipped files and, after them, overrides that say
// whose things are, what is tailored, and what stands in for paths and images.
//
// It promises that one verb at a time changes a project, that the containers are followed
// from their creation, that a project is ready when package spec says so, and that the end
// asks the engine, not docker compose, what there is to remove. It knows no swarm, and no
// test.
package compose

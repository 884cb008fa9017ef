// SPDX-License-Identifier: Apache-2.0

// Package container makes containers, follows them, and answers for them.
//
// It owns what docker run is about: from the spec to the request (check, flags, mount,
// create), the container's life (lifecycle, exec, copy, commit), what is known of it
// (state, port, log, listening) and its end (cleanup). A container of a project or of a
// task in a swarm is one, too, once somebody calls Follow: what the file publishes, or how
// the swarm's ingress leads to it, are functions that the caller gives.
//
// It promises that each container it makes is tracked before it can exist, that all that a
// container printed is in two files of the artifacts, and that what it waits for ends as
// soon as it can no longer come. Networks and volumes of a test are here, for containers
// are what they are for.
//
// It knows no projects, no services and no test.
package container

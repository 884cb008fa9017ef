// SPDX-License-Identifier: Apache-2.0

// Package container makes containers, follows them, and answers for them.
//
// It owns what docker run is about: from the spec to the request (check, flags, mount,
// create), the container's life (run, lifecycle, exec, commit) and its end (cleanup). What is
// known of one is seen from several sides: its state, its [Ports], its [Log], its [Files],
// and the target that package wait looks at. A container of a project or of a task in a swarm
// is one, too, once somebody calls Follow, and those of one project or stack are a [Set]: what
// the file publishes, or how the swarm's ingress leads to it, are functions that the caller
// gives.
//
// It promises that each container it makes is tracked before it can exist, that all that a
// container printed is in two files of the artifacts, and that what it waits for ends as
// soon as it can no longer come. Networks and volumes of a test are here, for containers
// are what they are for.
//
// It knows no projects, no services and no test.
package container

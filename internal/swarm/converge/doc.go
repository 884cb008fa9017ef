// SPDX-License-Identifier: Apache-2.0

// Package converge judges whether the services of a swarm become what they are to be.
//
// A swarm tells nothing of what goes on between a wish and its fulfilment: who wants to know
// looks at services, tasks and nodes again and again. A [Convergence] is given what was seen
// at each look, and says that all is done, or what is still lacking, or that a service can no
// longer get there, and why. It has a tracker for each service; placement words what keeps
// tasks from all nodes, which the swarm only counts.
//
// It is pure: it asks no engine and reads no clock, and of package engine it uses the values
// that describe services, tasks and nodes. What only an engine can answer, and only sometimes
// has to, are functions in [Seen].
package converge

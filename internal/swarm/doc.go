// SPDX-License-Identifier: Apache-2.0

// Package swarm runs services and stacks in the swarm that an engine manages, and says why
// they do not become what they are to be.
//
// Nothing tells of changes of tasks, so they are looked at again and again. A serviceGroup is
// what one verb made, a service or a stack: it looks, waits and removes. A taskFollower
// follows the containers of its tasks on all nodes that can be asked. Package converge, which
// asks no engine, judges what was seen. An image of the test reaches all nodes, or is refused,
// in distribute.
//
// It promises that a wait ends as soon as the swarm cannot get there, with the task's own
// words, and that the end returns when the nodes have removed what they had. Engines of
// nodes are asked where somebody said where they are; no swarm is ever made of an engine.
package swarm

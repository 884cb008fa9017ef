// SPDX-License-Identifier: Apache-2.0

// Package startorder starts the containers of a Compose project in the order that depends_on
// asks for.
//
// It follows the rules of docker compose: a service is started when its dependencies were
// started and meet their conditions, and a dependency that can no longer meet its condition
// ends the start of the whole project. But docker compose checks conditions twice a second,
// and starts one container at a time. Here, events of the engine tell when a condition holds,
// and everything that may run is started at once. The package creates nothing, and does not
// wait for services on which no other depends.
package startorder

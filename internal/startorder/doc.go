// SPDX-License-Identifier: Apache-2.0

// Package startorder starts the containers of a Compose project in the order that depends_on
// asks for.
//
// It owns the rules of that order, which are docker compose's: a service is started when those
// it depends on were, and meet their conditions; its containers are; a dependency that can no
// longer meet its condition ends the start of everything. docker compose looks at conditions
// twice a second, and starts one container at a time. Here, events of the engine say when a
// condition holds, and what may run is started at once. It creates nothing, and waits for no
// service that none depends on.
package startorder

// SPDX-License-Identifier: Apache-2.0

// Package engine is the only code that talks to Docker: to the Engine API for everything that
// has one, to the docker command for what lives only there (compose, buildx, stack, logins).
//
// It owns how an engine is found (DOCKER_HOST, contexts, sockets that people forget), the
// connection (TLS, ssh), and what differs between engines: versions, image stores, Podman,
// rootless ones, those behind a virtual machine. A file has the calls for one thing: an image,
// a container, a volume, an event.
//
// It promises that a follower of a log misses no line and repeats none, also when the
// connection breaks; that who listens to events is told when some may have been lost; that a
// command which was begun ends with its context, with all that it started; and that errors are
// in the engine's words, without the layers that it wraps them in.
//
// It decides nothing: whose an object is, how long to wait, and what is removed are for those
// above. It knows no test, and shows no type of the client library.
package engine

// SPDX-License-Identifier: Apache-2.0

// Package kept says what containers have lost that an update of their project keeps: docker
// compose makes a network anew whose options change, and joins the containers that are in it
// again, without the names by which others call them; and an engine may no longer publish
// their ports.
//
// It is pure: it compares what is known of a container before and after, and asks no engine.
package kept

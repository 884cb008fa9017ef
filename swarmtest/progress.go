// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"fmt"
	"strings"
)

// How far the start of a node is, as the log of a test has it.
const (
	starting = "starts its engine"
	waiting  = "waits for the first manager"
	joining  = "joins"
	joined   = "has joined"
	ready    = "is ready"
)

// progress says how far the nodes are.
func (s *Swarm) progress(context.Context) string {
	words := make([]string, len(s.nodes))
	for i, n := range s.nodes {
		words[i] = fmt.Sprintf("%s %s", n.Hostname, n.far.Load())
	}
	return "starting a swarm: " + strings.Join(words, ", ")
}

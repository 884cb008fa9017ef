// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

const (
	lookAgain = 50 * time.Millisecond // nothing tells when nodes change
	lookLimit = 4 * time.Second       // for one answer: a manager without a leader takes its time
)

// An opinion is what one manager says of the nodes.
type opinion struct {
	of     *Node
	leader string
	nodes  []engine.Node
}

// look returns the nodes as the managers know them, and a node by which they can
// be changed: the leader's, if we can talk to that. There may be no leader for a
// while.
func (s *Swarm) look(ctx context.Context) ([]engine.Node, *Node, error) {
	for {
		nodes, via, err := s.lookOnce(ctx)
		if err == nil {
			return nodes, via, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil, fmt.Errorf("asking the swarm's managers: %w", err)
		case <-time.After(lookAgain):
		}
	}
}

// lookOnce asks all managers. One that is cut off may go on for some seconds as
// if it led: what counts is what most of them say.
func (s *Swarm) lookOnce(ctx context.Context) ([]engine.Node, *Node, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	var mu sync.Mutex
	var all []opinion
	managers := s.managers() // also those that are off: they have a vote
	asked := len(managers)
	err := each(managers, func(n *Node) error {
		if n.off.Load() {
			return errors.New(n.Hostname + ": it is off")
		}
		nodes, err := n.api.Nodes(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Hostname, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, opinion{n, leaderOf(nodes), nodes})
		if follows(all, asked) != nil {
			cancel() // the rest need not be waited for
		}
		return nil
	})
	agreed := follows(all, asked)
	if agreed == nil {
		return nil, nil, errors.Join(errors.New("most of them don't agree on a leader"), err)
	}
	for _, n := range s.nodes {
		i := slices.IndexFunc(agreed.nodes, func(one engine.Node) bool { return one.ID == n.ID })
		n.manages.Store(i >= 0 && agreed.nodes[i].Manages)
	}
	return agreed.nodes, agreed.of, nil
}

// managers are those that we can ask, as far as we know.
func (s *Swarm) managers() []*Node {
	return slices.DeleteFunc(s.Nodes(), func(n *Node) bool { return n.api == nil || !n.manages.Load() })
}

// follows returns what a majority says, in the words of the leader if possible;
// nil if there is none.
func follows(all []opinion, asked int) *opinion {
	for i := range all {
		votes, best := 0, &all[i]
		for j := range all {
			if all[j].leader == all[i].leader {
				votes++
				if all[j].of.ID == all[j].leader {
					best = &all[j]
				}
			}
		}
		if all[i].leader != "" && 2*votes > asked {
			return best
		}
	}
	return nil
}

func leaderOf(nodes []engine.Node) string {
	for _, n := range nodes {
		if n.Leader {
			return n.ID
		}
	}
	return ""
}

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
	lookAgain = 100 * time.Millisecond // there are no events for nodes
	lookLimit = 4 * time.Second        // for one answer: a manager without a leader is slow
)

// pause waits before the next look, and returns an error if the context ends.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(lookAgain):
		return nil
	}
}

// An opinion is the list of nodes as one manager sees it.
type opinion struct {
	of     *Node
	leader string
	nodes  []engine.Node
}

// look returns the nodes as the managers know them, and a node through which they
// can be changed: the leader, if it can be reached. For a while there may be no
// leader.
func (s *Swarm) look(ctx context.Context) ([]engine.Node, *Node, error) {
	managers := slices.DeleteFunc(s.Nodes(), func(n *Node) bool { return !n.manages.Load() })
	for {
		nodes, via, err := s.lookOnce(ctx, managers)
		if err == nil {
			return nodes, via, nil
		}
		if pause(ctx) != nil {
			return nil, nil, fmt.Errorf("asking the swarm's managers: %w", err)
		}
		managers = s.nodes // other nodes may have become managers
	}
}

// lookOnce asks some nodes. The majority counts, because a manager that is cut off
// may act as leader for some seconds more.
func (s *Swarm) lookOnce(ctx context.Context, nodes []*Node) ([]engine.Node, *Node, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	var mu sync.Mutex
	var all []opinion
	err := each(nodes, func(n *Node) error {
		if n.api == nil || n.off.Load() {
			return nil
		}
		known, err := n.api.Nodes(ctx)
		if err != nil && !n.manages.Load() {
			return nil // a worker, which cannot answer
		} else if err != nil {
			return fmt.Errorf("%s: %w", n.Hostname, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, opinion{n, leaderOf(known), known})
		if s.agreed(all) != nil {
			cancel() // the other answers are not needed
		}
		return nil
	})
	agreed := s.agreed(all)
	if agreed == nil {
		return nil, nil, errors.Join(errors.New("most of them don't agree on a leader"), err)
	}
	for _, n := range s.nodes {
		n.manages.Store(slices.ContainsFunc(agreed.nodes, n.managesIn))
	}
	return agreed.nodes, agreed.of, nil
}

// managesIn reports whether one is this node, as a manager.
func (n *Node) managesIn(one engine.Node) bool { return one.ID == n.ID && one.Manages }

// agreed returns the opinion of a majority of the managers, that of the leader if
// it is known, and nil if there is no majority. Managers that are off count as
// voters; those whose address is not known do not.
func (s *Swarm) agreed(all []opinion) *opinion {
	for i := range all {
		voters, votes, best := 0, 0, &all[i]
		for _, n := range s.nodes {
			if n.api != nil && slices.ContainsFunc(all[i].nodes, n.managesIn) {
				voters++
			}
		}
		for j := range all {
			if all[j].leader == all[i].leader {
				votes++
				if all[j].of.ID == all[j].leader {
					best = &all[j]
				}
			}
		}
		if all[i].leader != "" && 2*votes > voters {
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

// await waits until want returns nil for the nodes.
func (s *Swarm) await(ctx context.Context, want func([]engine.Node) error) error {
	var last error
	for {
		all, _, err := s.look(ctx)
		if err == nil {
			if last = want(all); last == nil {
				return nil
			}
		} else if last == nil {
			return err
		}
		if ended := pause(ctx); errors.Is(ended, context.DeadlineExceeded) {
			return fmt.Errorf("%w, and time is up", last)
		} else if ended != nil {
			return fmt.Errorf("%w, and the test has ended", last)
		}
	}
}

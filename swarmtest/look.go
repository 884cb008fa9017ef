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
	lookAgain = 100 * time.Millisecond // nothing tells when nodes change
	lookLimit = 4 * time.Second        // for one answer: a manager without a leader takes its time
)

// pause waits before the next look, and returns an error if there is to be none.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(lookAgain):
		return nil
	}
}

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
	managers := slices.DeleteFunc(s.Nodes(), func(n *Node) bool { return !n.manages.Load() })
	for {
		nodes, via, err := s.lookOnce(ctx, managers)
		if err == nil {
			return nodes, via, nil
		}
		if pause(ctx) != nil {
			return nil, nil, fmt.Errorf("asking the swarm's managers: %w", err)
		}
		managers = s.nodes // others may have become managers
	}
}

// lookOnce asks some nodes. A manager that is cut off may go on for some seconds as
// if it led: what counts is what most of them say.
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
			return nil // just so
		} else if err != nil {
			return fmt.Errorf("%s: %w", n.Hostname, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, opinion{n, leaderOf(known), known})
		if s.agreed(all) != nil {
			cancel() // the rest need not be waited for
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

// managesIn reports whether this is the node, and it is a manager.
func (n *Node) managesIn(one engine.Node) bool { return one.ID == n.ID && one.Manages }

// agreed returns what a majority of the managers says, in the words of the leader
// if we have them; nil if there is none. Managers that are off have a vote, too,
// and only those that we can't talk to don't.
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

// await waits until the nodes are as is wanted: then want returns nil.
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

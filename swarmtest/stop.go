// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"errors"
	"fmt"

	"github.com/seatrial/seatrial"
)

// Stop ends the swarm before the end of the test, and removes all of its data. In
// the user's own swarm it only undoes the test's changes.
func (s *Swarm) Stop(t seatrial.T) {
	t.Helper()
	s.ending.Do(func() {
		t.Helper()
		var err error
		if s.rack != nil {
			if t.Failed() {
				s.save(t)
			}
			err = s.stop()
		} else {
			err = s.giveBack(t)
		}
		if err != nil {
			t.Errorf("%v", err)
		}
	})
}

func (s *Swarm) stop() error {
	err := each(s.nodes, func(n *Node) error {
		defer n.lock()()
		n.leave()
		return n.private.Stop()
	})
	if err = errors.Join(err, s.rack.Stop()); err != nil {
		return fmt.Errorf("%w\n    hint: seatrial gc tries it again", err)
	}
	return nil
}

// SPDX-License-Identifier: Apache-2.0

package session

import (
	"cmp"
	"context"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/owner"
	iprocess "github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/said"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// Lasting returns a session for what belongs to no test, and outlives this process: whoever
// asks for it decides what becomes of what it makes. Its labels are those of a new object
// of this process; the caller gives it others.
func Lasting(ctx context.Context, on *Handle, name string, dir *artifact.Dir, say Progress) (*Session, error) {
	e, err := on.Connect(ctx)
	if err != nil {
		return nil, err
	}
	ahead, err := on.Clock(ctx)
	if err != nil {
		return nil, err
	}
	s := &Session{Test: name, On: on, Engine: e, Artifacts: &Artifacts{Dir: dir}, Said: &said.Log{}, log: say, OfCommand: true}
	s.Owner = owner.Tuple{Run: Run, Test: name, Scope: owner.NewID(), Process: iprocess.Self(), Until: time.Now().Add(ahead + withoutDeadline)}
	s.ending, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// WatchOver starts the watchdog, before there is something to watch over in the session's
// run.
func (s *Session) WatchOver() error {
	err := cmp.Or(process.watchdog.begin(s.Engine), process.watchdog.watches())
	TellWatchdog(func(d *watchdog.Client) { d.Shared(s.Owner.Run) })
	return err
}

// Leave ends what goes on in this process for what the session made, which stays.
func (s *Session) Leave() {
	s.stop()
	s.verbs.Wait()
	s.detachAll()
	process.watchdog.idle()
}

// AtWork returns the labels for what is made on the way: of what lasts, an earlier process
// may be the owner.
func (s *Session) AtWork() owner.Tuple {
	t := s.Owner
	t.Process = iprocess.Self()
	return t
}

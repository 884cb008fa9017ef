// SPDX-License-Identifier: Apache-2.0

package container

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/session"
)

// A Set is the containers of something that somebody else makes, a project or a service:
// each is followed once, from when it is heard of to the end of the set.
type Set struct {
	mu    sync.Mutex
	all   map[string]*Container // by id
	past  []*Container          // that were replaced or removed
	ended bool                  // no more containers are followed
}

// Follow follows a container. It returns nil if it was followed already or cannot be, or if
// the set has ended.
func (s *Set) Follow(sess *session.Session, k Known) *Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.all[k.ID] != nil {
		return nil
	}
	c, err := Follow(sess, k)
	if err != nil { // the next look tries again; if it can't either, the log is missing
		return nil
	}
	if s.all == nil {
		s.all = map[string]*Container{}
	}
	s.all[k.ID] = c
	return c
}

// Get returns the container that has an id, or nil if it is not followed.
func (s *Set) Get(id string) *Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[id]
}

// All returns the containers, by name.
func (s *Set) All() []*Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.all), func(a, b *Container) int { return strings.Compare(a.Name, b.Name) })
}

// Past returns the containers that were replaced or removed.
func (s *Set) Past() []*Container {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.past)
}

// MarkGone notes that a container is gone while the set goes on.
func (s *Set) MarkGone(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.all[id]
	if c == nil || s.ended {
		return
	}
	c.MarkReplaced()
	delete(s.all, id)
	s.past = append(s.past, c)
}

// MarkTaken notes that somebody removed a container whom nobody knows: no verb was at work.
func (s *Set) MarkTaken(id string) {
	if c := s.Get(id); c != nil {
		c.taken.Store(true)
	}
}

// Clear forgets all containers, so that the set begins anew.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all, s.past = nil, nil
}

// End says that no more containers are followed.
func (s *Set) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
}

// HasEnded reports whether no more containers are followed.
func (s *Set) HasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// Detach ends the set, and what follows its containers.
func (s *Set) Detach() {
	s.End()
	for _, c := range append(s.Past(), s.All()...) {
		c.Close(session.NoWait) // a log that goes on is not waited for
	}
}

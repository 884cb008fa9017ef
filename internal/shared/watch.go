// SPDX-License-Identifier: Apache-2.0

package shared

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
)

// watch makes a failure of the test save the logs of the shared containers from now
// on.
func (s *Value) watch(t session.T) error {
	t.Helper()
	test := session.TestOf(t)
	s.mu.Lock()
	known := s.users[test]
	s.users[test] = true
	s.mu.Unlock()
	if known {
		return nil
	}
	artifacts, err := session.ArtifactsOf(test)
	if err != nil {
		return err
	}
	s.hideIn(artifacts)
	ctx, cancel, err := session.Limit(t, 0, session.SaveLimit)
	if err != nil {
		return err
	}
	defer cancel()
	ends := s.logEnds(ctx)
	test.Cleanup(func() {
		test.Helper()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(test.Context()), session.SaveLimit)
		defer cancel()
		if test.Failed() {
			if err := s.save(ctx, artifacts, ends); err != nil {
				test.Logf("saving the logs of %s: %v", s.name, err)
			}
		}
		s.mu.Lock()
		delete(s.users, test)
		last := len(s.users) == 0
		s.mu.Unlock()
		if last && s.unused != nil {
			s.unused(ctx)
		}
	})
	return nil
}

// logEnds returns the present ends of the containers' logs, by container id. If a
// log cannot be read, all of it counts as new.
func (s *Value) logEnds(ctx context.Context) map[string]string {
	var mu sync.Mutex
	ends := map[string]string{}
	_ = parallel.Do(s.containers(), func(c *container.Container) error {
		last, err := c.Engine.LastLogged(ctx, c.ID)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			ends[c.ID] = last
		}
		return nil
	})
	return ends
}

// save writes the logs of the containers since then, and what the engine knows of them.
func (s *Value) save(ctx context.Context, artifacts *session.Artifacts, since map[string]string) error {
	s.hideIn(artifacts)
	var files error
	for _, handle := range session.Handles(s.t) {
		if p, ok := handle.(*compose.Project); ok {
			files = errors.Join(files, p.SaveFiles(ctx, artifacts.Dir))
		}
	}
	containers := parallel.Do(s.containers(), func(c *container.Container) error {
		var logs [2]bytes.Buffer
		err := c.Engine.LogSince(ctx, c.ID, since[c.ID], &logs[0], &logs[1])
		for i, ext := range []string{".out", ".err"} {
			if logs[i].Len() > 0 {
				_, failed := artifacts.Write(s.name+"-"+c.Name+ext, []byte(artifacts.Redact(logs[i].String())))
				err = errors.Join(err, failed)
			}
		}
		return errors.Join(err, c.EvidenceSince(ctx, artifacts.Dir, since[c.ID]))
	})
	return errors.Join(files, containers)
}

// hideIn hides the secrets of the value in the artifacts of a test: those of the T that
// made it, and those of projects, which another process may have made.
func (s *Value) hideIn(artifacts *session.Artifacts) {
	artifacts.HideLike(s.t)
	for _, handle := range session.Handles(s.t) {
		if p, ok := handle.(*compose.Project); ok {
			artifacts.Dir.HideLike(p.Session.Artifacts.Dir)
		}
	}
}

// containers returns all containers of the value.
func (s *Value) containers() []*container.Container {
	var all []*container.Container
	for _, handle := range session.Handles(s.t) {
		switch handle := handle.(type) {
		case *container.Container:
			all = append(all, handle)
		case *compose.Project:
			all = append(all, handle.All()...)
		}
	}
	return all
}

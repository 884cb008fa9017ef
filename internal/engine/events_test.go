// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
)

// stream is what a fake engine sends to one that asked for events.
type stream struct {
	ctx      context.Context
	messages chan events.Message
	err      chan error
}

type streams struct {
	mu   sync.Mutex
	all  []stream
	fail int // how many of the next attempts fail
}

func (s *streams) open(ctx context.Context) (client.EventsResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		s.fail--
		return client.EventsResult{}, errors.New("connection refused")
	}
	one := stream{ctx, make(chan events.Message), make(chan error, 1)}
	context.AfterFunc(ctx, func() { one.err <- ctx.Err() })
	s.all = append(s.all, one)
	return client.EventsResult{Messages: one.messages, Err: one.err}, nil
}

func TestHub(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &streams{}
		h := &hub{open: s.open}
		got := map[string][]Event{}
		subscribe := func(name string) func() {
			leave, err := h.Subscribe(t.Context(), func(e Event) { got[name] = append(got[name], e) })
			if err != nil {
				t.Fatal(err)
			}
			return leave
		}
		leaveA, leaveB := subscribe("a"), subscribe("b")
		if len(s.all) != 1 {
			t.Fatalf("two subscribers have %d streams, want 1", len(s.all))
		}
		s.all[0].messages <- events.Message{Action: "health_status: healthy", Actor: events.Actor{ID: "1"}}
		synctest.Wait()
		leaveB()
		s.all[0].messages <- events.Message{Action: "die", Actor: events.Actor{ID: "1"}}

		s.fail = 3
		s.all[0].err <- io.ErrUnexpectedEOF // the engine restarts
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(s.all) != 2 {
			t.Fatalf("after the stream broke there were %d streams, want 2", len(s.all))
		}
		s.all[1].messages <- events.Message{Action: "start", Actor: events.Actor{ID: "1"}}
		synctest.Wait()
		leaveA()
		leaveA() // again: nothing
		if s.all[1].ctx.Err() == nil {
			t.Error("the stream goes on without subscribers")
		}
		check := func(name string, want ...string) {
			t.Helper()
			var actions []string
			for _, e := range got[name] {
				actions = append(actions, e.Action)
			}
			if len(actions) != len(want) {
				t.Fatalf("%s heard %q, want %q", name, actions, want)
			}
			for i := range want {
				if actions[i] != want[i] {
					t.Errorf("%s heard %q, want %q", name, actions, want)
				}
			}
		}
		check("a", "health_status", "die", "", "start") // "": events were lost
		check("b", "health_status")

		leave := subscribe("c")
		if len(s.all) != 3 {
			t.Errorf("a subscriber after the last has left gets %d streams opened, want 3", len(s.all))
		}
		leave()

		s.fail = 1
		if _, err := h.Subscribe(t.Context(), func(Event) {}); err == nil {
			t.Error("subscribing though there is no stream: no error")
		}
	})
}

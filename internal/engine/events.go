// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"
)

// An Event tells that something happened to a container. The zero Event tells
// that events may have been lost, so that everything may have changed.
type Event struct {
	Action string // create, start, die, …; health_status without the health
	Health string // of a health_status
	ID     string // of the container
	Labels map[string]string
}

func (e *connection) openEvents(ctx context.Context) (client.EventsResult, error) {
	filters := make(client.Filters).Add("type", "container").
		Add("event", "create", "start", "kill", "stop", "die", "oom", "pause", "unpause", "destroy", "health_status")
	stream := e.api.Events(ctx, client.EventsListOptions{Filters: filters})
	select {
	case err := <-stream.Err: // it could not be opened
		return stream, err
	default:
		return stream, nil
	}
}

// A hub shares one stream of events among its subscribers.
type hub struct {
	open func(context.Context) (client.EventsResult, error)

	mu          sync.Mutex
	subscribers map[int]func(Event)
	last        int
	stop        func() // ends the stream and waits for its end; nil if there is none
}

// Subscribe calls notify for each event from now on, one after the other, until
// the returned function is called. Subscribers share one stream, which lives as
// long as there are any.
func (h *hub) Subscribe(ctx context.Context, notify func(Event)) (unsubscribe func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stop == nil {
		if err := h.start(ctx); err != nil {
			return nil, err
		}
	}
	h.last++
	key := h.last
	if h.subscribers == nil {
		h.subscribers = map[int]func(Event){}
	}
	h.subscribers[key] = notify
	return sync.OnceFunc(func() { h.unsubscribe(key) }), nil
}

func (h *hub) unsubscribe(key int) {
	h.mu.Lock()
	delete(h.subscribers, key)
	var stop func()
	if len(h.subscribers) == 0 {
		stop, h.stop = h.stop, nil
	}
	h.mu.Unlock()
	if stop != nil {
		stop() // without the lock, which a notification on its way needs
	}
}

// start opens the stream. The caller has the lock.
func (h *hub) start(ctx context.Context) error {
	// The stream outlives the first subscriber's context.
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stream, err := h.open(run)
	if err != nil {
		cancel()
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.run(run, stream)
	}()
	h.stop = func() { cancel(); <-done }
	return nil
}

func (h *hub) run(ctx context.Context, stream client.EventsResult) {
	for {
		h.pass(stream)
		for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			var err error
			if stream, err = h.open(ctx); err == nil {
				break
			}
		}
		h.notify(Event{})
	}
}

// pass hands events on until the stream ends.
func (h *hub) pass(stream client.EventsResult) {
	for {
		select {
		case m := <-stream.Messages:
			action, health, _ := strings.Cut(string(m.Action), ":")
			h.notify(Event{Action: action, Health: strings.TrimSpace(health), ID: m.Actor.ID, Labels: m.Actor.Attributes})
		case <-stream.Err:
			return
		}
	}
}

func (h *hub) notify(e Event) {
	h.mu.Lock()
	all := make([]func(Event), 0, len(h.subscribers))
	for _, notify := range h.subscribers {
		all = append(all, notify)
	}
	h.mu.Unlock()
	for _, notify := range all {
		notify(e)
	}
}

// SPDX-License-Identifier: Apache-2.0

package packing

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"example.com/orders/internal/orders"
)

func TestRunPacksWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, queue := &shelf{}, &list{jobs: []string{"1", "2"}}
		stop := start(t, store, queue)
		synctest.Wait()
		stop()
		if want := []string{"1", "2"}; !reflect.DeepEqual(store.packed, want) {
			t.Errorf("packed %q, want %q", store.packed, want)
		}
	})
}

func TestRunPacksWhatTheQueueLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shelf{overdue: []orders.Order{{ID: "3"}}}
		stop := start(t, store, &list{err: errors.New("connection refused")})
		time.Sleep(round + pause)
		stop()
		if want := []string{"3"}; !reflect.DeepEqual(store.packed, want) {
			t.Errorf("packed %q, want %q", store.packed, want)
		}
	})
}

func TestRunGoesOnAfterAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, queue := &shelf{broken: "1"}, &list{jobs: []string{"1", "2"}}
		stop := start(t, store, queue)
		synctest.Wait()
		stop()
		if want := []string{"2"}; !reflect.DeepEqual(store.packed, want) {
			t.Errorf("packed %q, want %q", store.packed, want)
		}
	})
}

func TestRunFinishesWhatItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, queue := &shelf{slow: 2 * time.Second}, &list{jobs: []string{"1", "2"}}
		stop := start(t, store, queue)
		time.Sleep(time.Second) // into the first
		stop()
		if want := []string{"1"}; !reflect.DeepEqual(store.packed, want) {
			t.Errorf("packed %q, want %q", store.packed, want)
		}
	})
}

func TestSlip(t *testing.T) {
	dir := t.TempDir()
	slip(dir, orders.Order{ID: "7", SKU: "B2"})
	got, err := os.ReadFile(filepath.Join(dir, "7.txt"))
	if want := "order 7\n1 x B2\n"; string(got) != want {
		t.Errorf("slip = %q, %v, want %q", got, err, want)
	}
	slip(filepath.Join(dir, "none"), orders.Order{ID: "8"}) // no directory, no slip
}

// start runs a worker. The returned function stops it, and waits until it did.
func start(t *testing.T, store Store, queue Queue) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		Run(ctx, store, queue, "")
	}()
	return func() { cancel(); <-done }
}

type shelf struct {
	packed  []string
	overdue []orders.Order
	broken  string
	slow    time.Duration
}

func (s *shelf) Pack(ctx context.Context, id string) (orders.Order, error) {
	sleep(ctx, s.slow)
	if err := ctx.Err(); err != nil {
		return orders.Order{}, err
	}
	if id == s.broken {
		return orders.Order{}, errors.New("connection refused")
	}
	s.packed = append(s.packed, id)
	return orders.Order{ID: id}, nil
}

func (s *shelf) PackOverdue(context.Context, time.Duration) ([]orders.Order, error) {
	list := s.overdue
	s.overdue = nil
	for _, o := range list {
		s.packed = append(s.packed, o.ID)
	}
	return list, nil
}

type list struct {
	jobs []string
	err  error
}

func (l *list) Pop(ctx context.Context, wait time.Duration) (string, error) {
	if len(l.jobs) > 0 {
		job := l.jobs[0]
		l.jobs = l.jobs[1:]
		return job, nil
	}
	if l.err == nil {
		sleep(ctx, wait)
	}
	return "", l.err
}

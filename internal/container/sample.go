// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

// Of what a container uses there is a sample each second, and mostSamples at most: of a
// test that goes on for longer every other one is dropped, and the next ones are taken half
// as often.
const (
	sampleEvery = time.Second
	mostSamples = 600
)

// samples are what a container has used, from time to time.
type samples struct {
	ask func(context.Context) (engine.Stats, error)
	end context.CancelFunc

	mu    sync.Mutex
	every time.Duration
	all   []sample
}

type sample struct {
	at          time.Time
	memory, cpu uint64 // bytes, nanoseconds since the container began
}

// takeSamples takes samples until it is ended.
func takeSamples(ask func(context.Context) (engine.Stats, error)) *samples {
	ctx, cancel := context.WithCancel(context.Background())
	s := &samples{ask: ask, end: cancel, every: sampleEvery}
	go s.take(ctx)
	return s
}

func (s *samples) take(ctx context.Context) {
	for {
		used, err := s.ask(ctx)
		if err == nil && used.Memory > 0 { // else it does not run
			s.add(sample{time.Now(), used.Memory, used.CPU})
		}
		s.mu.Lock()
		every := s.every
		s.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

func (s *samples) add(one sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, one)
	if len(s.all) < mostSamples {
		return
	}
	for i := range mostSamples / 2 {
		s.all[i] = s.all[2*i]
	}
	s.all, s.every = s.all[:mostSamples/2], 2*s.every
}

// text is a line for each sample: the time of day in UTC, bytes of memory, and how many
// processors were busy since the one before.
func (s *samples) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) < 2 {
		return ""
	}
	var b strings.Builder
	b.WriteString("time,memory,processors\n")
	for i, one := range s.all {
		busy := 0.0
		if i > 0 && one.cpu >= s.all[i-1].cpu { // it counts anew when it starts again
			busy = float64(one.cpu-s.all[i-1].cpu) / float64(one.at.Sub(s.all[i-1].at))
		}
		fmt.Fprintf(&b, "%s,%d,%.3f\n", one.at.UTC().Format("15:04:05.000"), one.memory, busy)
	}
	return b.String()
}

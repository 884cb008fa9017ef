// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/reach"
)

func TestIsSettled(t *testing.T) {
	running := func(since time.Duration, health string) State {
		return State{Status: "running", Since: time.Now().Add(-since), Health: health}
	}
	tests := []struct {
		about  string
		state  State
		serves bool
		want   bool
	}{
		{"created", State{Status: "created"}, false, false},
		{"has ended", State{Status: "exited"}, true, true},
		{"has just been started", running(time.Second, ""), false, false},
		{"has run for long", running(time.Minute, ""), false, true},
		{"has run for long, and does not listen yet", running(time.Minute, ""), true, false},
		{"is not healthy yet", running(time.Minute, "starting"), false, false},
		{"is healthy", running(time.Second, "healthy"), true, true},
		{"is tried again", State{Status: "restarting", Restarts: 1}, false, false},
		{"is tried again and again", State{Status: "restarting", Restarts: hopelessStarts}, false, true},
	}
	for _, test := range tests {
		f := &Follower{looks: newLooks(nil)}
		f.asked, f.state = time.Now(), test.state
		if test.serves {
			f.named = []int{80}
		}
		if got := f.IsSettled(t.Context()); got != test.want {
			t.Errorf("%s: IsSettled = %v, want %v", test.about, got, test.want)
		}
	}
}

// One that listens where it is said to works at once, and what crashes for want of it
// is not given more time.
func TestServing(t *testing.T) {
	at := func(unreached string, ports ...uint16) []reach.Listener {
		var all []reach.Listener
		for _, p := range ports {
			all = append(all, reach.Listener{Addr: netip.AddrPortFrom(netip.IPv4Unspecified(), p), Unreached: unreached})
		}
		return all
	}
	tests := []struct {
		about string
		ran   time.Duration
		named []int
		all   []reach.Listener
		seen  bool
		want  bool
	}{
		{"listens on its port", 0, []int{80}, at("", 80), true, true},
		{"listens on one of its ports", 9 * time.Second, []int{80, 81}, at("", 80), true, false},
		{"listens on one of its ports, for long", worksAfter, []int{80, 81}, at("", 80), true, true},
		{"listens on another port", 9 * time.Second, []int{80}, at("", 90), true, false},
		{"listens for itself alone", 9 * time.Second, []int{80}, at("loopback", 80), true, false},
		{"does not listen, for long", time.Hour, []int{80}, nil, true, false},
		{"no port is named, and it listens", listensAfter, nil, at("", 90), true, true},
		{"no port is named, and it has just begun to listen", time.Second, nil, at("", 90), true, false},
		{"no port is named, and it listens for itself alone", 9 * time.Second, nil, at("loopback", 90), true, false},
		{"no port is named, and it does not listen", 9 * time.Second, nil, nil, true, false},
		{"no port is named, and it does not listen, for long", worksAfter, nil, nil, true, true},
		{"not seen", 9 * time.Second, []int{80}, nil, false, false},
		{"not seen, for long", worksAfter, []int{80}, nil, false, true},
	}
	for _, test := range tests {
		if got := serving(test.ran, test.named, test.all, test.seen); got != test.want {
			t.Errorf("%s: serving = %v, want %v", test.about, got, test.want)
		}
	}
}

// A life began when its start was heard of, which may be before anybody looks; and if
// it was not, when it was first seen.
func TestSinceWhenALifeRuns(t *testing.T) {
	f := &Follower{}
	f.heardOf(Event{Action: "start"})
	first := f.started
	if got := f.since("1"); !got.Equal(first) {
		t.Errorf("the first life began at %v, want when its start was heard of, %v", got, first)
	}
	f.state = State{StartID: "1", Since: first}
	f.heardOf(Event{Action: "die"})
	if got := f.since("1"); !got.Equal(first) {
		t.Errorf("the first life, when it is over, began at %v, want %v", got, first)
	}
	before := time.Now()
	if got := f.since("2"); got.Before(before) {
		t.Errorf("the second life, whose start was not heard of, began at %v, want now, %v", got, before)
	}
	f.started = before.Add(-time.Minute)
	f.heardOf(Event{}) // some were lost: there may be a third life
	if got := f.since("3"); got.Before(before) {
		t.Errorf("a life of which events were lost began at %v, want now, %v", got, before)
	}
}

// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// crash makes the target end after each of these lives, and restart after a pause
// that doubles each time.
func (f *fake) crash(lives ...time.Duration) {
	at, pause := time.Duration(0), 100*time.Millisecond
	for i, life := range lives {
		at += life
		f.set(at, func(f *fake) {
			f.log("starting", "no configuration: cannot go on")
			f.state.Status, f.state.ExitCode, f.state.Restarts = "restarting", 78, f.state.Restarts+1
		})
		at += pause
		f.set(at, func(f *fake) {
			f.state.Status, f.state.StartID, f.state.Since = "running", string(rune('b'+i)), time.Now()
			f.state.ExitCode = 0 // as on an engine
		})
		pause *= 2
	}
}

// Under a restart policy no container ends for good. So every wait ends with a
// crash loop, and says so if time is up before.
func TestCrashing(t *testing.T) {
	yes, no := true, false
	const ms = time.Millisecond
	soon := slices.Repeat([]time.Duration{50 * ms}, 12)
	after := func(crashes int) time.Duration { // after that many
		return time.Duration(crashes)*50*ms + 100*ms*(1<<(crashes-1)-1)
	}
	const loop = "keeps crashing (exit code 78, %d restarts): no configuration: cannot go on"
	tests := []struct {
		about   string
		c       Condition
		alone   *bool
		lives   []time.Duration
		limit   time.Duration
		settled time.Duration // when all dependencies are up
		after   time.Duration
		want    string
	}{
		{"alone", Log("x"), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, ready", Ready(), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, http", HTTP(80, "/"), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, listening", Listening(80), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, exec", Exec("x"), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, file", File("/x"), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, exit", Exit(0), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, healthy", Healthy(), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, all", All(Log("x"), File("/x")), &yes, soon, time.Hour, 0, after(4), "4"},
		{"alone, a function", Func("x", func(context.Context) error { return errors.New("no") }), &yes, soon, time.Hour, 0, after(4), "4"},
		{"others come up", Log("x"), &no, soon, time.Hour, 500 * ms, after(5), "5"},
		{"others do not", Log("x"), &no, soon, time.Hour, 0, after(10), "10"},
		{"nobody knows", Log("x"), nil, soon, time.Hour, 0, 10650 * ms, "7"},
		{"time is up", Log("x"), &no, soon, time.Second, 0, time.Second, "time"},
		{"long lives", Within(5*time.Minute, Log("x")), &yes, slices.Repeat([]time.Duration{time.Minute}, 4), time.Hour, 0, 5 * time.Minute, "late"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(running)
				f.state.Since = time.Now()
				f.listen, f.exec, f.files = addrs(), answer(1, ""), map[string]string{}
				if _, is := test.c.(HealthyCondition); is {
					f.state.Health = "starting"
				}
				if test.alone != nil {
					alone := *test.alone
					f.alone = &alone
				}
				if test.settled > 0 {
					f.set(test.settled, func(f *fake) { *f.alone = true })
				}
				f.crash(test.lives...)
				ctx, cancel := context.WithTimeout(t.Context(), test.limit)
				defer cancel()
				began := time.Now()
				got := firstLine(Until(ctx, f, test.c))
				took := time.Since(began)
				got = strings.TrimPrefix(got, "db ")
				want := strings.Replace(loop, "%d", test.want, 1)
				switch test.want {
				case "time":
					want = "within 1s; last saw that it " + strings.Replace(loop, "%d", "4", 1)
				case "late":
					want = " within 5m0s; last saw"
				}
				if got != want && !(test.want == "late" && strings.Contains(got, want)) && !strings.HasSuffix(got, ": "+want) && !(test.want == "time" && strings.HasSuffix(got, " "+want)) {
					t.Errorf("Until(%v) = %q, want %q", test.c, got, want)
				}
				if took < test.after || took > test.after+2*latest {
					t.Errorf("Until(%v) took %v, want %v", test.c, took, test.after)
				}
				time.Sleep(5 * time.Minute) // for the changes set above
			})
		})
	}
}

// If the engine answers slowly, programs also fail slowly, and the engine learns of it
// late.
func TestReadyAtASlowEngine(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct{ delay, stalled, after time.Duration }{
		{0, 0, lasting}, {100 * ms, 0, lasting + delays*100*ms}, {0, 300 * ms, lasting + 300*ms}, {time.Second, 0, lasting + steady}, {0, time.Minute, lasting + steady},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(running)
			f.stalled = func() Stall { return Stall{Seen: true, Waited: test.stalled} }
			began := time.Now()
			if err := Until(t.Context(), slow{f, test.delay}, Ready()); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took < test.after || took > test.after+2*test.delay+latest {
				t.Errorf("ready after %v, want %v", took, test.after)
			}
		})
	}
}

type slow struct {
	*fake
	delay time.Duration
}

func (s slow) Fresh(ctx context.Context) (State, error) {
	time.Sleep(s.delay)
	return s.State(ctx)
}

// Before a container counts as ready, the engine is asked again, as its events may be
// late.
func TestReadyAsksAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(running)
		err := Until(t.Context(), dead{f}, Ready())
		if got, want := firstLine(err), "db exited with code 3 before becoming ready"; got != want {
			t.Errorf("Until = %q, want %q", got, want)
		}
	})
}

// dead has ended, but the events have not arrived yet.
type dead struct{ *fake }

func (d dead) Fresh(context.Context) (State, error) {
	d.complete = true
	return State{Status: "exited", ExitCode: 3, StartID: "1"}, nil
}

// Time before the program has begun, or while it waits for the disk, does not count
// as running.
func TestReadyOnASlowDisk(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		about           string
		unbegun, onDisk time.Duration // since the start
		after           time.Duration
	}{
		{"quiet", 0, 0, lasting},
		{"the program is read", 300 * ms, 0, 300*ms + lasting},
		{"the program is read for long", time.Minute, 0, time.Minute + lasting},
		{"its pages are read", 0, 400 * ms, 400*ms + lasting},
		{"both", 600 * ms, 900 * ms, 900*ms + lasting},
		{"it reads and reads", 0, time.Hour, mostDisk + lasting},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(running)
			began := time.Now()
			f.state.Since = began
			f.stalled = func() Stall {
				passed := time.Since(began)
				return Stall{Seen: true, Unbegun: passed < test.unbegun, OnDisk: passed >= test.unbegun && passed < test.onDisk}
			}
			if err := Until(t.Context(), f, Ready()); err != nil {
				t.Error(err)
			}
			if took := time.Since(began); took < test.after-glances || took > test.after+glances {
				t.Errorf("%s: ready after %v, want %v", test.about, took, test.after)
			}
		})
	}
}

// A program that dies 300 ms after its own beginning is never ready, however late it
// begins.
func TestReadyWhenTheProgramBeginsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(running)
		began := time.Now()
		f.state.Since = began
		f.stalled = func() Stall { return Stall{Seen: true, Unbegun: time.Since(began) < time.Second} }
		f.set(1300*time.Millisecond, func(f *fake) { f.state.Status, f.state.ExitCode, f.complete = "exited", 3, true })
		if got, want := firstLine(Until(t.Context(), f, Ready())), "db exited with code 3 before becoming ready"; got != want {
			t.Errorf("Until = %q, want %q", got, want)
		}
	})
}

// A wait whose time is up says that the program has never begun.
func TestReadySaysThatTheProgramHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(running)
		f.stalled = func() Stall { return Stall{Seen: true, Unbegun: true} }
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if got, want := firstLine(Until(ctx, f, Ready())), "db did not become ready within 1m0s; last saw running, but its program has not started"; got != want {
			t.Errorf("Until = %q, want %q", got, want)
		}
	})
}

// A condition that held in one life of a container does not count for the next; a
// container in a crash loop may fulfil it in each.
func TestSteady(t *testing.T) {
	const ms = time.Millisecond
	const loop = `db keeps crashing (exit code 78, `
	tests := []struct {
		about string
		lives []time.Duration
		begin time.Duration // of the wait
		after time.Duration // when it ends
		want  string
	}{
		{"never started again", nil, 0, 0, ""},
		{"not yet", []time.Duration{300 * ms}, 0, 0, ""},
		{"once, and stays", []time.Duration{100 * ms}, 250 * ms, 200*ms + steady, ""},
		{"once, long ago", []time.Duration{100 * ms}, 5 * time.Second, 5 * time.Second, ""},
		{"again and again", slices.Repeat([]time.Duration{200 * ms}, 12), 350 * ms, -1, loop},
		{"again and again, each time after a second", slices.Repeat([]time.Duration{time.Second}, 12), 1200 * ms, -1, loop},
		{"once more, and stays", []time.Duration{100 * ms, time.Second}, 250 * ms, 1400*ms + steady, ""},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(running)
				yes := true
				f.state.Since, f.alone = time.Now(), &yes
				began := time.Now()
				f.lines["1"] = []string{"starting"} // printed at the beginning of each life
				for i := range test.lives {
					f.lines[string(rune('b'+i))] = []string{"starting"}
				}
				f.crash(test.lives...) // which writes lines by itself from now on
				time.Sleep(test.begin)
				got := firstLine(Until(t.Context(), f, Steady(Log("starting"))))
				if took := time.Since(began); test.after >= 0 && (took < test.after || took > test.after+2*latest) {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				if got != test.want && (test.want == "" || !strings.HasPrefix(got, test.want)) {
					t.Errorf("Until = %q, want %q", got, test.want)
				}
				time.Sleep(10 * time.Minute) // for the changes set above
			})
		})
	}
}

// Steady does not delay for a container that ends for good: the wait may be for its end.
func TestSteadyOfWhatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(State{Status: "exited", StartID: "1", ExitCode: 3, Restarts: 2})
		f.complete = true
		if err := Until(t.Context(), f, Steady(Exit(3))); err != nil {
			t.Error(err)
		}
	})
}

// All parts of a condition must hold in the life that lasts: what held only before a restart
// does not count.
func TestSteadyHoldsWhollyInOneLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(running)
		f.state.Since = time.Now()
		f.log("migrated")
		f.lines["b"] = []string{"serving"}
		f.crash(100 * time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		got := firstLine(Until(ctx, f, Steady(All(Log("migrated"), Log("serving")))))
		if want := `db did not log "migrated" and log "serving" within 1m0s; last saw log "migrated": no match in 1 line`; got != want {
			t.Errorf("Until = %q, want %q", got, want)
		}
	})
}

// The condition must hold in the life that lasts.
func TestSteadyHoldsInTheLifeThatStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(running)
		f.state.Since = time.Now()
		f.log("first")
		f.crash(100 * time.Millisecond)
		f.state.Restarts = 1 // once before
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if got, want := firstLine(Until(ctx, f, Steady(Log("first")))), `db did not log "first" within 1m0s; last saw nothing logged`; got != want {
			t.Errorf("Until = %q, want %q", got, want)
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

func TestTry(t *testing.T) {
	t.Parallel()
	_, missing := os.Stat("none")
	tests := []struct {
		about, want string
		f           func(t seatrial.T)
	}{
		{"nothing fails", "", func(seatrial.T) {}},
		{"an error ends it", missing.Error(), func(t seatrial.T) {
			t.Errorf("%v", missing)
			t.FailNow()
			t.Errorf("it goes on")
		}},
		{"one that does not end it", "first: 1", func(t seatrial.T) { t.Errorf("first: %d", 1) }},
		{"several", "first\nsecond", func(t seatrial.T) { t.Errorf("first"); t.Errorf("second") }},
		{"without a word", "it failed without a word", func(t seatrial.T) { t.FailNow() }},
		{"in a function of its own", "deep", func(t seatrial.T) {
			func() { t.Errorf("deep"); t.FailNow() }()
			t.Errorf("it goes on")
		}},
		{"one in it", "inner true false", func(t seatrial.T) {
			var in, out bool
			err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("inner"); in = t.Failed(); t.FailNow() })
			out = t.Failed()
			t.Errorf("%v %v %v", err, in, out)
		}},
		{"by the T around", "outer", func(outer seatrial.T) {
			_ = seatrial.Try(outer, func(seatrial.T) { outer.Errorf("outer"); outer.FailNow() })
			outer.Errorf("it goes on")
		}},
		{"together", "second", func(t seatrial.T) {
			seatrial.Together(t,
				func(t seatrial.T) {
					select {
					case <-t.Context().Done():
					case <-time.After(time.Minute):
						t.Errorf("nothing ended it")
					}
					t.Errorf("first: %v", t.Context().Err())
				},
				func(t seatrial.T) { t.Errorf("second"); t.FailNow() })
			t.Errorf("it goes on")
		}},
		{"in one of several", "inner", func(t seatrial.T) {
			var err error
			seatrial.Together(t, func(t seatrial.T) {
				err = seatrial.Try(t, func(t seatrial.T) { t.Errorf("inner"); t.FailNow() })
			})
			t.Errorf("%v", err)
		}},
		{"by the T of one of several", "member", func(t seatrial.T) {
			seatrial.Together(t, func(t seatrial.T) {
				_ = seatrial.Try(t, func(seatrial.T) { t.Errorf("member"); t.FailNow() })
				t.Errorf("it goes on")
			})
		}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			got := ""
			if err := seatrial.Try(t, test.f); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("Try returned %q, want %q", got, test.want)
			}
		})
	}
	err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("loading %s: %v", "x", missing) })
	var path *fs.PathError
	if !errors.Is(err, fs.ErrNotExist) || !errors.As(err, &path) || path.Path != "none" {
		t.Errorf("the cause of %v is not found", err)
	}
}

// Whoever ends the test itself from inside ends it.
func TestTryLetsTheTestEnd(t *testing.T) {
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		_ = seatrial.Try(r, func(seatrial.T) { r.Errorf("outer"); r.FailNow() })
		r.Errorf("it goes on")
	})
	if r.Errors() != "outer" {
		t.Errorf("the test said %q", r.Errors())
	}
	r = enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		defer func() { r.Logf("%v", recover()) }()
		_ = seatrial.Try(r, func(seatrial.T) { panic("oh") })
	})
	if !strings.HasPrefix(r.Logs(), "oh\n") || !strings.Contains(r.Logs(), "try_test.go") {
		t.Errorf("the test panicked with %s", r.Logs())
	}
	none := seatrial.On(spec.Engine{Host: "tcp://127.0.0.1:1"})
	t.Setenv("SEATRIAL_REQUIRE", "")
	skip := map[string]func(t *testing.T){
		"by the test": func(t *testing.T) { _ = seatrial.Try(t, func(seatrial.T) { t.SkipNow() }) },
		"by a need":   func(t *testing.T) { _ = seatrial.Try(t, func(t seatrial.T) { none.Need(t, spec.Need{}) }) },
		"deep": func(t *testing.T) {
			_ = seatrial.Try(t, func(t seatrial.T) {
				seatrial.Together(t, func(t seatrial.T) {
					_ = seatrial.Try(t, func(t seatrial.T) { none.Need(t, spec.Need{}) })
				}, func(t seatrial.T) { <-t.Context().Done() })
			})
		},
		"deep, by the test": func(t *testing.T) {
			seatrial.Together(t, func(outer seatrial.T) {
				_ = seatrial.Try(outer, func(seatrial.T) { t.SkipNow() })
			}, func(t seatrial.T) { <-t.Context().Done() })
		},
	}
	for about, f := range skip {
		skipped, wentOn := false, false
		ok := t.Run(about, func(t *testing.T) {
			t.Cleanup(func() { skipped = t.Skipped() })
			f(t)
			wentOn = true
		})
		if !ok || !skipped || wentOn {
			t.Errorf("skipped %s: passed = %v, skipped = %v, went on = %v", about, ok, skipped, wentOn)
		}
	}
	t.Setenv("SEATRIAL_REQUIRE", "1")
	if err := seatrial.Try(t, func(t seatrial.T) { none.Need(t, spec.Need{}) }); err == nil || !strings.Contains(err.Error(), "needs more than there is") {
		t.Errorf("a need that must not skip: %v", err)
	}
	r = enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { // one that cannot be skipped
		if err := seatrial.Try(r, func(t seatrial.T) { none.Need(t, spec.Need{}) }); err == nil {
			r.Errorf("no error")
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
}

// Cleanup is the test's, and the T of a function that returned is of no use.
func TestTryAndTheEnd(t *testing.T) {
	t.Parallel()
	var order []string
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		r.Cleanup(func() { order = append(order, "first") })
		var kept seatrial.T
		_ = seatrial.Try(r, func(t seatrial.T) {
			kept = t
			t.Cleanup(func() { order = append(order, "second") })
			t.FailNow()
		})
		r.Cleanup(func() { order = append(order, "third") })
		order = append(order, "body")
		if cause := context.Cause(kept.Context()); cause == nil || !strings.Contains(cause.Error(), "has returned") {
			r.Logf("the context's cause is %v", cause)
		}
		kept.Errorf("said too late")
	})
	if got := strings.Join(order, " "); got != "body third second first" || r.Logs() != "" {
		t.Errorf("in the order %s; %s", got, r.Logs())
	}
	if r.Errors() != "said too late" {
		t.Errorf("the test said %q", r.Errors())
	}
}

func TestTryAtOnce(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			want := fmt.Sprint("number ", i)
			err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("number %d", i); t.FailNow() })
			if err == nil || err.Error() != want {
				t.Errorf("Try returned %v, want %s", err, want)
			}
		})
	}
	all.Wait()
	t.Run("a subtest in it", func(t *testing.T) {
		ran := false
		err := seatrial.Try(t, func(inner seatrial.T) {
			ran = t.Run("sub", func(t *testing.T) {
				if err := seatrial.Try(t, func(t seatrial.T) { t.Errorf("x") }); err == nil {
					t.Error("no error")
				}
			})
			inner.Errorf("after it")
		})
		if !ran || err == nil || err.Error() != "after it" {
			t.Errorf("ran = %v, %v", ran, err)
		}
	})
}

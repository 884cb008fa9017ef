// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// What a test fails to remove at its end is left to the watchdog, as the message promises: this
// process does not tell it to rest. What is removed at a later attempt is no failure.
func TestWhatStaysIsLeftToTheWatchdog(t *testing.T) {
	set := func(to bool) (was bool) {
		process.Lock()
		defer process.Unlock()
		was, process.leftovers = process.leftovers, to
		return was
	}
	before := set(false)
	t.Cleanup(func() { set(before) })
	for _, test := range []struct {
		about string
		fails int // attempts
		stays bool
	}{
		{"removed at once", 0, false}, {"removed later", 2, false}, {"not removed", 100, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &Session{Artifacts: &Artifacts{Dir: artifact.Use(t.TempDir())}}
			left := test.fails
			s.Track(Resource{Remove: func(context.Context) error {
				if left--; left >= 0 {
					return errors.New("it is in use")
				}
				return nil
			}})
			r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { s.remove(t.Context(), r) })
			if stays := set(false); stays != test.stays || r.Failed() != test.stays || strings.Contains(r.Errors(), "it is in use") != test.stays {
				t.Errorf("%s: noted as left %v, failed %v with %q, want %v", test.about, stays, r.Failed(), r.Errors(), test.stays)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

// Samples are bounded, however long a test takes, and cover all of it.
func TestSamples(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		began := time.Now()
		s := takeSamples(func(context.Context) (engine.Stats, error) {
			if asked++; asked == 1 { // it does not run yet
				return engine.Stats{}, nil
			}
			return engine.Stats{Memory: 1 << 20, CPU: uint64(time.Since(began) / 4)}, nil
		})
		time.Sleep(3500 * time.Millisecond)
		const want = "time,memory,processors\n00:00:01.000,1048576,0.000\n00:00:02.000,1048576,0.250\n00:00:03.000,1048576,0.250\n"
		if got := s.text(); got != want {
			t.Errorf("after some seconds there is\n%s\nwant\n%s", got, want)
		}
		time.Sleep(2 * time.Hour)
		s.end()
		synctest.Wait()
		lines := strings.Split(strings.TrimSpace(s.text()), "\n")[1:]
		if n := len(lines); n < mostSamples/2 || n > mostSamples || asked > 2*mostSamples*5 {
			t.Errorf("two hours are %d samples, asked for %d times", n, asked)
		}
		if first, last := lines[0], lines[len(lines)-1]; !strings.HasPrefix(first, "00:00:01") || !strings.HasPrefix(last, "01:5") && !strings.HasPrefix(last, "02:0") {
			t.Errorf("they begin with %s and end with %s", first, last)
		}
		before := asked
		time.Sleep(time.Hour)
		if asked != before {
			t.Error("samples are taken after the end")
		}
	})
}

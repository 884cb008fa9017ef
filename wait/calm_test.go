// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// A server logs each request. So it is asked less and less while its answer stays the same,
// and as often as before when the answer changes, since it is making progress then.
func TestAskingCalmsDown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		about       string
		answer      func(n int) string
		least, most int // questions in ten seconds
	}{
		{"the same", func(int) string { return "503" }, 50, 250},
		{"another each time", func(n int) string { return fmt.Sprint(n, " of 500") }, 400, 600},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := 0
			c := Func("a server", func(context.Context) error { n++; return errors.New(tt.answer(n)) })
			err := Until(t.Context(), &fake{state: State{Status: "running"}}, Within(10*time.Second, c))
			if err == nil || n < tt.least || n > tt.most {
				t.Errorf("%s: asked %d times, want %d to %d; %v", tt.about, n, tt.least, tt.most, err)
			}
		})
	}
}

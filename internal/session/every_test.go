// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// What is quick is not told of, and what takes long not more than once a second, nor twice.
func TestEvery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var said []string
		say := Progress(func(format string, args ...any) {
			said = append(said, fmt.Sprintf("%v: %s", time.Since(began), fmt.Sprintf(format, args...)))
		})
		far := func(context.Context) string {
			return []string{"", "created", "created", "running"}[min(3, int(time.Since(began)/(2*time.Second)))]
		}
		stop := say.every(t.Context(), far)
		time.Sleep(2900 * time.Millisecond)
		stop()
		if len(said) > 0 {
			t.Errorf("what is quick says %q", said)
		}
		began = time.Now()
		stop = say.every(t.Context(), far)
		time.Sleep(20500 * time.Millisecond)
		stop()
		if want := []string{"3s: created", "6s: running"}; !slices.Equal(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	})
}

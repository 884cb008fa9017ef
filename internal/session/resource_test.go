// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// What a command that was cut off asked for may come late: who removes it looks until several
// looks in a row find nothing, and how the last one went counts.
func TestSettle(t *testing.T) {
	t.Parallel()
	failed := errors.New("removing it")
	tests := []struct {
		about  string
		unsure bool
		found  []int // by each attempt; nothing by those after
		errs   []error
		want   int // attempts
		err    error
	}{
		{"nothing was cut off", false, []int{3}, nil, 1, nil},
		{"nothing was cut off, and it fails", false, nil, []error{failed}, 1, failed},
		{"nothing more comes", true, []int{3}, nil, 1 + quietLooks, nil},
		{"more comes late", true, []int{3, 0, 1}, nil, 3 + quietLooks, nil},
		{"it fails once", true, nil, []error{failed}, 1 + quietLooks, nil},
		{"it fails at last", true, nil, []error{nil, nil, nil, nil, failed}, 1 + quietLooks, failed},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				err := Settle(t.Context(), func() bool { return test.unsure }, func(context.Context) (found int, err error) {
					if n < len(test.found) {
						found = test.found[n]
					}
					if n < len(test.errs) {
						err = test.errs[n]
					}
					n++
					return found, err
				})
				if n != test.want || !errors.Is(err, test.err) {
					t.Errorf("%d attempts, %v, want %d, %v", n, err, test.want, test.err)
				}
			})
		})
	}
}

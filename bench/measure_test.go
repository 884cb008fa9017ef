// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// An interruption also ends a run that does not end by itself.
func TestInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b, hangs := &bed{ctx: ctx}, make(chan struct{})
		defer close(hangs)
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, err := b.turn(side{"deaf", func() (sample, error) {
			<-hangs
			return nil, nil
		}})
		if took := time.Since(began); !errors.Is(err, context.Canceled) || took != time.Second+patience {
			t.Errorf("%v after %v, want that it was interrupted after a second and %v", err, took, patience)
		}
	})
}

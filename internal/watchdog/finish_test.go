// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// An engine that is in trouble when the test dies, for minutes, gets to remove what the test
// left once it answers; one that stays in trouble does not keep the watchdog for ever.
func TestFinishWaitsForTheEngine(t *testing.T) {
	for _, test := range []struct {
		about   string
		trouble time.Duration
		removed bool
	}{
		{"none", 0, true},
		{"it is restarted", 5 * time.Minute, true},
		{"it does not come back", time.Hour, false},
	} {
		t.Run(test.about, func(t *testing.T) {
			fake := enginetest.NewFake("trouble", "1.47")
			volumes := fake.KeepVolumes()
			tuple := owner.Tuple{Run: owner.NewID(), Test: t.Name(), Scope: owner.NewID(), Process: process.Self(), Until: time.Now().Add(time.Hour)}.On(owner.Volume, "data")
			volumes.Add("data", tuple.Labels())
			var trouble atomic.Bool
			e := closing(t, func(w http.ResponseWriter, r *http.Request) {
				if trouble.Load() {
					http.Error(w, `{"message":"it is starting"}`, http.StatusServiceUnavailable)
					return
				}
				fake.ServeHTTP(w, r)
			})
			synctest.Test(t, func(t *testing.T) {
				trouble.Store(test.trouble > 0)
				time.AfterFunc(test.trouble, func() { trouble.Store(false) })
				began := time.Now()
				(&work{run: tuple.Run, session: "none", busy: true}).finish(e)
				if left := volumes.Names(); (len(left) == 0) != test.removed {
					t.Errorf("after %v there is %q, removed = %v is wanted", time.Since(began), left, test.removed)
				}
				time.Sleep(test.trouble) // for the change set above
			})
		})
	}
}

// closing is an engine that ends each connection with its answer: time in a bubble of synctest
// stands still while one is open.
func closing(t *testing.T, answer http.HandlerFunc) *engine.Engine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: answer, ErrorLog: log.New(io.Discard, "", 0)}
	server.SetKeepAlivesEnabled(false)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	e, err := engine.At(t.Context(), engine.Named{Host: "tcp://" + l.Addr().String()}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	return e
}

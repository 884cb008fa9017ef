// SPDX-License-Identifier: Apache-2.0

package orders

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"
)

func TestPasses(t *testing.T) {
	tests := []struct {
		err  error
		want bool
	}{
		{&pq.Error{Code: "57P01"}, true}, // admin_shutdown
		{&pq.Error{Code: "57P03"}, true}, // cannot_connect_now
		{&net.OpError{Op: "dial", Err: errors.New("connection refused")}, true},
		{&net.DNSError{Name: "orders-db", IsNotFound: true}, true},
		{fmt.Errorf("querying: %w", driver.ErrBadConn), true},
		{io.EOF, true},
		{&pq.Error{Code: "42P01"}, false}, // undefined_table
		{&pq.Error{Code: "28P01"}, false}, // invalid_password
		{errors.New("converting NULL to string"), false},
	}
	for _, tt := range tests {
		if got := passes(tt.err); got != tt.want {
			t.Errorf("passes(%v) = %v, want %v", tt.err, got, tt.want)
		}
	}
}

func TestRetryUntilTheDatabaseIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		back := time.Now().Add(3 * time.Second)
		err := retry(t.Context(), func() error {
			if time.Now().Before(back) {
				return &pq.Error{Code: "57P03"}
			}
			return nil
		})
		if err != nil {
			t.Errorf("retry = %v, want nil after three seconds", err)
		}
	})
}

func TestRetryGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		began := time.Now()
		err := retry(ctx, func() error { return io.EOF })
		if !errors.Is(err, io.EOF) {
			t.Errorf("retry = %v, want the last error, EOF", err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("retry gave up after %v, want 5s", took)
		}
	})
}

func TestRetryDoesNotRepeatMistakes(t *testing.T) {
	calls := 0
	err := retry(t.Context(), func() error { calls++; return &pq.Error{Code: "42P01"} })
	if err == nil || calls != 1 {
		t.Errorf("retry = %v after %d calls, want an error after one", err, calls)
	}
}

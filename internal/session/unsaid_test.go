// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"slices"
	"testing"

	"github.com/seatrial/seatrial/internal/artifact"
)

// What the reason says is not said again below it, and what it does not say is.
func TestUnsaid(t *testing.T) {
	t.Parallel()
	const expired = `rates: Get "https://rates:8443/eur": tls: failed to verify certificate: x509: certificate has expired: current time 2026-11-29T18:51:`
	for about, tt := range map[string]struct {
		reason, fate string
		said         bool
	}{
		"an end":                  {"sorter exited with code 255 before answering http :8080/health: exec /usr/bin/sorter: exec format error", "sorter exited with code 255: exec /usr/bin/sorter: exec format error", true},
		"an end without a line":   {"starting a.yaml: importer was killed for using too much memory (exit code 137) before becoming ready", "importer killed for using too much memory (exit code 137)", true},
		"ill health":              {"printer is unhealthy; its health check printed: /bin/sh: 1: curl: not found", "printer is unhealthy: /bin/sh: 1: curl: not found", true},
		"another moment":          {"api did not answer; its log says: 2026/11/29 18:51:34 " + expired + "34Z is after", "api has logged since it was ready: 2026/11/29 18:51:39 " + expired + "39Z is after", true},
		"the client's":            {`migrate-run exited with code 2: psql:/m/3.sql:1: ERROR:  column "weight_g" contains null values`, `db has logged since it was ready: 2026-11-29 18:52:45.731 UTC [170] ERROR:  column "weight_g" contains null values`, true},
		"the peer's":              {"api did not answer; its log says: " + expired + "34Z", "rates has logged since it was ready: 2026/11/29 18:51:34 http: TLS handshake error from 172.21.0.3:42272: remote error: tls: bad certificate", true},
		"a peer's, of nothing":    {"api did not answer", "rates has logged since it was ready: http: TLS handshake error from 172.21.0.3:42272: remote error: tls: bad certificate", false},
		"a peer's, that ended it": {"api did not answer; its log says: " + expired + "34Z", "rates exited with code 1: remote error: tls: bad certificate", false},
		"another container":       {"api exited with code 1: connection refused by the broker", "api-2 exited with code 1: connection refused by the broker", false},
		"a longer name":           {"api-2 exited with code 1: connection refused by the broker", "api exited with code 1: connection refused by the broker", false},
		"another line":            {"api exited with code 1: no such table: orders", "api has logged since it was ready: disk is full, nothing can be written", false},
		"another end":             {"api did not answer http :8080", "api exited with code 1", false},
		"few words of another":    {"api did not answer: 500 error", "db has logged since it was ready: error", false},
	} {
		var want []string
		if !tt.said {
			want = []string{tt.fate}
		}
		if got := unsaid(tt.reason, []string{tt.fate}); !slices.Equal(got, want) {
			t.Errorf("%s: left is %q, want %q", about, got, want)
		}
	}
}

// What the reason of a failure says is not printed once more at the end of the test; of one
// that passed nothing has been said.
func TestFatesAreToldOnce(t *testing.T) {
	t.Parallel()
	const ended, other = "redis exited with code 1: Bad directive or wrong number of arguments", "db exited with code 137"
	s := &Session{Artifacts: &Artifacts{Dir: artifact.Use(t.TempDir())}}
	s.Track(Resource{Fates: func(context.Context, bool) []string { return []string{ended, other} }})
	if err := s.Artifacts.AddFailure("redis exited with code 1 before becoming ready: Bad directive or wrong number of arguments"); err != nil {
		t.Fatal(err)
	}
	if got, want := s.tellFates(t, false), []string{other}; !slices.Equal(got, want) {
		t.Errorf("a test that failed tells %q, want %q", got, want)
	}
	if got, want := s.tellFates(t, true), []string{ended, other}; !slices.Equal(got, want) {
		t.Errorf("a test that passed tells %q, want %q", got, want)
	}
}

// Secrets are hidden in what is told of containers, as everywhere.
func TestFatesHideSecrets(t *testing.T) {
	t.Parallel()
	s := &Session{Artifacts: &Artifacts{Dir: artifact.Use(t.TempDir())}}
	s.Artifacts.Hide("hunter2-of-shop")
	s.Track(Resource{Fates: func(context.Context, bool) []string {
		return []string{"db exited with code 1: wrong password hunter2-of-shop"}
	}})
	for _, passed := range []bool{false, true} {
		if got, want := s.tellFates(t, passed), []string{"db exited with code 1: wrong password " + artifact.Hidden}; !slices.Equal(got, want) {
			t.Errorf("it tells %q, want %q", got, want)
		}
	}
}

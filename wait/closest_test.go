// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestClosest(t *testing.T) {
	t.Parallel()
	const log = "starting\nlistening on 127.0.0.1\ndatabase system is ready to accept read-only connections\nGET /ready 404\nbye"
	for pattern, want := range map[string]string{
		"ready to accept connections":          "database system is ready to accept read-only connections",
		"(?i)system IS up":                     "database system is ready to accept read-only connections",
		"Listening on 127":                     "listening on 127.0.0.1",
		`^listening on (0\.0\.0\.0)$`:          "listening on 127.0.0.1",
		"connections of all shops established": "", // one word of four is not close enough
		"migrations applied":                   "",
		`^\d+$`:                                "",
		"ready":                                "GET /ready 404",
	} {
		c := newClosest(pattern)
		for line := range strings.Lines(log) {
			c.add(strings.TrimSuffix(line, "\n"))
		}
		if c.line != want {
			t.Errorf("closest to %q is %q, want %q", pattern, c.line, want)
		}
	}
}

func TestResponse(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ location, body, want string }{
		{"", "", "status 502 Bad Gateway"},
		{"", "no upstream\nat all\n", "status 502 Bad Gateway: no upstream at all"},
		{"/login", "", "status 502 Bad Gateway, to /login"},
		{"", "<!DOCTYPE html><html><head><title>502 &amp; more</title></head><body>x</body></html>", "status 502 Bad Gateway: 502 & more"},
		{"", "<html><style>p {}</style><p>no <b>upstream</b></p></html>", "status 502 Bad Gateway: no upstream"},
	} {
		resp := &http.Response{Status: "502 Bad Gateway", Header: http.Header{}, Body: io.NopCloser(&bytes.Buffer{})}
		if test.location != "" {
			resp.Header.Set("Location", test.location)
		}
		if got := response(resp, []byte(test.body)); got != test.want {
			t.Errorf("told is %q, want %q", got, test.want)
		}
	}
}

// The error of an HTTP wait quotes what the server has complained of since the first
// request, and nothing older.
func TestHTTPQuotesTheLog(t *testing.T) {
	t.Parallel()
	f := newFake(State{Status: "running", StartID: "1"})
	f.lines["1"] = []string{"ERROR: no cache, going on without one"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.lines["1"] = append(f.lines["1"], "GET "+r.URL.Path, `ERROR: relation "orders" does not exist`)
		f.mu.Unlock()
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	f.addr = server.Listener.Addr().String()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := Until(ctx, f, HTTP(80, "/health"))
	if want := `last saw status 500 Internal Server Error; its log says: ERROR: relation "orders" does not exist`; err == nil || !strings.Contains(err.Error(), want) || strings.Contains(strings.SplitN(err.Error(), "\n", 2)[0], "no cache") {
		t.Errorf("error = %v, want %s", err, want)
	}
}

// SPDX-License-Identifier: Apache-2.0

package httpapi

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/orders/internal/orders"
)

func TestAPI(t *testing.T) {
	down := errors.New("connection refused")
	tests := []struct {
		name       string
		store      memory
		queue      jobs
		method     string
		path, body string
		code       int
		want       string // a part of the answer
		queued     string
	}{
		{name: "place", method: "POST", path: "/orders", body: `{"sku":"A1"}`,
			code: 201, want: `"id":"1","sku":"A1","status":"placed"`, queued: "1"},
		{name: "place while the cache is down", queue: jobs{err: down}, method: "POST", path: "/orders", body: `{"sku":"A1"}`,
			code: 201, want: `"sku":"A1"`},
		{name: "place while the database is down", store: memory{err: down}, method: "POST", path: "/orders", body: `{"sku":"A1"}`,
			code: 503, want: "try again later"},
		{name: "place nothing", method: "POST", path: "/orders", body: `{"sku":" "}`,
			code: 400, want: `{\"sku\":\"A1\"}`},
		{name: "place something else", method: "POST", path: "/orders", body: `sku=A1`,
			code: 400, want: `{\"sku\":\"A1\"}`},
		{name: "find", store: memory{list: []orders.Order{{ID: "7", SKU: "B2"}}}, method: "GET", path: "/orders/7",
			code: 200, want: `"sku":"B2"`},
		{name: "find another's", method: "GET", path: "/orders/8",
			code: 404, want: "no such order"},
		{name: "list none", store: memory{list: []orders.Order{}}, method: "GET", path: "/orders",
			code: 200, want: `[]`},
		{name: "list", store: memory{list: []orders.Order{{ID: "7"}, {ID: "8"}}}, method: "GET", path: "/orders",
			code: 200, want: `"id":"8"`},
		{name: "healthy", method: "GET", path: "/health",
			code: 200, want: `{"cache":"ok","database":"ok"}`},
		{name: "database down", store: memory{err: down}, method: "GET", path: "/health",
			code: 503, want: `{"cache":"ok","database":"connection refused"}`},
		{name: "cache down", queue: jobs{err: down}, method: "GET", path: "/health",
			code: 503, want: `{"cache":"connection refused","database":"ok"}`},
		{name: "wrong method", method: "DELETE", path: "/orders", code: 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			New(&tt.store, &tt.queue, "http://shop.example").ServeHTTP(w, r)
			if got, want := w.Header().Get("Location"), "http://shop.example/orders/1"; tt.queued != "" && got != want {
				t.Errorf("%s: Location = %q, want %q", tt.name, got, want)
			}
			if w.Code != tt.code || !strings.Contains(w.Body.String(), tt.want) {
				t.Errorf("%s %s = %d %s, want %d %s", tt.method, tt.path, w.Code, w.Body, tt.code, tt.want)
			}
			if got := strings.Join(tt.queue.pushed, " "); got != tt.queued {
				t.Errorf("queued %q, want %q", got, tt.queued)
			}
		})
	}
}

type memory struct {
	list []orders.Order
	err  error
}

func (m *memory) Place(_ context.Context, sku string) (orders.Order, error) {
	return orders.Order{ID: "1", SKU: sku, Status: "placed"}, m.err
}

func (m *memory) Find(_ context.Context, id string) (orders.Order, error) {
	for _, o := range m.list {
		if o.ID == id {
			return o, m.err
		}
	}
	return orders.Order{}, orders.ErrNotFound
}

func (m *memory) List(context.Context) ([]orders.Order, error) { return m.list, m.err }
func (m *memory) Ping(context.Context) error                   { return m.err }

type jobs struct {
	pushed []string
	err    error
}

func (j *jobs) Push(_ context.Context, job string) error {
	if j.err == nil {
		j.pushed = append(j.pushed, job)
	}
	return j.err
}

func (j *jobs) Ping(context.Context) error { return j.err }

// SPDX-License-Identifier: Apache-2.0

// Package httpapi is what customers talk to:
//
//	POST /orders       {"sku":"A1"}  201, the order
//	GET  /orders                     200, the latest orders
//	GET  /orders/{id}                200, the order
//	GET  /health                     200 or 503, what works and what does not
package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"example.com/orders/internal/orders"
)

// Store keeps the orders.
type Store interface {
	Place(ctx context.Context, sku string) (orders.Order, error)
	Find(ctx context.Context, id string) (orders.Order, error)
	List(ctx context.Context) ([]orders.Order, error)
	Ping(ctx context.Context) error
}

// Queue tells the worker what there is to do.
type Queue interface {
	Push(ctx context.Context, job string) error
	Ping(ctx context.Context) error
}

type server struct {
	store Store
	queue Queue
	url   string
}

// New returns the handler of the API, which customers reach at this URL; empty is
// the host that they ask.
func New(store Store, queue Queue, url string) http.Handler {
	s := &server{store, queue, url}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", s.place)
	mux.HandleFunc("GET /orders", s.list)
	mux.HandleFunc("GET /orders/{id}", s.find)
	mux.HandleFunc("GET /health", s.health)
	return mux
}

func (s *server) place(w http.ResponseWriter, r *http.Request) {
	var in struct {
		SKU string `json:"sku"`
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
	if err := body.Decode(&in); err != nil || strings.TrimSpace(in.SKU) == "" {
		fail(w, http.StatusBadRequest, `the body must be like {"sku":"A1"}`)
		return
	}
	order, err := s.store.Place(r.Context(), in.SKU)
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	slog.Info("order placed", "id", order.ID, "sku", order.SKU)
	// The order is safe in the database. If the worker cannot be told now, it
	// finds the order when it looks for those that are overdue.
	if err := s.queue.Push(r.Context(), order.ID); err != nil {
		slog.Warn("order not queued, the worker will find it later", "id", order.ID, "error", err)
	}
	w.Header().Set("Location", s.url+"/orders/"+order.ID)
	answer(w, http.StatusCreated, order)
}

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	list, err := s.store.List(r.Context())
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	answer(w, http.StatusOK, list)
}

func (s *server) find(w http.ResponseWriter, r *http.Request) {
	order, err := s.store.Find(r.Context(), r.PathValue("id"))
	if err != nil {
		s.trouble(w, r, err)
		return
	}
	answer(w, http.StatusOK, order)
}

func (s *server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	code, parts := http.StatusOK, map[string]string{"database": "ok", "cache": "ok"}
	for name, ping := range map[string]func(context.Context) error{
		"database": s.store.Ping,
		"cache":    s.queue.Ping,
	} {
		if err := ping(ctx); err != nil {
			code, parts[name] = http.StatusServiceUnavailable, err.Error()
		}
	}
	answer(w, code, parts)
}

func (s *server) trouble(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, orders.ErrNotFound) {
		fail(w, http.StatusNotFound, err.Error())
		return
	}
	slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	fail(w, http.StatusServiceUnavailable, "the database does not answer, try again later")
}

func fail(w http.ResponseWriter, code int, message string) {
	answer(w, code, map[string]string{"error": message})
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(body) // if the client is gone, nobody needs to know
}

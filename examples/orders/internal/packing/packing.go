// SPDX-License-Identifier: Apache-2.0

// Package packing is the work of the worker.
package packing

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"example.com/orders/internal/orders"
)

// Store keeps the orders.
type Store interface {
	Pack(ctx context.Context, id string) (orders.Order, error)
	PackOverdue(ctx context.Context, age time.Duration) ([]orders.Order, error)
}

// Queue says which orders were placed.
type Queue interface {
	Pop(ctx context.Context, wait time.Duration) (string, error)
}

const (
	round   = 5 * time.Second  // how often to look for overdue orders
	overdue = 10 * time.Second // an order that old is not in the queue any more
	pause   = time.Second      // after trouble with the queue
)

// Run packs orders until ctx is done, and finishes the one that it has begun.
//
// The queue is what makes it quick, the table is what makes it certain: an
// order that the queue lost is found by its age.
//
// For each packed order a slip is written into a directory, if there is one of
// this name.
func Run(ctx context.Context, store Store, queue Queue, slips string) {
	looked, lost := time.Now(), false
	for ctx.Err() == nil {
		id, err := queue.Pop(ctx, round)
		if ctx.Err() != nil && id == "" {
			return
		}
		switch {
		case err != nil && !lost: // one line for an outage, not one a second
			slog.Warn("the queue does not answer, trying again", "error", err)
		case err == nil && lost:
			slog.Info("the queue is back")
		}
		lost = err != nil
		switch {
		case lost:
			sleep(ctx, pause)
		case id != "":
			pack(context.WithoutCancel(ctx), store, slips, id)
		}
		if time.Since(looked) >= round {
			packOverdue(ctx, store, slips)
			looked = time.Now()
		}
	}
}

func pack(ctx context.Context, store Store, slips, id string) {
	began := time.Now()
	order, err := store.Pack(ctx, id)
	if err != nil {
		slog.Error("order not packed", "id", id, "error", err)
		return
	}
	slip(slips, order)
	slog.Info("order packed", "id", order.ID, "sku", order.SKU, "took", time.Since(began).Round(time.Millisecond))
}

func packOverdue(ctx context.Context, store Store, slips string) {
	list, err := store.PackOverdue(ctx, overdue)
	if err != nil {
		slog.Error("could not look for overdue orders", "error", err)
		return
	}
	for _, order := range list {
		slip(slips, order)
		slog.Info("overdue order packed", "id", order.ID, "sku", order.SKU)
	}
}

// slip writes the slip of an order. The order is packed without it, too.
func slip(dir string, order orders.Order) {
	if _, err := os.Stat(dir); err != nil {
		return
	}
	text := fmt.Sprintf("order %s\n1 x %s\n", order.ID, order.SKU)
	if err := os.WriteFile(filepath.Join(dir, order.ID+".txt"), []byte(text), 0o644); err != nil {
		slog.Warn("no slip written", "id", order.ID, "error", err)
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// SPDX-License-Identifier: Apache-2.0

// Worker packs the orders that were placed.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"example.com/orders/internal/orders"
	"example.com/orders/internal/packing"
	"example.com/orders/internal/queue"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func work(ctx context.Context) error {
	store, err := orders.Open(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer store.Close()
	jobs := &queue.Queue{Addr: cmp.Or(os.Getenv("REDIS_ADDR"), "localhost:6379"), Key: "orders:placed"}

	slog.Info("worker ready", "queue", jobs.Key)
	packing.Run(ctx, store, jobs, "/slips")
	slog.Info("worker stopped")
	return nil
}

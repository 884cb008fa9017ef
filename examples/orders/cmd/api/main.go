// SPDX-License-Identifier: Apache-2.0

// Api takes orders over HTTP.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/orders/internal/httpapi"
	"example.com/orders/internal/orders"
	"example.com/orders/internal/queue"
)

func main() {
	health := flag.Bool("health", false, "ask the running server how it is: exit code 0 or 1")
	flag.Parse()
	port := cmp.Or(os.Getenv("PORT"), "8080")

	run := serve
	if *health {
		run = probe
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, port); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func serve(ctx context.Context, port string) error {
	store, err := orders.Open(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer store.Close()
	jobs := &queue.Queue{Addr: cmp.Or(os.Getenv("REDIS_ADDR"), "localhost:6379"), Key: "orders:placed"}

	listener, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: httpapi.New(store, jobs, os.Getenv("PUBLIC_URL")), ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	slog.Info("api ready", "port", port)

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	slog.Info("api stopping")
	ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second) // Docker kills after 10
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	slog.Info("api stopped")
	return nil
}

// probe is the health check of the image, which has no shell and no curl.
func probe(ctx context.Context, port string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+port+"/health", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

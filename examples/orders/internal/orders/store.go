// SPDX-License-Identifier: Apache-2.0

// Package orders keeps the orders in PostgreSQL.
package orders

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	_ "github.com/lib/pq"
)

// An Order is placed by a customer and packed by the worker.
type Order struct {
	ID       string    `json:"id"`
	SKU      string    `json:"sku"`
	Status   string    `json:"status"` // placed or packed
	PlacedAt time.Time `json:"placed_at"`
}

// ErrNotFound says that there is no such order.
var ErrNotFound = errors.New("no such order")

// A Store is the table of orders. Its methods outlast a restart of the
// database: they try again until it is back, for as long as patience lasts.
// That is why every statement can be run twice without harm.
type Store struct {
	db *sql.DB
}

const patience = 15 * time.Second

// Open returns the store at url (postgres://…). It does not connect yet, so
// that it does not matter who is started first.
func Open(url string) (*Store, error) {
	if url == "" {
		return nil, errors.New("opening the store: no database URL (is DATABASE_URL set?)")
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	db.SetMaxOpenConns(10)
	return &Store{db}, nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.db.Close() }

// Ping asks the database once whether it answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.PingContext(ctx) }

const columns = "id, sku, status, placed_at"

// Place stores a new order.
func (s *Store) Place(ctx context.Context, sku string) (Order, error) {
	id := strings.ToLower(rand.Text())
	return s.one(ctx, `INSERT INTO orders (id, sku) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET sku = excluded.sku RETURNING `+columns, id, sku)
}

// Find returns an order, or ErrNotFound.
func (s *Store) Find(ctx context.Context, id string) (Order, error) {
	return s.one(ctx, `SELECT `+columns+` FROM orders WHERE id = $1`, id)
}

// List returns the latest hundred orders, newest first.
func (s *Store) List(ctx context.Context) ([]Order, error) {
	return s.all(ctx, `SELECT `+columns+` FROM orders ORDER BY placed_at DESC, id LIMIT 100`)
}

// Pack marks an order as packed. Packing it again changes nothing.
func (s *Store) Pack(ctx context.Context, id string) (Order, error) {
	return s.one(ctx, `UPDATE orders SET status = 'packed', packed_at = coalesce(packed_at, now())
		WHERE id = $1 RETURNING `+columns, id)
}

// PackOverdue marks every order as packed that waits for longer than age, and
// returns them.
func (s *Store) PackOverdue(ctx context.Context, age time.Duration) ([]Order, error) {
	return s.all(ctx, `UPDATE orders SET status = 'packed', packed_at = now()
		WHERE status = 'placed' AND placed_at < now() - $1 * interval '1 second' RETURNING `+columns,
		age.Seconds())
}

func (s *Store) one(ctx context.Context, query string, args ...any) (Order, error) {
	list, err := s.all(ctx, query, args...)
	if err != nil {
		return Order{}, err
	}
	if len(list) == 0 {
		return Order{}, ErrNotFound
	}
	return list[0], nil
}

func (s *Store) all(ctx context.Context, query string, args ...any) ([]Order, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var list []Order
	err := retry(ctx, func() error {
		rows, err := s.db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		list = []Order{} // an empty list is [] in JSON, not null
		for rows.Next() {
			var o Order
			if err := rows.Scan(&o.ID, &o.SKU, &o.Status, &o.PlacedAt); err != nil {
				return err
			}
			list = append(list, o)
		}
		return rows.Err()
	})
	return list, err
}

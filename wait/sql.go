// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// SQLCondition is the condition that [SQL] makes.
type SQLCondition struct {
	Driver    string
	Port      int
	DSN       func(addr string) string
	Statement string
}

// SQL is the condition that a database accepts a connection and answers a ping. The
// test must import the driver, whose name is the one that it registers with
// database/sql; dsn makes the driver's data source name from the host:port at which
// the test reaches the container's port, which must be published.
//
//	wait.SQL("pgx", 5432, func(addr string) string {
//		return "postgres://app:secret@" + addr + "/orders"
//	})
//
// An attempt, with the statement of [SQLCondition.Query], may take two seconds; then
// another one is made. No error of the driver ends the wait, not even a wrong
// password, because a database that is being set up reports that, too. The last error
// is reported.
func SQL(driver string, port int, dsn func(addr string) string) SQLCondition {
	return SQLCondition{Driver: driver, Port: port, DSN: dsn}
}

// Query returns the condition that a statement also succeeds, whatever its rows.
func (c SQLCondition) Query(statement string) SQLCondition { c.Statement = statement; return c }

func (c SQLCondition) String() string {
	s := fmt.Sprintf("sql :%d by %s", c.Port, c.Driver)
	if c.Statement != "" {
		s += fmt.Sprintf(" with %q", c.Statement)
	}
	return s
}

func (c SQLCondition) check() error {
	if c.DSN == nil {
		return errors.New("there is no function for the data source name")
	}
	if known := sql.Drivers(); !slices.Contains(known, c.Driver) {
		return fmt.Errorf("no driver of this name is registered with database/sql; there are: %s\n    hint: the test must import it", strings.Join(known, ", "))
	}
	return checkPort(c.Port)
}

func (c SQLCondition) goal() goal { return named("answer", "answering", c) }

func (c SQLCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &sqlWatcher{SQLCondition: c})
}

type sqlWatcher struct {
	asks
	SQLCondition
}

func (w *sqlWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	if err := over(ctx, t, s); err != nil {
		return false, sight{}, err
	}
	addr, err := t.Addr(ctx, w.Port)
	if err != nil {
		return false, sight{}, err
	}
	if addr == "" {
		return false, saw("that it is not running"), nil
	}
	try, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	err = aside(try, func(ctx context.Context) error { return w.try(ctx, addr) })
	if err == nil {
		return true, sight{}, nil
	}
	now := sight{what: abridged(err.Error())}
	if broken(err) || try.Err() != nil {
		now = because(ctx, t, w.Port, reason(err))
	}
	return false, now, nil
}

func (w *sqlWatcher) try(ctx context.Context, addr string) error {
	db, err := sql.Open(w.Driver, w.DSN(addr))
	if err != nil {
		return err
	}
	defer db.Close()
	if w.Statement == "" {
		return db.PingContext(ctx)
	}
	rows, err := db.QueryContext(ctx, w.Statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

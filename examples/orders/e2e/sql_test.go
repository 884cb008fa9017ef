// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"net/url"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver that wait.SQL uses
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// dsn returns a function that makes a data source name for a database at an
// address.
func dsn(password string) func(addr string) string {
	return func(addr string) string {
		u := url.URL{Scheme: "postgres", User: url.UserPassword("orders", password), Host: addr, Path: "orders", RawQuery: "sslmode=disable"}
		return u.String()
	}
}

// TestDatabaseIsReady waits for the database itself, with the driver that the
// test uses anyway, instead of for a line of its log.
func TestDatabaseIsReady(t *testing.T) {
	needEngine(t)
	const official = "postgres:17-bookworm"
	image := official
	if ref, ok := standIns()[official]; ok {
		image = ref
	}
	db := seatrial.Run(t, spec.Container{
		Image: image, Name: "db", Ports: []int{5432},
		Env:   map[string]string{"POSTGRES_USER": "orders", "POSTGRES_PASSWORD": "p@ss word", "POSTGRES_DB": "orders"},
		Ready: wait.SQL("postgres", 5432, dsn("p@ss word")),
	})
	db.Restart(t)
	db.Wait(t, wait.SQL("postgres", 5432, dsn("p@ss word")).Query("SELECT 1 FROM pg_database"))

	r := &failing{T: t}
	failed := seatrialFails(r, func() {
		db.Wait(r, wait.Within(2*time.Second, wait.SQL("postgres", 5432, dsn("wrong"))))
	})
	first, _, _ := strings.Cut(r.text, "\n")
	if want := "db did not answer sql :5432 by postgres within 2s; last saw pq: password authentication failed for user \"orders\""; !failed || !strings.HasPrefix(first, want) {
		t.Errorf("with a wrong password the wait says\n%s\nwant %q", first, want)
	}
	if strings.Contains(r.text, "wrong") {
		t.Errorf("the password is in the message:\n%s", r.text)
	}
}

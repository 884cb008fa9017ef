// SPDX-License-Identifier: Apache-2.0

package wait_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Conditions are plain data, with a name for messages.
func Example() {
	for _, c := range []wait.Condition{
		wait.Log("ready to accept connections").Times(2),
		wait.HTTP(8080, "/health").Matches(`"db":\s*"up"`),
		wait.All(wait.Exit(0), wait.File("/out/report.csv")),
		wait.Any(wait.Healthy(), wait.Listening(5432)),
	} {
		fmt.Println(c)
	}
	// Output:
	// log "ready to accept connections", 2 times
	// http :8080/health with "\"db\":\\s*\"up\""
	// exit 0 and file /out/report.csv
	// healthy or listening on 5432
}

// Find a mistake in a condition before anything is started.
func ExampleCheck() {
	fmt.Println(wait.Check(wait.Log("orders: [0-9+ done")))
	fmt.Println(wait.Check(wait.Exit(300)))
	fmt.Println(wait.Check(wait.Log("done")))
	// Output:
	// log "orders: [0-9+ done": error parsing regexp: missing closing ]: `[0-9+ done`
	// exit 300: exit codes are from 0 to 255
	// <nil>
}

// Wait for something that only the test can see.
func ExampleFunc() {
	exported := wait.Func("an export", func(context.Context) error {
		_, err := os.Stat("testdata/export.csv")
		return err
	})
	fmt.Println(exported)
	// Output: an export
}

// Wait for a server with a certificate of the test's own authority.
func ExampleHTTPS() {
	roots := x509.NewCertPool()
	fmt.Println(wait.HTTPS(8443, "/health").Trusting(roots).For("orders.example.com"))
	// Output: https :8443/health
}

// Wait until a database answers a query. The test imports the driver.
func ExampleSQL() {
	fmt.Println(wait.SQL("pgx", 5432, func(addr string) string {
		return "postgres://app:secret@" + addr + "/orders"
	}).Query("SELECT 1 FROM migrations"))
	// Output: sql :5432 by pgx with "SELECT 1 FROM migrations"
}

// Give one of several conditions more time than the others.
func ExampleWithin() {
	imported := wait.All(wait.Healthy(), wait.Within(10*time.Minute, wait.Log("import done")))
	fmt.Println(imported, wait.Limit(imported))
	// Output: healthy and log "import done" 10m0s
}

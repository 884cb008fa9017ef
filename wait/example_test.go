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

// Wait for the second of two equal lines: an image that sets up its data starts the
// server once for that, and once for clients.
func ExampleLog() {
	fmt.Println(wait.Log("ready to accept connections").Times(2))
	fmt.Println(wait.Log(`imported [1-9]\d* orders`)) // an import of none does not count
	// Output:
	// log "ready to accept connections", 2 times
	// log "imported [1-9]\\d* orders"
}

// Wait until a server answers as it should, not only until it answers.
func ExampleHTTP() {
	fmt.Println(wait.HTTP(8080, "/health").Matches(`"db":\s*"up"`))
	fmt.Println(wait.HTTP(8080, "/orders").Using("POST").Returns(401)) // without a token
	fmt.Println(wait.HTTP(80, "/").Sending("Host", "shop.example.com").Returns(301))
	// Output:
	// http :8080/health with "\"db\":\\s*\"up\""
	// http POST :8080/orders status 401
	// http :80/ status 301
}

// Wait for a server of which nothing else is known. It need not publish the port if the
// engine is on this machine.
func ExampleListening() {
	fmt.Println(wait.Listening(5432))
	fmt.Println(wait.ListeningOn("53/udp"))
	// Output:
	// listening on 5432
	// listening on 53/udp
}

// Ask the server's own client, which is in the image.
func ExampleExec() {
	fmt.Println(wait.Exec("pg_isready", "--username", "app", "--dbname", "orders"))
	// Output: exec pg_isready --username app --dbname orders
}

// Wait until a job has done its work, and has left its result.
func ExampleAll() {
	fmt.Println(wait.All(wait.Exit(0), wait.File("/out/report.csv").Matches("^sku,orders\n")))
	// Output: exit 0 and file /out/report.csv with "^sku,orders\n"
}

// Wait for either of two versions of an image, which log different words.
func ExampleAny() {
	fmt.Println(wait.Any(wait.Log("server started"), wait.Log("listening on :8080")))
	// Output: log "server started" or log "listening on :8080"
}

// Wait for a program that is expected to give up.
func ExampleExit() {
	fmt.Println(wait.Within(30*time.Second, wait.Exit(3))) // any other exit code ends the wait
	// Output: exit 3
}

// Find out which ports a container must publish, so that its condition can hold.
func ExampleAsked() {
	ready := wait.All(wait.Healthy(), wait.HTTP(8080, "/health"), wait.SQL("pgx", 5432, nil))
	fmt.Println(wait.Asked(ready))
	// Output: [8080 5432]
}

// Tell a container that has ended from one that the engine will start again.
func ExampleState() {
	for _, s := range []wait.State{
		{Status: "running", Health: "starting"},
		{Status: "exited", ExitCode: 137, OOMKilled: true},
		{Status: "restarting", ExitCode: 1, Restarts: 3},
	} {
		fmt.Printf("%v; ended: %t\n", s, s.Ended())
	}
	// Output:
	// running, starting; ended: false
	// killed for using too much memory (exit code 137); ended: true
	// restarting, after exit code 1; ended: false
}

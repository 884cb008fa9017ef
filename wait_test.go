// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// act tells the probe to make something true a little later.
func act(t testing.TB, c *seatrial.Container, what, name string, after time.Duration) {
	t.Helper()
	ask(t, c.URL(t, 80)+"/act?"+url.Values{"what": {what}, "name": {name}, "after": {after.String()}}.Encode())
}

// greeter is a driver for database/sql whose server does no more than say hi.
// Its data source name is an address.
type greeter struct{}

func init() { sql.Register("greeter", greeter{}) }

func (greeter) Open(addr string) (driver.Conn, error) {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return nil, err
	}
	if line != "hi\n" {
		return nil, fmt.Errorf("password authentication failed: it says %q", line)
	}
	return greeted{}, nil
}

type greeted struct{ driver.Conn }

func (greeted) Close() error { return nil }

func address(addr string) string { return addr }

// Every condition holds as soon as the probe, in an image without a shell, makes
// it true.
func TestConditionsHold(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"}, Ports: []int{80, 9000}, Ready: wait.Listening(80)})
	tests := []struct {
		what, name string
		c          wait.Condition
	}{
		{"print", "hello", wait.Log("^hello$")},
		{"ready", "a", wait.HTTP(80, "/ready/a")},
		{"listen", ":9000", wait.Listening(9000)},
		{"listen", ":9001", wait.Listening(9001)}, // not published
		{"file", "made", wait.File("/made")},
		{"file", "filled", wait.File("/filled").Matches("(?m)^complete$")},
		{"file", "seen", wait.Exec("/probe", "-exists", "/seen")},
		{"ready", "all", wait.All(wait.Log("hello"), wait.HTTP(80, "/ready/all").Using("GET").Sending("Host", "x"))},
		{"ready", "any", wait.Any(wait.Log("never"), wait.HTTP(80, "/ready/any"))},
		{"print", "in time", wait.Within(30*time.Second, wait.Log("in time"))},
	}
	for _, test := range tests {
		act(t, c, test.what, test.name, 50*time.Millisecond)
		c.Wait(t, test.c)
	}
	c.Wait(t, wait.SQL("greeter", 9000, address), wait.Func("a greeting", func(context.Context) error {
		_, err := greeter{}.Open(c.Addr(t, 9000))
		return err
	}))
	c.Wait(t, wait.HTTP(80, "/env?X").Matches("^$"), wait.HTTP(80, "/none").Returns(404).Matches("not found"))
}

// A wait that is not fulfilled says in its first line what was seen instead.
func TestConditionsThatDoNotHold(t *testing.T) {
	t.Parallel()
	img := probe(t)
	tests := []struct {
		about   string
		command []string
		c       wait.Condition
		want    string
		hint    string
	}{
		{"nothing listens there", []string{"-serve", ":9090"}, wait.HTTP(80, "/health"),
			"waiting for http :80/health of srv: not within 3s; last saw CONNECTION; nothing listens on 80 inside (listening: 9090)", "the server may have another port: 9090?"},
		{"listens on loopback", []string{"-serve", "127.0.0.1:80"}, wait.Listening(80),
			"waiting for listening on 80 of srv: not within 3s; last saw that it listens on 127.0.0.1:80 inside the container, where the published port does not reach it", "must listen on 0.0.0.0"},
		{"http to loopback", []string{"-serve", "127.0.0.1:80"}, wait.HTTP(80, "/"),
			"last saw CONNECTION; it listens on 127.0.0.1:80 inside the container, where the published port does not reach it", ""},
		{"sql where nothing listens", []string{"-after", "1h"}, wait.SQL("greeter", 80, address),
			"waiting for sql :80 by greeter of srv: not within 3s; last saw CONNECTION; nothing listens on 80 inside (listening: none)", ""},
		{"sql says why", []string{"-serve", ":80"}, wait.SQL("liar", 80, address),
			"not within 3s; last saw password authentication failed", ""},
		{"http silent", []string{"-serve", "tcp::80"}, wait.HTTP(80, "/"), "not within 3s; last saw no answer", ""},
		{"another status", []string{"-serve", ":80"}, wait.HTTP(80, "/none"), "last saw status 404 Not Found: 404 page not found", ""},
		{"another body", []string{"-serve", ":80"}, wait.HTTP(80, "/health").Matches("fine"), "waiting for http :80/health with \"fine\" of srv: not within 3s; last saw status 200 OK: ok", ""},
		{"no file", []string{"-serve", ":80"}, wait.File("/none"), "waiting for file /none of srv: not within 3s; last saw no such file", ""},
		{"command fails", []string{"-serve", ":80"}, wait.Exec("/probe", "-exists", "/none"),
			`waiting for exec /probe -exists /none of srv: not within 3s; last saw exit code 1, printed "stat /none: no such file or directory"`, ""},
		{"function fails", []string{"-serve", ":80"}, wait.Func("orders packed", func(context.Context) error { return errors.New("2 of 3") }),
			"waiting for orders packed of srv: not within 3s; last saw 2 of 3", ""},
		{"one of all", []string{"-print", "x", "-serve", ":80"}, wait.All(wait.Log("y"), wait.File("/z")),
			`waiting for log "y" and file /z of srv: not within 3s; last saw `, ""},
	}
	sql.Register("liar", liar{})
	// Those that say the same of a container share one.
	containers := map[string]*seatrial.Container{}
	for _, test := range tests {
		if command := strings.Join(test.command, " "); containers[command] == nil {
			containers[command] = seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: test.command, Ports: []int{80}, Ready: wait.ReadyCondition{AtOnce: true}})
		}
	}
	t.Run("conditions", func(t *testing.T) {
		for _, test := range tests {
			t.Run(test.about, func(t *testing.T) {
				t.Parallel()
				c := containers[strings.Join(test.command, " ")]
				r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
					c.Wait(r, wait.Within(3*time.Second, test.c))
				})
				discard(t, r)
				first, _, _ := strings.Cut(r.Errors(), "\n")
				// Who refuses it depends on the engine: the proxy, or the kernel.
				for _, words := range []string{"the connection was closed without an answer", "connection refused", "connection reset by peer"} {
					first = strings.ReplaceAll(first, words, "CONNECTION")
				}
				if !strings.Contains(first, test.want) || !strings.Contains(r.Errors(), test.hint) {
					t.Errorf("the error is\n%s\nwant in its first line %q, and %q", r.Errors(), test.want, test.hint)
				}
			})
		}
	})
}

type liar struct{}

func (liar) Open(string) (driver.Conn, error) {
	return nil, errors.New(`password authentication failed for user "x"`)
}

// What can no longer come to hold ends the wait at once.
func TestConditionsThatCannotHold(t *testing.T) {
	t.Parallel()
	img := probe(t)
	tests := []struct {
		about   string
		command []string
		c       wait.Condition
		want    string
	}{
		{"http on https", []string{"-serve", "tls::80"}, wait.HTTP(80, "/health"),
			"waiting for http :80/health of srv: the server speaks TLS: this port is https, not http"},
		{"https on http", []string{"-serve", ":80"}, wait.HTTPS(80, "/health"),
			"waiting for https :80/health of srv: the server does not speak TLS: this port is no https"},
		{"unknown certificate", []string{"-serve", "tls::80"}, wait.HTTPS(80, "/health").For("probe.test"),
			"waiting for https :80/health of srv: the server's certificate is not accepted: x509: certificate signed by unknown authority"},
		{"no such command", []string{"-serve", ":80"}, wait.Exec("pg_isready", "-q"), "waiting for exec pg_isready -q of srv: exit code 127, printed "},
		{"listening, exits", []string{"-after", "300ms", "-exit", "3"}, wait.Listening(80), "waiting for listening on 80 of srv: exited with code 3"},
		{"exec, exits", []string{"-after", "300ms", "-exit", "3"}, wait.Exec("/probe", "-exists", "/x"), "waiting for exec /probe -exists /x of srv: exited with code 3"},
		{"file, exits", []string{"-after", "300ms", "-exit", "3"}, wait.File("/x"), "waiting for file /x of srv: exited with code 3; last saw no such file"},
		{"sql, exits", []string{"-after", "300ms", "-exit", "3"}, wait.SQL("greeter", 80, address), "waiting for sql :80 by greeter of srv: exited with code 3"},
		{"one of all, exits", []string{"-after", "300ms", "-exit", "3"}, wait.All(wait.Exit(3), wait.Listening(80)),
			"waiting for exit 3 and listening on 80 of srv: listening on 80: exited with code 3"},
		{"any, exits", []string{"-after", "300ms", "-exit", "3"}, wait.Any(wait.Log("x"), wait.Listening(80)),
			`waiting for log "x" or listening on 80 of srv: exited with code 3`},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			mustFail(t, test.want, func(t seatrial.T) {
				seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: test.command, Ports: []int{80}, Ready: test.c})
			})
		})
	}
}

func TestHTTPS(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-serve", "tls::443"}, Ports: []int{443}, Ready: wait.HTTPS(443, "/health").Insecurely()})
	conn, err := tls.Dial("tcp", c.Addr(t, 443), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	roots := x509.NewCertPool()
	roots.AddCert(conn.ConnectionState().PeerCertificates[0])
	c.Wait(t, wait.HTTPS(443, "/health").Trusting(roots).For("probe.test").Matches("ok"))
}

// What is wrong with a condition or a limit is said before anything is made.
func TestConditionsAreCheckedFirst(t *testing.T) {
	t.Parallel()
	tests := []struct {
		c    wait.Condition
		want string
	}{
		{wait.Log("("), `running a container: Ready: log "(": error parsing regexp`},
		{wait.Listening(0), "running a container: Ready: listening on 0: port 0 is not from 1 to 65535"},
		{wait.All(), "running a container: Ready: : there is no condition in it"},
		{wait.Any(wait.Healthy(), nil), "running a container: Ready: healthy or <nil>: the condition is nil"},
		{wait.SQL("nosuch", 1, address), "no driver of this name is registered with database/sql; there are: greeter"},
		{wait.Within(time.Hour, wait.Healthy()), "healthy: its limit of 1h0m0s does not fit into the TimeLimit of 1m0s"},
	}
	enginetest.Need(t)
	for _, test := range tests {
		mustFail(t, test.want, func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: "never/looked:at", Ready: test.c, TimeLimit: time.Minute})
		})
	}
	soon := time.Now().Add(30 * time.Second)
	mustFailBy(t, soon, "a TimeLimit of 1m0s does not fit: the test has 2", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: "never/looked:at", TimeLimit: time.Minute})
	})
	mustFailBy(t, soon, "a limit of 1m0s does not fit: the test has 2", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: "never/looked:at", Ready: wait.Within(time.Minute, wait.Healthy())})
	})
}

// standIn returns what an image is called on an engine that cannot pull it.
func standIn(official string) string {
	for pair := range strings.SplitSeq(os.Getenv("SEATRIAL_TEST_IMAGES"), ",") {
		if name, ref, ok := strings.Cut(pair, "="); ok && name == official {
			return ref
		}
	}
	return official
}

func TestConditionsOnPostgreSQL(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	db := seatrial.Run(t, spec.Container{
		Image: standIn("postgres:17-bookworm"), Name: "db", Env: map[string]string{"POSTGRES_PASSWORD": "secret"}, Ports: []int{5432},
		Ready: wait.All(wait.Listening(5432), wait.Log("ready to accept connections").Times(2),
			wait.Exec("pg_isready", "-q", "-h", "127.0.0.1"), wait.File("/var/run/postgresql/.s.PGSQL.5432"),
			wait.File("/var/lib/postgresql/data/PG_VERSION").Matches(`^\d+\s`)),
	})
	db.Restart(t)
	db.Wait(t, wait.Listening(5432), wait.Log("ready to accept connections"))

	mustFail(t, "that it listens on 127.0.0.1:5432 inside the container, where the published port does not reach it", func(t seatrial.T) {
		db := seatrial.Run(t, spec.Container{
			Image: standIn("postgres:17-bookworm"), Name: "db", Env: map[string]string{"POSTGRES_PASSWORD": "secret"}, Ports: []int{5432},
			Command: []string{"-c", "listen_addresses=127.0.0.1"}, Ready: wait.Log("ready to accept connections").Times(2),
		})
		db.Wait(t, wait.Within(time.Second, wait.Listening(5432)))
	})
}

func TestConditionsOnRedis(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	cache := seatrial.Run(t, spec.Container{
		Image: standIn("redis:7-bookworm"), Name: "cache", Ports: []int{6379},
		Ready: wait.All(wait.Listening(6379), wait.Log("[Rr]eady to accept connections"), wait.Exec("redis-cli", "ping")),
	})
	mustFail(t, "waiting for http :6379/ of cache: not within", func(t seatrial.T) {
		cache.Wait(t, wait.Within(300*time.Millisecond, wait.HTTP(6379, "/")))
	})
}

func TestConditionsOnNginx(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	web := seatrial.Run(t, spec.Container{
		Image: standIn("nginx:1-bookworm"), Name: "web", Ports: []int{80},
		Ready: wait.All(wait.Listening(80), wait.HTTP(80, "/").Matches("<h1>Welcome to nginx!</h1>")),
	})
	web.Wait(t, wait.HTTP(80, "/none").Returns(404), wait.Log(`"GET /none HTTP/1.1" 404`), wait.HTTP(80, "/").Using("POST").Returns(405))
	mustFail(t, "waiting for https :80/ of web: the server does not speak TLS", func(t seatrial.T) { web.Wait(t, wait.HTTPS(80, "/")) })
}

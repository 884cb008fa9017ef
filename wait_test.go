// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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

// greeter is a driver for database/sql whose server only says hi. Its data source
// name is an address.
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
func TestWaitConditionsHold(t *testing.T) {
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

// The first line of a failed wait says what was seen instead. Here are the cases that
// need an engine, the others are in package wait.
func TestWaitConditionsThatDoNotHold(t *testing.T) {
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
			"srv did not answer http :80/health within LIMIT; last saw CONNECTION; nothing listens on 80 inside (listening: 9090)", "the server may have another port: 9090?"},
		{"listens on loopback", []string{"-serve", "127.0.0.1:80"}, wait.Listening(80),
			"srv did not listen on 80 within LIMIT; last saw that it listens on 127.0.0.1:80 inside the container, where the published port does not reach it", "must listen on 0.0.0.0"},
		{"http to loopback", []string{"-serve", "127.0.0.1:80"}, wait.HTTP(80, "/"),
			"last saw CONNECTION; it listens on 127.0.0.1:80 inside the container, where the published port does not reach it", ""},
		{"sql where nothing listens", []string{"-serve", ":9090"}, wait.SQL("greeter", 80, address),
			"srv did not answer sql :80 by greeter within LIMIT; last saw CONNECTION; nothing listens on 80 inside (listening: 9090)", ""},
		{"no file", []string{"-serve", ":80"}, wait.File("/none"), "srv did not have file /none within LIMIT; last saw no such file", ""},
		{"command fails", []string{"-serve", ":80"}, wait.Exec("/probe", "-exists", "/none"),
			`srv did not pass exec /probe -exists /none within LIMIT; last saw exit code 1, printed "stat /none: no such file or directory"`, ""},
	}
	// Cases with the same container share it.
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
				for limit := 3 * time.Second; ; limit *= 4 { // on a slow machine nothing may have been seen in that time
					r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
						c.Wait(r, wait.Within(limit, test.c))
					})
					r.Discard(t)
					first, _, _ := strings.Cut(r.Errors(), "\n")
					// The refusal comes from the proxy or from the kernel, depending on
					// the engine.
					for _, words := range []string{"the connection was closed without an answer", "connection refused", "connection reset by peer"} {
						first = strings.ReplaceAll(first, words, "CONNECTION")
					}
					want := strings.Replace(test.want, "LIMIT", limit.String(), 1)
					if strings.Contains(first, want) && strings.Contains(r.Errors(), test.hint) {
						return
					}
					if limit > 40*time.Second {
						t.Fatalf("the error is\n%s\nwant in its first line %q, and %q", r.Errors(), want, test.hint)
					}
					t.Logf("repeated: %v was too short: %s", limit, r.Errors())
				}
			})
		}
	})
}

// A condition that can no longer hold ends the wait at once. Here are the cases that need
// an engine, the others are in package wait.
func TestWaitConditionsThatCannotHold(t *testing.T) {
	t.Parallel()
	img := probe(t)
	tests := []struct {
		about   string
		command []string
		c       wait.Condition
		want    string
	}{
		{"no such command", []string{"-serve", ":80"}, wait.Exec("pg_isready", "-q"), "srv did not pass exec pg_isready -q: exit code 127, printed "},
		{"exec, exits", []string{"-after", "300ms", "-exit", "3"}, wait.Exec("/probe", "-exists", "/x"), "srv exited with code 3 before passing exec /probe -exists /x"},
		{"file, exits", []string{"-after", "300ms", "-exit", "3"}, wait.File("/x"), "srv exited with code 3 before having file /x; last saw no such file"},
		{"sql, exits", []string{"-after", "300ms", "-exit", "3"}, wait.SQL("greeter", 80, address), "srv exited with code 3 before answering sql :80 by greeter"},
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

func TestWaitHTTPS(t *testing.T) {
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

// A mistake in a condition or a limit fails the test before anything is made.
func TestWaitConditionsAreCheckedFirst(t *testing.T) {
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
		{wait.Within(time.Hour, wait.Healthy()), "healthy: its limit of 1h0m0s exceeds the TimeLimit of 1m0s"},
	}
	enginetest.Need(t)
	for _, test := range tests {
		mustFail(t, test.want, func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: "never/looked:at", Ports: []int{1}, Ready: test.c, TimeLimit: time.Minute})
		})
	}
	soon := time.Now().Add(50 * time.Second)
	mustFailBy(t, soon, "TimeLimit (1m) exceeds the ", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: "never/looked:at", TimeLimit: time.Minute})
	})
	mustFailBy(t, soon, "the limit of wait.Within (1m) exceeds the ", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: "never/looked:at", Ready: wait.Within(time.Minute, wait.Healthy())})
	})
}

// standIn returns the name of an image's stand-in on an engine that cannot pull it.
func standIn(official string) string {
	for pair := range strings.SplitSeq(os.Getenv("SEATRIAL_TEST_IMAGES"), ",") {
		if name, ref, ok := strings.Cut(pair, "="); ok && name == official {
			return ref
		}
	}
	return official
}

func TestWaitConditionsOnPostgreSQL(t *testing.T) {
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

func TestWaitConditionsOnRedis(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	cache := seatrial.Run(t, spec.Container{
		Image: standIn("redis:7-bookworm"), Name: "cache", Ports: []int{6379},
		Ready: wait.All(wait.Listening(6379), wait.Log("[Rr]eady to accept connections"), wait.Exec("redis-cli", "ping")),
	})
	mustFail(t, "cache did not answer http :6379/ within", func(t seatrial.T) {
		cache.Wait(t, wait.Within(300*time.Millisecond, wait.HTTP(6379, "/")))
	})
}

func TestWaitConditionsOnNginx(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	web := seatrial.Run(t, spec.Container{
		Image: standIn("nginx:1-bookworm"), Name: "web", Ports: []int{80},
		Ready: wait.All(wait.Listening(80), wait.HTTP(80, "/").Matches("<h1>Welcome to nginx!</h1>")),
	})
	web.Wait(t, wait.HTTP(80, "/none").Returns(404), wait.Log(`"GET /none HTTP/1.1" 404`), wait.HTTP(80, "/").Using("POST").Returns(405))
	mustFail(t, "web did not answer https :80/: the server does not speak TLS", func(t seatrial.T) { web.Wait(t, wait.HTTPS(80, "/")) })
}

// BenchmarkWait measures the time from when a condition became true, by the
// server's own time stamp, until Wait returned. It reports the median and the
// maximum:
//
//	go test -run '^$' -bench Wait -benchtime 50x .
func BenchmarkWait(b *testing.B) {
	enginetest.Need(b)
	img := seatrial.Build(b, spec.Image{Context: latencyContext(b)})
	c := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"},
		Ports: []int{80, 9000}, Ready: wait.Listening(80)})
	acts := []struct {
		about, what, name string // %d is a new number each time
		c                 func(name string) wait.Condition
	}{
		{"log", "print", "line %d.", func(name string) wait.Condition { return wait.Log("^" + name + "$") }},
		{"http", "ready", "r%d", func(name string) wait.Condition { return wait.HTTP(80, "/ready/"+name) }},
		{"listening", "listen", ":9000", func(string) wait.Condition { return wait.Listening(9000) }},
		{"sql", "listen", ":9000", func(string) wait.Condition { return wait.SQL("greeter", 9000, address) }},
		{"file", "file", "f%d", func(name string) wait.Condition { return wait.File("/" + name) }},
		{"content", "file", "c%d", func(name string) wait.Condition { return wait.File("/" + name).Matches("complete") }},
		{"exec", "file", "e%d", func(name string) wait.Condition { return wait.Exec("/probe", "-exists", "/"+name) }},
		{"all", "ready", "a%d", func(name string) wait.Condition { return wait.All(wait.Listening(80), wait.HTTP(80, "/ready/"+name)) }},
	}
	count := 0
	for _, a := range acts {
		b.Run(a.about, func(b *testing.B) {
			measure(b, func() time.Duration {
				count++
				name := strings.ReplaceAll(a.name, "%d", strconv.Itoa(count))
				act(b, c, a.what, name, 50*time.Millisecond+rand.N(50*time.Millisecond))
				c.Wait(b, a.c(name))
				now := time.Now()
				took := now.Sub(stamped(b, ask(b, c.URL(b, 80)+"/stamp?"+url.Values{"name": {name}}.Encode())))
				if a.what == "listen" {
					act(b, c, "close", name, 0)
					time.Sleep(20 * time.Millisecond)
				}
				return took
			})
		})
	}
	// The engine reports the end of a container late, so only the time after its
	// event counts.
	b.Run("exit-event", func(b *testing.B) {
		measure(b, func() time.Duration {
			began := time.Now()
			c := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "job", Command: []string{"-after", "200ms"}, Ready: wait.Exit(0)})
			now := time.Now()
			out, err := exec.Command("docker", "events", "--since", began.Add(-time.Second).Format(time.RFC3339Nano), "--until", time.Now().Format(time.RFC3339Nano),
				"--filter", "container="+c.ID, "--filter", "event=die", "--format", "{{.TimeNano}}").Output()
			if err != nil {
				b.Fatal(err)
			}
			return now.Sub(stamped(b, string(out)))
		})
	})
	b.Run("exit", func(b *testing.B) {
		measure(b, func() time.Duration {
			c := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "job", Command: []string{"-after", "200ms", "-stamp"}, Ready: wait.Exit(0)})
			now := time.Now()
			return now.Sub(stamped(b, c.Logs(b)))
		})
	})
	b.Run("healthy", func(b *testing.B) {
		measure(b, func() time.Duration {
			c.Restart(b)
			c.Wait(b, wait.Healthy())
			now := time.Now()
			return now.Sub(stamped(b, ask(b, c.URL(b, 80)+"/check")))
		})
	})
}

// measure reports the median and the worst of what f returns.
func measure(b *testing.B, f func() time.Duration) {
	var all []time.Duration
	for b.Loop() {
		all = append(all, f())
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, "worst-ms")
	b.ReportMetric(0, "ns/op")
}

// stamped reads a time as the probe writes it.
func stamped(t testing.TB, nanoseconds string) time.Time {
	t.Helper()
	at, err := strconv.ParseInt(strings.TrimSpace(nanoseconds), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(0, at)
}

func ask(t testing.TB, url string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func latencyContext(b *testing.B) string {
	dir := enginetest.ProbeContext(b)
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(`FROM scratch
COPY probe /probe
HEALTHCHECK --interval=100ms CMD ["/probe", "-check", "http://127.0.0.1/health"]
ENTRYPOINT ["/probe"]
`), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func addrs(all ...string) []Listener {
	parsed := []Listener{} // not nil: known to be empty
	for _, a := range all {
		l := Listener{Addr: netip.MustParseAddrPort(a)}
		if l.Addr.Addr().IsLoopback() {
			l.Unreached = "it is the container's own"
		}
		parsed = append(parsed, l)
	}
	return parsed
}

func answer(code int, output string) func(context.Context) (int, string, error) {
	return func(context.Context) (int, string, error) { return code, output, nil }
}

func silentExec(ctx context.Context) (int, string, error) {
	<-ctx.Done()
	return 0, "", ctx.Err()
}

// inTurn runs these, one at a time, and the last one again and again.
func inTurn(all ...func(context.Context) (int, string, error)) func(context.Context) (int, string, error) {
	return func(ctx context.Context) (int, string, error) {
		now := all[0]
		all = all[min(1, len(all)-1):]
		return now(ctx)
	}
}

func TestConditions(t *testing.T) {
	exited := func(f *fake) { f.state.Status, f.state.ExitCode, f.complete = "exited", 3, true }
	no := errors.New("2 of 3")
	minute := Within(time.Minute/2, Log("x"))
	tests := []struct {
		about string
		c     Condition
		do    func(f *fake) // before the wait
		later func(f *fake) // a minute into it
		after time.Duration // when it must end
		want  string        // the first line of the error
		hint  string
	}{
		{"listens", Listening(80), func(f *fake) { f.listen = addrs("[::]:80") }, nil, 0, "", ""},
		{"begins to listen", Listening(80), func(f *fake) { f.listen = addrs() }, func(f *fake) { f.listen = addrs("0.0.0.0:80") }, time.Minute, "", ""},
		{"listens on loopback first", Listening(80), func(f *fake) { f.listen = addrs("127.0.0.1:80") },
			func(f *fake) { f.listen = addrs("127.0.0.1:80", "172.17.0.2:80") }, time.Minute, "", ""},
		{"listens on loopback", Listening(80), func(f *fake) { f.listen = addrs("127.0.0.1:80", "0.0.0.0:90") }, nil, 2 * time.Minute,
			"db did not listen on 80 within 2m0s; last saw that it listens on 127.0.0.1:80 inside the container, where the published port does not reach it",
			"the server must listen on 0.0.0.0, or on all addresses"},
		{"listens in the other family", Listening(80), func(f *fake) {
			f.listen = addrs("0.0.0.0:80")
			f.listen[0].Unreached = "a published port reaches the container's IPv6 address"
		}, nil, 2 * time.Minute,
			"db did not listen on 80 within 2m0s; last saw that it listens on 0.0.0.0:80 inside the container, where the published port does not reach it: a published port reaches the container's IPv6 address",
			"the server must listen on [::], or on all addresses"},
		{"listens elsewhere", Listening(80), func(f *fake) { f.listen = addrs("[::1]:70", "0.0.0.0:90", "[::]:90", "10.0.0.1:91") }, nil, 2 * time.Minute,
			"db did not listen on 80 within 2m0s; last saw nothing listens on 80 inside (listening: [::1]:70, 90, 10.0.0.1:91)",
			"the server may have another port: 91?"},
		{"is not in its network", Listening(80), func(f *fake) {
			f.listen, f.stranded = addrs("0.0.0.0:90"), "start it again"
		}, nil, 2 * time.Minute, "db did not listen on 80 within 2m0s; last saw nothing listens on 80 inside (listening: 90)", "start it again"},
		{"listens on loopback, and not in its network", Listening(80), func(f *fake) {
			f.listen, f.stranded = addrs("127.0.0.1:80"), "start it again"
		}, nil, 2 * time.Minute, "db did not listen on 80 within 2m0s; last saw that it listens on 127.0.0.1:80 inside the container, where the published port does not reach it",
			"the server must listen on 0.0.0.0, or on all addresses"},
		{"listens nowhere", Listening(80), func(f *fake) { f.listen = addrs() }, exited, time.Minute, "db exited with code 3 before listening on 80", ""},
		{"turns unhealthy", Listening(80), func(f *fake) { f.listen = addrs() }, func(f *fake) { f.state.Health = "unhealthy" }, time.Minute,
			"db is unhealthy; its health check printed nothing", ""},
		{"restarting", Listening(80), func(f *fake) { f.listen, f.state.Status, f.state.ExitCode = addrs(), "restarting", 4 }, nil, 2 * time.Minute,
			"db did not listen on 80 within 2m0s; last saw restarting, after exit code 4", ""},

		{"command", Exec("true"), func(f *fake) { f.exec = answer(0, "") }, nil, 0, "", ""},
		{"command later", Exec("true"), func(f *fake) { f.exec = answer(1, "") }, func(f *fake) { f.exec = answer(0, "") }, time.Minute, "", ""},
		{"command fails", Exec("sh", "-c", "a b"), func(f *fake) { f.exec = answer(2, "no\n server\n") }, nil, 2 * time.Minute,
			`db did not pass exec sh -c "a b" within 2m0s; last saw exit code 2, printed "no server"`, ""},
		{"command missing", Exec("x"), func(f *fake) { f.exec = answer(127, "") }, nil, enough, "db did not pass exec x: exit code 127", ""},
		{"command cannot be run", Exec("x"), func(f *fake) { f.exec = answer(126, "") }, nil, enough, "db did not pass exec x: exit code 126", ""},
		{"command missing at first", Exec("x"), func(f *fake) { f.exec = inTurn(answer(127, ""), answer(0, "")) }, nil, 0, "", ""},
		{"command missing now and then", Exec("x"), func(f *fake) {
			calls := 0
			f.exec = func(context.Context) (int, string, error) { calls++; return 1 + 126*(calls%2), "", nil }
		}, func(f *fake) { f.exec = answer(0, "") }, time.Minute, "", ""},
		{"command, ends", Exec("x"), func(f *fake) { f.exec = answer(1, "") }, exited, time.Minute, "db exited with code 3 before passing exec x", ""},
		{"command hangs", Within(4*time.Second, Exec("x")), func(f *fake) { f.exec = silentExec }, nil, 4 * time.Second,
			"db did not pass exec x within 4s; last saw that it had not ended", ""},

		{"command hangs for ever", Exec("x"), func(f *fake) { f.exec = silentExec }, nil, 2 * time.Minute,
			"db did not pass exec x within 2m0s; last saw that it did not end within 10s", ""},
		{"command hangs once", Exec("x"), func(f *fake) { f.exec = inTurn(silentExec, answer(0, "")) }, nil, execLimit + longest, "", ""},

		{"file", File("/a").Matches("^b"), func(f *fake) { f.files = map[string]string{"/a": "c"} }, func(f *fake) { f.files = map[string]string{"/a": "bc"} }, time.Minute, "", ""},
		{"another content", File("/a").Matches("^b"), func(f *fake) { f.files = map[string]string{"/a": "c\n"} }, nil, 2 * time.Minute,
			`db did not have file /a with "^b" within 2m0s; last saw that its content is "c"`, ""},
		{"file of a MiB", File("/a").Matches("b$"), func(f *fake) { f.files = map[string]string{"/a": strings.Repeat("a", 1<<20-1) + "b and more"} }, nil, 0, "", ""},
		{"file left by what ended", File("/a"), func(f *fake) { exited(f); f.files = map[string]string{"/a": ""} }, nil, 0, "", ""},
		{"no file", File("/a"), nil, exited, time.Minute, "db exited with code 3 before having file /a; last saw no such file", ""},

		{"a line that has not ended", Log("Password:"), func(f *fake) { f.log("a", "b"); f.begun = []string{"Password: "} }, nil, 2 * time.Minute,
			`db did not log "Password:" within 2m0s; last saw no match in 2 lines, and "Password:", a line that has not ended`, unendedHint},
		{"nothing but a line that has not ended", Log("Password:"), func(f *fake) { f.begun = []string{"Password: "} }, nil, 2 * time.Minute,
			`db did not log "Password:" within 2m0s; last saw nothing logged, and "Password:", a line that has not ended`, unendedHint},
		{"a prompt that nobody hands out", Log(`login: ?$`), nil, nil, 2 * time.Minute,
			`db did not log "login: ?$" within 2m0s; last saw nothing logged`, promptHint},
		{"no prompt", Log(`listening on \S+$`), nil, nil, 2 * time.Minute,
			`db did not log "listening on \\S+$" within 2m0s; last saw nothing logged`, ""},

		{"function", Func("packed", func(context.Context) error { return nil }), nil, nil, 0, "", ""},
		{"function fails", Func("packed", func(context.Context) error { return no }), nil, nil, 2 * time.Minute, "db did not fulfil packed within 2m0s; last saw 2 of 3", ""},
		{"function gives up", Func("packed", func(context.Context) error { runtime.Goexit(); return nil }), nil, nil, 2 * time.Minute,
			"db did not fulfil packed within 2m0s; last saw it ended its goroutine", ""},
		{"function, ends", Func("packed", func(context.Context) error { return no }), nil, exited, time.Minute, "db exited with code 3 before fulfilling packed; last saw 2 of 3", ""},

		{"all", All(Log("x"), Healthy()), func(f *fake) { f.log("x"); f.state.Health = "starting" }, func(f *fake) { f.state.Health = "healthy" }, time.Minute, "", ""},
		{"not all", All(Log("x"), Exit(0)), func(f *fake) { f.log("x") }, nil, 2 * time.Minute, `db did not log "x" and exit with code 0 within 2m0s; last saw exit 0: running`, ""},
		{"one of all cannot", All(Exit(3), Log("x")), nil, exited, time.Minute, `db did not exit with code 3 and log "x": log "x": exited with code 3`, ""},
		{"any", Any(Log("x"), Exit(3)), nil, exited, time.Minute, "", ""},
		{"not any", Any(Log("x"), All(Exit(0), Log("y"))), nil, nil, 2 * time.Minute,
			`db did not log "x" or (exit with code 0 and log "y") within 2m0s; last saw log "x": nothing logged, exit 0 and log "y": exit 0: running, log "y": nothing logged`, ""},
		{"none can", Any(Log("x"), Log("y")), nil, exited, time.Minute, `db exited with code 3 before logging "x" or logging "y"`, ""},
		{"one of any is late", Any(minute, Log("y")), nil, func(f *fake) { f.log("y") }, time.Minute, "", ""},

		{"own limit", minute, nil, nil, time.Minute / 2, `db did not log "x" within 30s; last saw nothing logged`, ""},
		{"limit too long", Within(2*time.Hour, Log("x")), nil, nil, 0, `db did not log "x": its limit of 2h0m0s exceeds the 2m0s left`, "go test -timeout gives the test more time, TimeLimit a start"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(running)
				if test.do != nil {
					test.do(f)
				}
				if test.later != nil {
					f.set(time.Minute, test.later)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				began := time.Now()
				err := Until(ctx, f, test.c)
				took := time.Since(began)
				if got := firstLine(err); got != test.want {
					t.Errorf("Until(%v) =\n%q, want\n%q", test.c, got, test.want)
				}
				var e *Error
				if errors.As(err, &e); e != nil && (e.Hint != test.hint || e.Hint != "" && !strings.HasSuffix(e.Error(), "\n    hint: "+e.Hint)) {
					t.Errorf("hint %q, want %q, at the end of %q", e.Hint, test.hint, e)
				}
				if took < test.after || took > test.after+2*latest {
					t.Errorf("Until(%v) took %v, want %v", test.c, took, test.after)
				}
				if said := fmt.Sprint(err); strings.Contains(said, "logged nothing") && len(f.begun) > 0 {
					t.Errorf("it says that nothing was logged:\n%s", said)
				}
			})
		})
	}
}

func firstLine(err error) string {
	if err == nil {
		return ""
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

func TestCheck(t *testing.T) {
	dsn := func(addr string) string { return addr }
	tests := []struct {
		c    Condition
		want string
	}{
		{nil, "the condition is nil"},
		{Log("("), "log \"(\": error parsing regexp: missing closing ): `(`"},
		{Exit(256), "exit 256: exit codes are from 0 to 255"},
		{Listening(65536), "listening on 65536: port 65536 is not from 1 to 65535"},
		{HTTP(0, "/"), "http :0/: port 0 is not from 1 to 65535"},
		{HTTP(80, "x"), `http :80x: path "x" does not begin with /`},
		{HTTP(80, "/").Matches("["), "http :80/ with \"[\": error parsing regexp: missing closing ]: `[`"},
		{HTTP(80, "/").Using("a b"), `http a b :80/: net/http: invalid method "a b"`},
		{HTTP(80, "/").Sending("a b", "c"), `http :80/: header "a b: c" is not of the form Name: value`},
		{HTTP(80, "/").Insecurely(), "http :80/: there is no certificate without TLS: say HTTPS"},
		{HTTP(80, "/").Returns(20), "http :80/ status 20: status 20 is not from 100 to 999"},
		{File("a"), `file a: path "a" does not begin with /`},
		{File("/a").Matches("("), "file /a with \"(\": error parsing regexp: missing closing ): `(`"},
		{Exec(), "exec : there is no command"},
		{Func("x", nil), "x: the function is nil"},
		{Func("", func(context.Context) error { return nil }), ": the function has no name"},
		{Exit(-1), "exit -1: exit codes are from 0 to 255"},
		{HTTP(80, "/").Returns(1000), "http :80/ status 1000: status 1000 is not from 100 to 999"},
		{HTTP(80, "/").For("x"), "http :80/: there is no certificate without TLS: say HTTPS"},
		{HTTP(80, "/").Trusting(x509.NewCertPool()), "http :80/: there is no certificate without TLS: say HTTPS"},
		{SQL("none", 1, dsn), "sql :1 by none: no driver of this name is registered with database/sql; there are: test"},
		{SQL("test", 1, nil), "sql :1 by test: there is no function for the data source name"},
		{All(), ": there is no condition in it"},
		{Any(Healthy(), Exit(-1)), "healthy or exit -1: exit -1: exit codes are from 0 to 255"},
		{Within(0, Healthy()), "healthy: a limit of 0s leaves no time"},
		{Within(1, nil), "<nil>: the condition is nil"},
		{Within(1, HTTP(80, "x")), `http :80x: path "x" does not begin with /`},
		{All(HTTP(80, "x")), `http :80x: path "x" does not begin with /`},
		{All(Ready(), Healthy(), Log("x").Times(2), HTTPS(1, "/?q").Using("PUT").For("x"), SQL("test", 1, dsn).Query("SELECT 1")), ""},
		{All(Exit(255), Listening(1), Listening(65535), HTTP(80, "/").Returns(100), HTTP(80, "/").Returns(999)), ""},
	}
	for _, test := range tests {
		if got := firstLine(Check(test.c)); got != test.want {
			t.Errorf("Check(%v) = %q, want %q", test.c, got, test.want)
		}
	}
}

// database is a driver for database/sql. Its data source names say what happens.
type database struct{}

func init() { sql.Register("test", database{}) }

var deafened atomic.Bool // a connection that was to be deaf once

func (database) Open(name string) (driver.Conn, error) {
	switch mode, _, _ := strings.Cut(name, "@"); mode {
	case "wrong":
		return nil, errors.New("password authentication\nfailed")
	case "refused":
		return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
	case "hangs up":
		return nil, driver.ErrBadConn
	case "deaf":
		time.Sleep(time.Hour) // ignores its context
	case "deaf once":
		if !deafened.Swap(true) {
			time.Sleep(time.Hour)
		}
	}
	return connection{}, nil
}

type connection struct{ driver.Conn }

func (connection) Close() error { return nil }

// QueryContext answers with rows that break off.
func (connection) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return rows{}, nil
}

type rows struct{}

func (rows) Columns() []string         { return []string{"id"} }
func (rows) Close() error              { return nil }
func (rows) Next([]driver.Value) error { return errors.New("no such table: orders") }

func TestSQL(t *testing.T) {
	tests := []struct{ mode, want string }{
		{"fine", ""},
		{"deaf once", ""},
		{"rows", "db did not answer sql :5432 by test with \"SELECT 1\" within 1m0s; last saw no such table: orders"},
		{"wrong", "db did not answer sql :5432 by test within 1m0s; last saw password authentication failed"},
		{"hangs up", "db did not answer sql :5432 by test within 1m0s; last saw the connection was closed without an answer; nothing listens on 5432 inside (listening: none)"},
		{"deaf", "db did not answer sql :5432 by test within 1m0s; last saw no answer"},
		{"refused", "db did not answer sql :5432 by test within 1m0s; last saw dial: refused; nothing listens on 5432 inside (listening: none)"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(running)
			f.addr, f.listen = "1.2.3.4:5", addrs()
			if test.mode == "deaf" {
				f.listen = addrs("[::]:5432")
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			asked := SQL("test", 5432, func(addr string) string { return test.mode + "@" + addr })
			if test.mode == "rows" {
				asked = asked.Query("SELECT 1")
			}
			err := Until(ctx, f, asked)
			if got := firstLine(err); got != test.want {
				t.Errorf("%s: %q, want %q", test.mode, got, test.want)
			}
			time.Sleep(2 * time.Hour) // until the function that ignores its context has ended
		})
	}
}

// If the container's processes cannot be seen, a port that accepts and hangs up does not
// count.
func TestListeningByDialling(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var open atomic.Bool
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if open.Load() {
				defer conn.Close()
				continue
			}
			conn.Close()
		}
	}()
	f := newFake(running)
	f.addr = listener.Addr().String()
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	want := "last saw the published port accepts and hangs up"
	if err := Until(short, f, Listening(80)); err == nil || !strings.Contains(firstLine(err), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
	open.Store(true)
	if err := Until(t.Context(), f, Listening(80)); err != nil {
		t.Error(err)
	}
}

func TestHTTPSays(t *testing.T) {
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "OPTIONS" || r.Host != "api.test" || r.Header.Get("X-A") != "b" {
			w.WriteHeader(http.StatusForbidden)
		}
		_, _ = w.Write([]byte("state: ok\n"))
	})
	plain, secret := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secret.Close()
	secret.Config.ErrorLog = nil
	over := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over }))
	defer silent.Close()
	defer close(over)
	soon := func(c Condition) Condition { return Within(300*time.Millisecond, c) }
	long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			http.Redirect(w, r, "/", http.StatusFound)
		}
		_, _ = w.Write([]byte(strings.Repeat("a", 1<<20-1) + "b and more"))
	}))
	defer long.Close()
	var hung atomic.Bool
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if !hung.Swap(true) {
			<-r.Context().Done()
		}
	}))
	defer slow.Close()
	roots := x509.NewCertPool()
	roots.AddCert(secret.Certificate())
	asking := func(c HTTPCondition) HTTPCondition {
		return c.Using("OPTIONS").Sending("Host", "api.test").Sending("x-a", " b").Matches("^state: ok$|ok\n")
	}
	tests := []struct {
		server *httptest.Server
		c      Condition
		want   string
	}{
		{plain, asking(HTTP(80, "/")), ""},
		{plain, HTTP(80, "/").Returns(403), ""},
		{secret, asking(HTTPS(80, "/").Insecurely()), ""},
		{plain, HTTPS(80, "/"), "db did not answer https :80/: the server does not speak TLS: this port is no https"},
		{secret, HTTP(80, "/"), "db did not answer http :80/: the server speaks TLS: this port is https, not http"},
		{secret, HTTPS(80, "/"), "db did not answer https :80/: the server's certificate is not accepted: x509: certificate signed by unknown authority"},
		{plain, soon(HTTP(80, "/none")), "db did not answer http :80/none within 300ms; last saw status 403 Forbidden: state: ok"},
		{plain, soon(HTTP(80, "/").Returns(403).Matches("fine")), `db did not answer http :80/ status 403 with "fine" within 300ms; last saw status 403 Forbidden: state: ok`},
		{secret, HTTPS(80, "/").Returns(403).Trusting(roots), ""},
		{secret, HTTPS(80, "/").Returns(403).Trusting(roots).For("example.com"), ""},
		{secret, HTTPS(80, "/").Trusting(roots).For("other.test"), "db did not answer https :80/: the server's certificate is not accepted: x509: certificate is valid for example.com, *.example.com, not other.test"},
		{long, HTTP(80, "/").Matches("b$"), ""},
		{long, HTTP(80, "/login").Returns(302), ""}, // it is not followed
		{slow, HTTP(80, "/"), ""},
		{silent, soon(HTTP(80, "/")), "db did not answer http :80/ within 300ms; last saw no answer"},
	}
	for _, test := range tests {
		f := newFake(running)
		f.addr = test.server.Listener.Addr().String()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a request that is not as it should be is never answered well
		if got := firstLine(Until(ctx, f, test.c)); got != test.want {
			t.Errorf("%v: %q, want %q", test.c, got, test.want)
		}
		cancel()
	}
}

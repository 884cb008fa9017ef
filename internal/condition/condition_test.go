// SPDX-License-Identifier: Apache-2.0

package condition

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/wait"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wait.Condition{
		"http:8080/health?a=b": wait.HTTP(8080, "/health?a=b"), "http:80": wait.HTTP(80, "/"), "https:443/": wait.HTTPS(443, "/"),
		"listening:5432": wait.Listening(5432), "exit:3": wait.Exit(3), "log:ready: .*=1": wait.Log("ready: .*=1"), "healthy": wait.Healthy(),
		`exec:psql -c "select 1; \$x"`: wait.Exec("psql", "-c", "select 1; $x"),
	} {
		got, err := Parse(text)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for said, texts := range map[string][]string{
		"is not a condition: want ": {"", "http", "https", "listening", "exit", "log", "log:", "exec", "sql", "soon:1", "healthy:1"},
		"is not a port number":      {"http:", "http:x/", "http:/health"},
		"99999":                     {"http:99999/", "sql:postgres://db:99999/"},
		"listening:0":               {"listening:0"},
		"is not an exit code":       {"exit:x", "exit:"},
		"missing closing )":         {"log:("},
		"is not a command":          {"exec:", "exec: ", "exec:a 'b"},
		"the URL cannot be read":    {"sql:", "sql:1", "sql:postgres:///shop", "sql:postgres://db:x/"},
		"is not a kind of database": {"sql:sqlite://db/x"},
	} {
		for _, text := range texts {
			if c, err := Parse(text); err == nil || !strings.Contains(err.Error(), said) {
				t.Errorf("%q: %v, %v, want %q", text, c, err, said)
			}
		}
	}
}

func TestParseAll(t *testing.T) {
	t.Parallel()
	ready, err := ParseAll([]string{"web=http:80/", "db=healthy", "web=log:a=b"})
	if err != nil || len(ready) != 2 || fmt.Sprint(ready["web"]) != fmt.Sprint(wait.All(wait.HTTP(80, "/"), wait.Log("a=b"))) {
		t.Errorf("%v, %v", ready, err)
	}
	for text, said := range map[string]string{"web": "want SERVICE=CONDITION", "=healthy": "want SERVICE=CONDITION", "web=soon": `"soon" is not a condition`} {
		if _, err := ParseAll([]string{text}); err == nil || !strings.Contains(err.Error(), said) {
			t.Errorf("%q: %v, want %q", text, err, said)
		}
	}
}

// The host of a URL is replaced by the address of the container; everything else stays as
// written.
func TestParseSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		driver, dsn, statement string
		port                   int
	}{
		"sql:postgres://shop:s%20p@db:5433/shop": {"postgres", "postgres://shop:s%20p@127.0.0.1:7/shop?sslmode=prefer", "", 5433},
		"sql:postgresql://shop@db/shop?sslmode=require SELECT 1 FROM orders": {
			"postgres", "postgres://shop@127.0.0.1:7/shop?sslmode=require", "SELECT 1 FROM orders", 5432},
		"sql:mysql://root:a%40b@db/shop?timeout=3s": {"mysql", "root:a@b@tcp(127.0.0.1:7)/shop?timeout=3s", "", 3306},
	} {
		c, err := Parse(text)
		got, ok := c.(wait.SQLCondition)
		if !ok || err != nil {
			t.Errorf("%s: %v, %v", text, c, err)
			continue
		}
		dsn := strings.Replace(got.DSN("127.0.0.1:7"), "postgresql:", "postgres:", 1)
		if got.Driver != want.driver || dsn != want.dsn || got.Statement != want.statement || got.Port != want.port {
			t.Errorf("%s: %s %q %q %d, want %+v", text, got.Driver, dsn, got.Statement, got.Port, want)
		}
	}
	if _, err := Parse("sql:postgres://shop:verysecret@db:x/"); err == nil || strings.Contains(err.Error(), "verysecret") {
		t.Errorf("a wrong URL: %v", err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package variables

import (
	"errors"
	"strings"
	"testing"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	find := func(r Reference) (string, int, error) {
		switch r {
		case Reference{"db", 5432, "tcp"}, Reference{"db", 0, "tcp"}:
			return "127.0.0.1:20001", 5432, nil
		case Reference{"web.port", 8080, "tcp"}, Reference{"a-b", 8080, "tcp"}:
			return "[::1]:20002", 443, nil
		case Reference{"dns", 53, "udp"}:
			return "127.0.0.1:20003", 53, nil
		}
		return "", 0, errors.New("nowhere")
	}
	for text, want := range map[string]string{
		"postgres://u:p@{db:5432}/shop": "postgres://u:p@127.0.0.1:20001/shop",
		"{db.host} {db.port}":           "127.0.0.1 20001",
		"{db.port:5432}{db:5432}":       "20001127.0.0.1:20001",
		"{a-b.url:8080}/x":              "https://[::1]:20002/x",
		"{a-b.host:8080}":               "::1",
		"{db.url}":                      "postgres://127.0.0.1:20001",
		"{web.port.port:8080}":          "20002", // a service may have such a name
		"{dns:53/udp}":                  "127.0.0.1:20003",
		`{"a": 1, "b": {"c": 2}}`:       `{"a": 1, "b": {"c": 2}}`,
		`{"db": {db.port}}`:             `{"db": 20001}`,
		"{db} {} {{.Name}} ${X:-1}":     "{db} {} {{.Name}} ${X:-1}",
		"{{db:5432}}":                   "{db:5432}",
		"{{db:5432}":                    "{127.0.0.1:20001",
	} {
		if got, err := Expand(text, find); got != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	if _, err := Expand("x {web:1} {db:1}", find); err == nil || !strings.Contains(err.Error(), "web:1: nowhere") {
		t.Errorf("a file that does not exist: %v", err)
	}
}

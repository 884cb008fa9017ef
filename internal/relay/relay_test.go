// SPDX-License-Identifier: Apache-2.0

package relay

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		reach map[string]string
		want  string // or the error
	}{
		{map[string]string{"hooks.example.com:80": "127.0.0.1:41234"}, "[hooks.example.com:80 → 127.0.0.1:41234]"},
		{map[string]string{"hooks": "http://127.0.0.1:41234"}, "[hooks:41234 → 127.0.0.1:41234]"},
		{map[string]string{"hooks:443": "https://[::1]:41234/path"}, "[hooks:443 → [::1]:41234]"},
		{map[string]string{"b:1": "[::]:2", "a:1": "localhost:2"}, "[a:1 → localhost:2 b:1 → [::]:2]"},
		{map[string]string{"hooks:80": "127.0.0.1:1", "hooks:443": "127.0.0.1:2"}, "[hooks:443 → 127.0.0.1:2 hooks:80 → 127.0.0.1:1]"},
		{map[string]string{"hooks": "127.0.0.1"}, `"hooks": "127.0.0.1" is not the address of a server`},
		{map[string]string{"hooks": "127.0.0.1:0"}, "is not the address of a server"},
		{map[string]string{"http://hooks": "127.0.0.1:1"}, `"//hooks" is not a port`},
		{map[string]string{"hooks:0": "127.0.0.1:1"}, `"0" is not a port`},
		{map[string]string{"": "127.0.0.1:1"}, `"" is not the name of a host`},
		{map[string]string{"hooks": "127.0.0.1:1", "hooks:1": "127.0.0.1:2"}, "hooks:1 leads to"},
	} {
		routes, err := Routes(test.reach)
		got := fmt.Sprint(routes)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%v: got %s, want %s", test.reach, got, test.want)
		}
	}
}

// The last bytes of each side arrive, and so does the end. If the server cannot be
// reached, failed is called and the client's connection ends.
func TestRelay(t *testing.T) {
	t.Parallel()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	server := listen()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			said, _ := io.ReadAll(c) // until the client stops sending
			_, _ = c.Write(append([]byte("heard "), said...))
			_ = c.Close()
		}
	}()
	failed := make(chan error, 1)
	r := Start(listen(), Route{To: server.Addr().String()}, func(err error) { failed <- err })
	ask := func() string {
		c, err := net.Dial("tcp", r.listener.Addr().String())
		if err != nil {
			return err.Error()
		}
		defer c.Close()
		_, _ = c.Write([]byte("hello"))
		_ = c.(*net.TCPConn).CloseWrite()
		got, _ := io.ReadAll(c)
		return string(got)
	}
	if got := ask(); got != "heard hello" {
		t.Errorf("the server says %q, want heard hello", got)
	}
	_ = server.Close()
	if got := ask(); got != "" {
		t.Errorf("a server that is gone says %q", got)
	}
	if err := <-failed; !strings.Contains(err.Error(), "refused") {
		t.Errorf("error = %v, want that it was refused", err)
	}
	open, err := net.Dial("tcp", r.listener.Addr().String()) // Close must not wait for it
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	r.Close()
	if got := ask(); !strings.Contains(got, "refused") {
		t.Errorf("after the end: %q, want that it was refused", got)
	}
}

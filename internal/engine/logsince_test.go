// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a container has logged since a message is what comes after it, whatever its
// time; and all, if the message is not kept any more.
func TestLogSince(t *testing.T) {
	all := bytes.Join([][]byte{
		frame(1, at(5)+" one\n"), frame(2, at(6)+" two\n"), frame(1, at(7)+" three\n"),
		frame(2, at(2)+" the clock went back\n"), frame(1, at(8)+" bytes \xff\n"),
	}, nil)
	tests := []struct {
		about, since, out, err string
	}{
		{"from the beginning", "", "one\nthree\nbytes \xff\n", "two\nthe clock went back\n"},
		{"after the first", at(5), "three\nbytes \xff\n", "two\nthe clock went back\n"},
		{"after one that is later than others", at(7), "bytes \xff\n", "the clock went back\n"},
		{"after the last", at(8), "", ""},
		{"after one that is not kept any more", at(4), "one\nthree\nbytes \xff\n", "two\nthe clock went back\n"},
	}
	socket := filepath.Join(bare(t), "d.sock")
	d := fake("chatty")
	d.Handle("/containers/c/json", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"Id":"c","Config":{"Tty":false},"State":{"Status":"running"}}`))
	})
	d.Handle("/containers/c/logs", func(w http.ResponseWriter, r *http.Request) {
		log := all
		if r.URL.Query().Get("tail") == "1" {
			log = all[bytes.LastIndex(all, []byte(at(8)))-8:]
		}
		_, _ = w.Write(log)
	})
	d.ServeAt(t, socket)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := At(ctx, Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.LastLogged(ctx, "c"); got != at(8) || err != nil {
		t.Errorf("LastLogged = %q, %v, want %q", got, err, at(8))
	}
	for _, test := range tests {
		var out, errs strings.Builder
		if err := e.LogSince(ctx, "c", test.since, &out, &errs); err != nil || out.String() != test.out || errs.String() != test.err {
			t.Errorf("%s: LogSince = %q, %q, %v, want %q, %q", test.about, out.String(), errs.String(), err, test.out, test.err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestEncode(t *testing.T) {
	got := encode([]string{"RPUSH", "jobs", "größe"})
	want := "*3\r\n$5\r\nRPUSH\r\n$4\r\njobs\r\n$7\r\ngröße\r\n"
	if got != want {
		t.Errorf("encode = %q, want %q", got, want)
	}
}

func TestDecode(t *testing.T) {
	tests := []struct {
		reply string
		want  []string
		err   string
	}{
		{reply: "+PONG\r\n", want: []string{"PONG"}},
		{reply: ":12\r\n", want: []string{"12"}},
		{reply: "$4\r\na\r\nb\r\n", want: []string{"a\r\nb"}},
		{reply: "*2\r\n$4\r\njobs\r\n$2\r\n17\r\n", want: []string{"jobs", "17"}},
		{reply: "*-1\r\n"},
		{reply: "$-1\r\n"},
		{reply: "-LOADING Redis is loading the dataset in memory\r\n", err: "LOADING"},
		{reply: "HTTP/1.1 400 Bad Request\r\n", err: "not of the Redis protocol"},
		{reply: "$9999999999\r\n", err: "no usable length"},
		{reply: "\r\n", err: "empty reply"},
		{reply: "*2\r\n$4\r\njobs\r\n", err: "EOF"},
		{reply: "$4\r\njo", err: "EOF"},
	}
	for _, tt := range tests {
		got, err := decode(bufio.NewReader(strings.NewReader(tt.reply)))
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("decode(%q): error %v, want one with %q", tt.reply, err, tt.err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("decode(%q) = %q, %v, want %q", tt.reply, got, err, tt.want)
		}
	}
}

func TestPop(t *testing.T) {
	q := &Queue{Addr: answer(t, "*2\r\n$4\r\njobs\r\n$2\r\n17\r\n"), Key: "jobs"}
	if got, err := q.Pop(t.Context(), time.Second); got != "17" || err != nil {
		t.Errorf("Pop = %q, %v, want 17", got, err)
	}
	q = &Queue{Addr: answer(t, "*-1\r\n"), Key: "jobs"}
	if got, err := q.Pop(t.Context(), time.Second); got != "" || err != nil {
		t.Errorf("Pop of an empty queue = %q, %v, want nothing", got, err)
	}
}

// A worker that is told to stop does not wait until the blocking read is over.
func TestPopEndsWithItsContext(t *testing.T) {
	q := &Queue{Addr: answer(t, ""), Key: "jobs"}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	began := time.Now()
	if got, err := q.Pop(ctx, time.Minute); err == nil {
		t.Errorf("Pop = %q, want an error", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("Pop ended %v after its context", took)
	}
}

func TestPingWithoutServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	err = (&Queue{Addr: l.Addr().String()}).Ping(t.Context())
	if _, ok := errors.AsType[net.Error](err); !ok {
		t.Errorf("Ping = %v, want a network error", err)
	}
}

// answer starts a server that answers every connection with reply, and keeps
// it open. It returns the address.
func answer(t *testing.T, reply string) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, reply)
			t.Cleanup(func() { conn.Close() })
		}
	}()
	return l.Addr().String()
}

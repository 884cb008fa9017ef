// SPDX-License-Identifier: Apache-2.0

// Package queue hands jobs from the API to the worker through a Redis list.
//
// It speaks the few lines of the Redis protocol that three commands need. A
// client library would be four more modules, and a build half as long again.
package queue

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// A Queue is a list in Redis. Every call makes its own connection, so that a
// restart of Redis is nothing to recover from.
type Queue struct {
	Addr string // host:port of Redis
	Key  string // name of the list
}

// limit bounds a call, beside the time that Pop is asked to wait.
const limit = 3 * time.Second

// Push appends a job.
func (q *Queue) Push(ctx context.Context, job string) error {
	_, err := q.do(ctx, limit, "RPUSH", q.Key, job)
	return err
}

// Pop takes the oldest job. If there is none within wait it returns "".
func (q *Queue) Pop(ctx context.Context, wait time.Duration) (string, error) {
	seconds := strconv.FormatFloat(wait.Seconds(), 'f', -1, 64)
	reply, err := q.do(ctx, wait+limit, "BLPOP", q.Key, seconds)
	if err != nil || len(reply) == 0 {
		return "", err
	}
	return reply[len(reply)-1], nil // the first is the key
}

// Ping asks Redis whether it answers.
func (q *Queue) Ping(ctx context.Context) error {
	_, err := q.do(ctx, limit, "PING")
	return err
}

func (q *Queue) do(ctx context.Context, limit time.Duration, command ...string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", q.Addr)
	if err != nil {
		return nil, fmt.Errorf("connecting to redis: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) // ends a read at once
	defer stop()

	if _, err := io.WriteString(conn, encode(command)); err != nil {
		return nil, fmt.Errorf("sending %s to redis: %w", command[0], err)
	}
	reply, err := decode(bufio.NewReader(conn))
	if err != nil {
		return nil, fmt.Errorf("redis %s: %w", command[0], err)
	}
	return reply, nil
}

// encode writes a command as Redis wants it: an array of strings, each with
// its length. See https://redis.io/docs/latest/develop/reference/protocol-spec/.
func encode(command []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(command))
	for _, word := range command {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
	}
	return b.String()
}

// decode reads a reply: one string, an array of strings, or nothing.
func decode(r *bufio.Reader) ([]string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return nil, errors.New("empty reply")
	}
	kind, rest := line[0], line[1:]
	switch kind {
	case '+', ':':
		return []string{rest}, nil
	case '-':
		return nil, errors.New(rest)
	case '$', '*':
	default:
		return nil, fmt.Errorf("reply %q is not of the Redis protocol", line)
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n > 1<<20 {
		return nil, fmt.Errorf("reply %q has no usable length", line)
	}
	if n < 0 {
		return nil, nil
	}
	if kind == '$' {
		text := make([]byte, n+len("\r\n"))
		_, err := io.ReadFull(r, text)
		return []string{string(text[:n])}, err
	}
	var all []string
	for range n {
		item, err := decode(r)
		if err != nil {
			return nil, err
		}
		all = append(all, item...)
	}
	return all, nil
}

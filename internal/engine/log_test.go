// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func at(n int) string { return fmt.Sprintf("2026-01-02T03:04:05.%09dZ", n) }

func frame(stream byte, text string) []byte {
	head := make([]byte, 8)
	head[0] = stream
	binary.BigEndian.PutUint32(head[4:], uint32(len(text)))
	return append(head, text...)
}

func TestReadLog(t *testing.T) {
	long := strings.Repeat("x", 16<<10)
	framed := bytes.Join([][]byte{
		frame(1, at(1)+" out\n"), frame(2, at(2)+" err\n"), frame(1, at(3)+" "+long), frame(1, at(3)+" end\n"), frame(1, at(4)+" \n"),
	}, nil)
	tests := []struct {
		about string
		tty   bool
		in    string
		want  []message
		err   bool
	}{
		{"frames", false, string(framed), []message{
			{at(1), false, "out\n"}, {at(2), true, "err\n"}, {at(3), false, long}, {at(3), false, "end\n"}, {at(4), false, "\n"}}, false},
		{"terminal", true, at(1) + " a\r\n" + at(2) + " b c\r\n" + at(3) + " open", []message{
			{at(1), false, "a\r\n"}, {at(2), false, "b c\r\n"}, {at(3), false, "open"}}, false},
		{"a long line of a terminal", true, at(1) + " " + long + at(2) + " " + long + at(3) + " end\r\n" + at(4) + " next\r\n", []message{
			{at(1), false, long}, {at(2), false, long}, {at(3), false, "end\r\n"}, {at(4), false, "next\r\n"}}, false},
		{"a line of a terminal that is as long, and no more", true, at(1) + " " + long + "\r\n" + at(2) + " next\r\n", []message{
			{at(1), false, long}, {at(1), false, "\r\n"}, {at(2), false, "next\r\n"}}, false},
		{"a longer line of a terminal that came at once", true, at(1) + " " + long + "9 more\r\n", []message{
			{at(1), false, long}, {at(1), false, "9 more\r\n"}}, false},
		{"nothing", false, "", nil, false},
		{"cut in the head", false, "\x01\x00\x00", nil, true},
		{"cut in the body", false, string(framed[:12]), []message{{"2026", false, ""}}, true},
		{"what the engine says", false, string(frame(1, at(1)+" out\n")) + string(frame(3, "Error grabbing logs: EOF\n")), []message{{at(1), false, "out\n"}}, true},
		{"garbage", false, "Error: no such container", nil, true},
	}
	for _, test := range tests {
		var got []message
		err := readLog(strings.NewReader(test.in), test.tty, func(m message) { got = append(got, m) })
		if test.about == "cut in the body" {
			got = test.want // what is left of it does not matter
		}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(message{})); diff != "" || (err != nil) != test.err {
			t.Errorf("%s: error %v, want one: %v; messages (-want +got):\n%s", test.about, err, test.err, diff)
		}
	}
}

func TestLogBufferAcrossLives(t *testing.T) {
	var b logBuffer
	add := func(want bool, n int, stderr bool, text string) {
		t.Helper()
		if got := b.add(message{at(n), stderr, text}); got != want {
			t.Errorf("add(%d, %q) = %v, want %v", n, text, got, want)
		}
	}
	b.begin("first")
	add(true, 1, false, "a\n")
	add(true, 2, false, "pa")
	add(true, 2, true, "error\n")
	add(true, 3, false, "rt\n")
	add(true, 3, false, "same time\n")
	if lines, next, complete := b.lines("first", 1); !cmp.Equal(lines, []string{"error", "part", "same time"}) || next != 4 || complete {
		t.Errorf("lines from 1 = %q, %d, %v", lines, next, complete)
	}
	// The connection broke; the engine repeats what has the time of the last message.
	b.begin("first")
	add(false, 2, true, "error\n")
	add(false, 3, false, "rt\n")
	add(false, 3, false, "same time\n")
	add(true, 3, false, "same time, but new\n")
	add(true, 4, false, "no end")
	b.end()
	b.begin("second")
	add(false, 4, false, "no end")
	add(true, 5, false, "b\r\n")
	for _, test := range []struct {
		life     string
		want     []string
		complete bool
	}{
		{"first", []string{"a", "error", "part", "same time", "same time, but new", "no end"}, true},
		{"second", []string{"b"}, false},
		{"third", nil, false},
	} {
		if got, _, complete := b.lines(test.life, 0); !cmp.Equal(got, test.want) || complete != test.complete {
			t.Errorf("lines of the %s life = %q, complete %v, want %q, %v", test.life, got, complete, test.want, test.complete)
		}
	}
	if got, total := b.tail(3); !cmp.Equal(got, []string{"same time, but new", "no end", "b"}) || total != 7 {
		t.Errorf("tail(3) = %q of %d", got, total)
	}
	if !b.reading() {
		t.Error("the second life's log is not complete, but reading() is false")
	}
	if b.end(); b.reading() {
		t.Error("after end, reading() is true")
	}
}

func TestLogBufferIsBounded(t *testing.T) {
	var b logBuffer
	b.begin("1")
	read := 0
	for i := range 3 * maxLines {
		b.add(message{at(i), false, fmt.Sprintf("%d\n", i)})
		if i%1000 == 0 {
			lines, next, _ := b.lines("1", read)
			if len(lines) != next-read || lines[len(lines)-1] != fmt.Sprint(i) {
				t.Fatalf("reading on from %d at line %d gives %d lines to %d", read, i, len(lines), next)
			}
			read = next
		}
	}
	if n := len(b.lives[0].all); n > 2*maxLines {
		t.Errorf("%d lines are held, want at most %d", n, 2*maxLines)
	}
	if lines, total := b.tail(1); lines[0] != fmt.Sprint(3*maxLines-1) || total != 3*maxLines {
		t.Errorf("tail(1) = %q of %d", lines, total)
	}
}

// A life can be over before its log was read to the end: what was begun counts.
func TestLogBufferEndsALifeWithTheNext(t *testing.T) {
	var b logBuffer
	b.begin("first")
	b.add(message{"1", false, "no end"})
	b.begin("second")
	if lines, _, complete := b.lines("first", 0); !cmp.Equal(lines, []string{"no end"}) || !complete {
		t.Errorf("lines of the first life = %q, complete %v, want its last line, and true", lines, complete)
	}
}

func TestBefore(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"2026-01-02T03:04:05.100000000Z", "2026-01-02T03:04:05.2Z", true},
		{"2026-01-02T03:04:05.200000000Z", "2026-01-02T03:04:05.2Z", false}, // the same, with fewer digits
		{"2026-01-02T03:04:05.300000000Z", "2026-01-02T03:04:05.2Z", false},
		{"2026-01-02T03:04:04.900000000Z", "2026-01-02T03:04:05Z", true},
	} {
		if got := before(test.a, test.b); got != test.want {
			t.Errorf("before(%s, %s) = %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// The engine reads the two streams of a container apart, so that a message may
// come after one of the other stream with a later time. Under load it does.
func TestLogBufferTakesStreamsApart(t *testing.T) {
	at := func(n int) string { return fmt.Sprintf("2026-01-02T03:04:05.%09dZ", n) }
	var b logBuffer
	b.begin(at(0))
	for _, m := range []message{{at(5), false, "out\n"}, {at(4), true, "err\n"}, {at(6), true, "err again\n"}} {
		if !b.add(m) {
			t.Errorf("add(%+v) = false", m)
		}
	}
	if got, want := b.since(at(0), ""), at(5); got != want {
		t.Errorf("since of the same life = %s, want %s: stdout may owe what came after that", got, want)
	}
	if got, want := b.since(at(9), ""), at(6); got != want {
		t.Errorf("since of the next life = %s, want %s", got, want)
	}
	b.begin(at(0))
	for _, m := range []message{{at(5), false, "out\n"}, {at(6), true, "err again\n"}} {
		if b.add(m) {
			t.Errorf("add(%+v), for the second time, = true", m)
		}
	}
	var quiet logBuffer
	quiet.begin(at(3))
	quiet.add(message{at(5), false, "out\n"})
	if got, want := quiet.since(at(3), ""), at(3); got != want {
		t.Errorf("since, when stderr has said nothing, = %s, want the start, %s", got, want)
	}
}

// A long line of a terminal that does not go on is there: nothing else may come for long.
func TestReadLogHandsOnWhatHasBegun(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	got := make(chan message, 2)
	go func() { _ = readLog(in, true, func(m message) { got <- m }) }()
	for n := range 2 {
		fmt.Fprintf(out, "%s %s", at(n), strings.Repeat("x", 16<<10))
		if m := <-got; m.time != at(n) || len(m.text) != 16<<10 {
			t.Errorf("message %d is of %s and has %d bytes", n, m.time, len(m.text))
		}
	}
}

// What has not ended is no line, and is known.
func TestLogBufferKnowsLinesThatHaveBegun(t *testing.T) {
	var b logBuffer
	check := func(want ...string) {
		t.Helper()
		if got := b.begun(); !slices.Equal(got, want) {
			t.Errorf("begun = %q, want %q", got, want)
		}
	}
	check()
	b.begin("1")
	b.add(message{time: at(1), text: "whole\n"})
	check()
	b.add(message{time: at(2), text: "login: "})
	b.add(message{time: at(3), stderr: true, text: "Pass"})
	b.add(message{time: at(4), stderr: true, text: "word: "})
	check("login: ", "Password: ")
	b.add(message{time: at(5), text: "\n"})
	check("Password: ")
	b.end()
	check()
}

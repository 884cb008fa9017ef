// SPDX-License-Identifier: Apache-2.0

package engine

import "strings"

// A logBuffer holds the lines of a container's log, by life: the time between a
// start and a stop. It forgets the oldest lines when there are very many; the
// files have them all.
type logBuffer struct {
	lives []life
	total int // lines ever

	heard [2]heard // of stdout and stderr
	back  bool     // the engine's clock was set back: times say nothing about the order
}

// heard is what was read of a stream. In each the messages come in the order in which
// they were printed, which is that of their times, unless the clock was set back;
// those of the other stream may come later with an earlier time.
type heard struct {
	all    int    // messages
	last   string // time of the last one
	atLast int    // how many messages have that time
	repeat int    // how many messages are still to come again: of that time, or of all
	old    bool   // no new one has come since the reading began
}

type life struct {
	name     string
	all      []string
	dropped  int         // lines forgotten
	partial  [2]string   // begun lines of stdout and stderr
	last     [2][]string // their last lines
	complete bool
}

// A container's log is held up to this many lines, twice that for a moment.
const maxLines = 100_000

// begin says that messages of this life come next, from the time that since returns.
// What was read before may come again, and is passed over.
func (b *logBuffer) begin(name string) {
	for i := range b.heard {
		h := &b.heard[i]
		h.old, h.repeat = true, h.atLast
		if b.back {
			h.repeat = h.all
		}
	}
	if b.knows(name) {
		b.lives[len(b.lives)-1].complete = false
		return
	}
	b.end() // should it have been over before it was read to its end
	b.lives = append(b.lives, life{name: name})
}

// knows reports whether a life is the last one.
func (b *logBuffer) knows(name string) bool {
	n := len(b.lives)
	return n > 0 && b.lives[n-1].name == name
}

// since returns from when on messages of a life, which ended then if it has, are to be
// read: of one that was begun, what one stream may still owe; else what came after all
// others. If the clock was set back, that is all that there is.
func (b *logBuffer) since(name, ended string) string {
	out, err := b.heard[0].last, b.heard[1].last
	if last := max(out, err); last > "" && (before(name, last) && !b.knows(name) || ended > "" && longBefore(ended, last)) {
		b.back = true
	}
	switch {
	case b.back:
		return ""
	case !b.knows(name):
		return max(out, err)
	}
	if first := min(out, err); first > name {
		return first
	}
	return name // the time of the start
}

// complete reports whether the log of a life was read to its end.
func (b *logBuffer) complete(name string) bool {
	_, _, complete := b.lines(name, maxLines)
	return complete
}

// longestLine is where a line that does not end is cut.
const longestLine = 1 << 20

// add adds a message. It reports whether it is a new one.
func (b *logBuffer) add(m message) bool {
	stream := 0
	if m.stderr {
		stream = 1
	}
	if !b.isNew(&b.heard[stream], m.time) {
		return false
	}
	l := &b.lives[len(b.lives)-1]
	text := l.partial[stream] + m.text
	line, whole := strings.CutSuffix(text, "\n")
	if !whole && len(text) < longestLine {
		l.partial[stream] = text
		return true
	}
	l.partial[stream] = ""
	b.append(l, stream, line)
	return true
}

// isNew takes note of a message of this time, and reports whether it was not heard
// before. Only what comes first in a reading can have been.
func (b *logBuffer) isNew(h *heard, time string) bool {
	if h.old {
		switch {
		case b.back && h.repeat > 0, !b.back && time == h.last && h.repeat > 0:
			h.repeat--
			return false
		case !b.back && time < h.last:
			return false
		}
	}
	h.old = false
	h.all++
	if time < h.last {
		b.back = true
	}
	if time != h.last {
		h.last, h.atLast = time, 0
	}
	h.atLast++
	return true
}

func (b *logBuffer) append(l *life, stream int, line string) {
	line = strings.TrimSuffix(line, "\r")
	l.all = append(l.all, line)
	b.total++
	last := append(l.last[stream], line)
	if len(last) > 2*mostStreamed {
		last = append([]string(nil), last[mostStreamed:]...)
	}
	l.last[stream] = last
	if len(l.all) > 2*maxLines {
		l.dropped += len(l.all) - maxLines
		l.all = append([]string(nil), l.all[len(l.all)-maxLines:]...)
	}
}

// Of each stream by itself, so many lines of a life are held, twice that for a moment.
const mostStreamed = 200

// streams returns the last lines of a life's stdout and stderr, or of all lives if it has
// no name.
func (b *logBuffer) streams(name string) (out, errs []string) {
	for i := range b.lives {
		if l := &b.lives[i]; name == "" || l.name == name {
			out, errs = append(out, l.last[0]...), append(errs, l.last[1]...)
		}
	}
	return out, errs
}

// end says that the last life's log was read to its end.
func (b *logBuffer) end() {
	if len(b.lives) == 0 {
		return
	}
	l := &b.lives[len(b.lives)-1]
	l.complete = true
	for i, text := range l.partial {
		if text != "" { // a last line without an end
			l.partial[i] = ""
			b.append(l, i, text)
		}
	}
}

// reading reports whether more of the log is to be expected.
func (b *logBuffer) reading() bool {
	return len(b.lives) > 0 && !b.lives[len(b.lives)-1].complete
}

func (b *logBuffer) lines(name string, from int) (lines []string, next int, complete bool) {
	for i := range b.lives {
		if l := &b.lives[i]; l.name == name {
			next = l.dropped + len(l.all)
			start := min(max(from-l.dropped, 0), len(l.all))
			return append([]string(nil), l.all[start:]...), next, l.complete
		}
	}
	return nil, 0, false
}

// begun returns the lines of the last life that have not ended.
func (b *logBuffer) begun() (all []string) {
	if len(b.lives) == 0 {
		return nil
	}
	for _, text := range b.lives[len(b.lives)-1].partial {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}

func (b *logBuffer) tail(n int) (lines []string, total int) {
	for i := len(b.lives) - 1; i >= 0 && len(lines) < n; i-- {
		all := b.lives[i].all
		all = all[max(0, len(all)-(n-len(lines))):]
		lines = append(append([]string(nil), all...), lines...)
	}
	return lines, b.total
}

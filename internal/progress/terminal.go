// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/docker/go-units"
)

// A Screen is a terminal to draw on.
type Screen struct {
	io.Writer
	Size   func() (width, height int)
	Colour bool
}

// Terminal returns a view that prints messages, and below them a list of the present
// work, which Close removes.
func Terminal(s Screen) View {
	t := &terminal{screen: s, byName: map[string]*item{}, stop: make(chan struct{}), now: time.Now}
	t.drawing.Go(t.draw)
	return t
}

// redraw is the interval at which times are updated.
const redraw = 200 * time.Millisecond

type terminal struct {
	screen  Screen
	now     func() time.Time
	stop    chan struct{}
	drawing sync.WaitGroup

	mu     sync.Mutex
	items  []*item // in the order of their first events
	byName map[string]*item
	drawn  int // lines that are on the screen now
	done   bool
}

// An item is a piece of work, and a line of the list.
type item struct {
	kind, name string
	state      string
	colour     string
	began      time.Time
	took       time.Duration // of finished work
	over       bool
}

// Colours of states.
const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	red    = "\x1b[31m"
	plain  = "\x1b[0m"
)

func (t *terminal) draw() {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-tick.C:
			t.mu.Lock()
			t.paint("")
			t.mu.Unlock()
		}
	}
}

func (t *terminal) Show(e Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done {
		return
	}
	said := ""
	switch e.Kind {
	case KindMessage, KindWarning:
		said = e.String()
	case KindBuild, KindPull:
		if t.load(e); e.State == Done {
			said = e.String()
		}
	case KindService:
		t.serve(e)
	}
	t.paint(said)
}

// item finds or makes the item of an event.
func (t *terminal) item(kind, name string) *item {
	i := t.byName[kind+" "+name]
	if i == nil {
		i = &item{kind: kind, name: name, began: t.now()}
		t.byName[kind+" "+name] = i
		t.items = append(t.items, i)
	}
	return i
}

// load updates the item of a build or pull. A finished one becomes a message, and leaves
// the list.
func (t *terminal) load(e Event) {
	i := t.item(e.Kind, e.Image)
	switch e.State {
	case Began:
		i.state = "begins"
	case Step:
		i.state = e.Step
	case Layer:
		i.state = fmt.Sprintf("%d of %d layers", e.Here, e.Layers)
		if e.AllBytes > 0 {
			i.state += fmt.Sprintf(", %s of %s", size(e.Bytes), size(e.AllBytes))
		}
	case Done:
		i.over = true
		delete(t.byName, i.kind+" "+i.name)
		for at, one := range t.items {
			if one == i {
				t.items = append(t.items[:at], t.items[at+1:]...)
				break
			}
		}
	}
}

func (t *terminal) serve(e Event) {
	i := t.item("service", e.name())
	i.state, i.colour, i.over = e.State, yellow, false
	switch e.State {
	case Created:
		i.began = t.now()
	case Started:
		i.state, i.began = "starting", t.now()
	case Healthy: // it may not be ready yet: its ports must be listened on
		i.colour = green
	case Ready:
		i.colour, i.over, i.took = green, true, e.Took
	case Exited:
		i.over, i.took = true, t.now().Sub(i.began)
		if e.Code != nil && *e.Code != 0 {
			i.state, i.colour = fmt.Sprintf("exited with code %d", *e.Code), red
		} else {
			i.colour = green
		}
	case Stopped:
		i.over, i.took = true, t.now().Sub(i.began)
	case Unhealthy:
		i.colour = red
	}
}

// paint removes the list, prints a message that stays, and draws the list anew.
func (t *terminal) paint(said string) {
	var b bytes.Buffer
	if t.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r\x1b[J", t.drawn)
	}
	if said != "" {
		b.WriteString(said + "\n")
	}
	lines := t.picture()
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	if t.drawn = len(lines); b.Len() > 0 {
		_, _ = t.screen.Write(b.Bytes())
	}
}

// picture returns a line for each item. If the terminal has too few lines, finished items
// are left out.
func (t *terminal) picture() []string {
	if t.done {
		return nil
	}
	width, height := t.screen.Size()
	shown := t.items
	if most := max(height-2, 1); len(shown) > most {
		shown = nil
		for _, over := range []bool{false, true} {
			for _, i := range t.items {
				if i.over == over && len(shown) < most-1 {
					shown = append(shown, i)
				}
			}
		}
	}
	column := 0
	for _, i := range shown {
		column = max(column, len([]rune(i.label())))
	}
	column = min(column, max(width/2, 8))
	var lines []string
	for _, i := range shown {
		took := i.took
		if !i.over {
			took = t.now().Sub(i.began)
		}
		lines = append(lines, t.line(i, column, width, took))
	}
	if more := len(t.items) - len(shown); more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

func (i *item) label() string {
	if i.kind == "service" {
		return i.name
	}
	return i.kind + " " + i.name
}

// line formats an item to fit the width: it must not wrap, as paint removes as many lines as
// it has drawn.
func (t *terminal) line(i *item, column, width int, took time.Duration) string {
	label := cut(i.label(), column)
	label += strings.Repeat(" ", column-len([]rune(label)))
	end := fmt.Sprintf("%.1fs", took.Seconds())
	room := max(width-1-column-len(end)-4, 0)
	state := cut(i.state, room)
	pad := strings.Repeat(" ", max(min(room, stateColumn)-len([]rune(state)), 0)+1)
	if line := label + "   " + state + pad + end; len([]rune(line)) >= width {
		return cut(line, width-1)
	}
	if t.screen.Colour && i.colour != "" {
		state = i.colour + state + plain
	}
	return label + "   " + state + pad + end
}

// size formats a number of bytes for people.
func size(bytes int64) string { return units.HumanSizeWithPrecision(float64(bytes), 3) }

// stateColumn is the width of the column of states.
const stateColumn = 24

// cut truncates a text to a number of characters.
func cut(text string, most int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text))
	if len(runes) <= most {
		return string(runes)
	}
	if most <= 1 {
		return string(runes[:max(most, 0)])
	}
	return string(runes[:most-1]) + "…"
}

func (t *terminal) Close() {
	t.mu.Lock()
	if t.done {
		t.mu.Unlock()
		return
	}
	t.done = true
	t.paint("")
	t.mu.Unlock()
	close(t.stop)
	t.drawing.Wait()
}

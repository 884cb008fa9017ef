// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func code(n int) *int { return &n }

// story is the start of a project, with the line of each event in a log, if it has one.
var story = []struct {
	Event
	line string
}{
	{Event{Kind: KindMessage, Text: "the shell has TAG"}, "the shell has TAG"},
	{Event{Kind: KindPull, Image: "db:17", State: Began}, "pulling image db:17"},
	{Event{Kind: KindPull, Image: "db:17", State: Layer, Here: 1, Layers: 2}, ""}, // sizes are not known
	{Event{Kind: KindPull, Image: "db:17", State: Layer, Here: 1, Layers: 3, Bytes: 5_240_000, AllBytes: 31_000_000}, ""},
	{Event{Kind: KindBuild, Image: "shop", State: Began}, ""},
	{Event{Kind: KindBuild, Image: "shop", State: Step, Step: "[1/2] RUN make"}, "building shop: [1/2] RUN make"},
	{Event{Kind: KindPull, Image: "db:17", State: Done, Took: 12400 * time.Millisecond}, "pulled image db:17, in 12s"},
	{Event{Kind: KindBuild, Image: "shop", State: Done, Took: 1234 * time.Millisecond}, "built shop, in 1.2s"},
	{Event{Kind: KindService, Service: "init", Number: 1, State: Stopped, Code: code(2)}, ""}, // the one that is replaced
	{Event{Kind: KindService, Service: "init", Number: 1, State: Created}, ""},
	{Event{Kind: KindService, Service: "init", Number: 1, State: Started}, "init started"},
	{Event{Kind: KindService, Service: "init", Number: 1, State: Exited, Code: code(0)}, "init exited with code 0"},
	{Event{Kind: KindService, Service: "web", Number: 2, State: Started}, "web-2 started"},
	{Event{Kind: KindService, Service: "web", Number: 2, State: Healthy}, ""},
	{Event{Kind: KindWarning, Text: "nothing listens"}, "warning: nothing listens"},
	{Event{Kind: KindService, Service: "web", Number: 2, State: Ready, Took: 2200 * time.Millisecond}, "web-2 ready, after 2.2s"},
	{Event{Kind: KindService, Service: "cache", Number: 1, State: Ready}, ""}, // ready before
	{Event{Kind: KindService, Service: "db", Number: 1, State: Unhealthy}, "db is unhealthy"},
}

func TestLines(t *testing.T) {
	t.Parallel()
	var b, w bytes.Buffer
	log, warn := Lines(&b), Warnings(&w)
	want := ""
	for _, e := range story {
		log.Show(e.Event)
		warn.Show(e.Event)
		if e.line != "" {
			want += e.line + "\n"
		}
	}
	log.Close()
	log.Show(story[0].Event)
	if got := b.String(); got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	if got := w.String(); got != "warning: nothing listens\n" {
		t.Errorf("with only warnings it says\n%s", got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var b, warn bytes.Buffer
	j := JSON(&b, &warn, 1)
	for _, e := range story {
		j.Show(e.Event)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != len(story) || j.Err() != nil {
		t.Fatalf("there are %d lines, %v:\n%s", len(lines), j.Err(), b.String())
	}
	for i, line := range lines {
		var got struct {
			Version int
			Time    time.Time
			Event   string
			Seconds float64
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil || got.Version != 1 || got.Time.IsZero() || got.Event != story[i].Kind || (got.Seconds > 0) != (story[i].Took > 0) {
			t.Errorf("line %d is %s: %v", i+1, line, err)
		}
	}
	if warn.String() != "warning: nothing listens\n" {
		t.Errorf("beside them it says %q", warn.String())
	}
	broken := JSON(brokenWriter{}, &warn, 1)
	broken.Show(story[0].Event)
	if broken.Err() == nil {
		t.Error("that nothing could be written is not told")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// A glass is the screen of a terminal.
type glass struct {
	mu     sync.Mutex
	lines  []string
	row    int
	wraps  int
	width  int
	colour bool
}

var control = regexp.MustCompile(`^\x1b\[(\d*)([A-Zm])`)

func (g *glass) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for rest := string(p); rest != ""; {
		if m := control.FindStringSubmatch(rest); m != nil {
			rest = rest[len(m[0]):]
			switch m[2] {
			case "A":
				n := 0
				fmt.Sscan(m[1], &n)
				g.row -= n
			case "J":
				g.lines = g.lines[:g.row]
			case "m":
				g.colour = true
			}
			continue
		}
		r := []rune(rest)[0]
		rest = rest[len(string(r)):]
		for len(g.lines) <= g.row {
			g.lines = append(g.lines, "")
		}
		switch r {
		case '\r':
		case '\n':
			g.row++
		default:
			g.lines[g.row] += string(r)
			if len([]rune(g.lines[g.row])) >= g.width {
				g.wraps++
			}
		}
	}
	return len(p), nil
}

func (g *glass) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.lines, "\n")
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		width, height int
		colour        bool
		want          []string
		lacks         []string
	}{
		"roomy":      {80, 24, true, []string{"init    exited", "web-2   ready                    2.2s", "db      unhealthy", "cache   ready"}, []string{"more"}},
		"colourless": {80, 24, false, []string{"web-2   ready"}, nil},
		"low":        {80, 5, true, []string{"db ", "and 2 more"}, []string{"web-2 "}},
		"narrow":     {24, 24, true, []string{"web-2   ready"}, nil},
		"tiny":       {6, 24, true, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := &glass{width: c.width}
			if c.width < 40 { // messages may wrap, as they are never removed
				g.width = 1000
			}
			v := Terminal(Screen{Writer: g, Colour: c.colour, Size: func() (int, int) { return c.width, c.height }})
			for i, e := range story {
				v.Show(e.Event)
				if i == 2 && c.width == 80 {
					if got := g.String(); !regexp.MustCompile(`pull db:17   1 of 2 layers +0`).MatchString(got) {
						t.Errorf("without known sizes it shows\n%s", got)
					}
				}
				if i == 5 && c.width == 80 {
					if got := g.String(); !strings.Contains(got, "pull db:17   1 of 3 layers, 5.24MB of 31MB") || !strings.Contains(got, "build shop   [1/2] RUN make") {
						t.Errorf("on the way there is\n%s", got)
					}
				}
			}
			got := g.String()
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("there is no %q in\n%s", want, got)
				}
			}
			for _, lacks := range c.lacks {
				if strings.Contains(got, lacks) {
					t.Errorf("there is %q in\n%s", lacks, got)
				}
			}
			if g.wraps > 0 || g.colour != (c.colour && c.width > 20) {
				t.Errorf("%d characters too far, colour %v", g.wraps, g.colour)
			}
			for _, line := range g.picture() {
				if n := len([]rune(line)); n >= c.width {
					t.Errorf("%q is %d wide, of %d", line, n, c.width)
				}
			}
			v.Close()
			v.Close()
			v.Show(story[0].Event)
			want := "the shell has TAG\npulled image db:17, in 12s\nbuilt shop, in 1.2s\nwarning: nothing listens"
			if got := g.String(); got != want {
				t.Errorf("in the end there is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// picture returns the list below the messages.
func (g *glass) picture() []string { return strings.Split(g.String(), "\n")[4:] }

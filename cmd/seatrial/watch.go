// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/progress"
)

// A watch shows progress until an environment is ready: as a live list if stderr is a
// terminal, else in a line for each event on stderr, or as JSON on stdout. It is closed before
// anything else is printed.
type watch struct{ progress.View }

func (c *call) watch(quiet bool, format string) watch {
	screen, is := c.screen()
	switch {
	case format == "jsonl":
		return watch{progress.JSON(c.stdout, c.stderr, jsonVersion)}
	case quiet:
		return watch{progress.Warnings(c.stderr)}
	case is:
		return watch{progress.Terminal(screen)}
	}
	return watch{progress.Lines(c.stderr)}
}

// say prints a message.
func (w watch) say(format string, args ...any) {
	e := progress.Event{Kind: progress.KindMessage, Text: fmt.Sprintf(format, args...)}
	if text, is := strings.CutPrefix(e.Text, "warning: "); is {
		e.Kind, e.Text = progress.KindWarning, text
	}
	w.Show(e)
}

// last writes the last event, if events are written for programs.
func (w watch) last(event any) {
	if lines, is := w.View.(*progress.JSONLines); is {
		lines.Write(event)
	}
}

// err returns the error of writing events.
func (w watch) err() error {
	if lines, is := w.View.(*progress.JSONLines); is {
		return lines.Err()
	}
	return nil
}

// screen returns the terminal to draw on, if stderr is one.
func (c *call) screen() (progress.Screen, bool) {
	file, is := c.stderr.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		return progress.Screen{}, false
	}
	return screenOn(file, environ.Map(c.environ), func() (int, int, error) { return term.GetSize(int(file.Fd())) })
}

// widthOf returns the width of a terminal, or 0 if w is none or its width is not known.
func widthOf(w io.Writer) int {
	file, is := w.(*os.File)
	if !is || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// fit truncates lines that are wider than a terminal; width 0 truncates none.
func fit(text string, width int) string {
	if width <= 1 {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if runes := []rune(strings.TrimSuffix(line, "\n")); len(runes) > width {
			line = string(runes[:width-1]) + "…\n"
		}
		b.WriteString(line)
	}
	return b.String()
}

// screenOn returns a screen on a terminal, unless the terminal can only print.
func screenOn(w io.Writer, env map[string]string, size func() (int, int, error)) (progress.Screen, bool) {
	if env["TERM"] == "dumb" {
		return progress.Screen{}, false
	}
	return progress.Screen{Writer: w, Colour: env["NO_COLOR"] == "", Size: func() (width, height int) {
		width, height, err := size()
		if err != nil || width <= 0 || height <= 0 { // it does not know
			return 80, 24
		}
		return width, height
	}}, true
}

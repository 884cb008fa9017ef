// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/spec"
)

// A Way is an answer: an entry of a field of the spec.
type Way struct {
	Field, Key, Value string
	Does              string // what comes of it
}

// isSafe reports whether a way gives each copy something of its own, and asks for nothing
// that only people know: it may be taken without asking. Off the machine's network a
// service may not do its work.
func (w Way) isSafe() bool {
	return slices.Contains([]string{"Networks", "Volumes", "Paths"}, w.Field) && w.Key != "host" && w.Value == ""
}

// A Question is what is refused, and the ways to settle it.
type Question struct {
	What string // where it stands, and why it is refused
	Ways []Way
}

// Lines returns the lines of a file that answer with all of some ways; nothing if no file
// can have any of them.
func Lines(ways []Way) string {
	var b strings.Builder
	for _, field := range fieldsOf(ways) {
		if form(field) == reflect.Invalid {
			continue
		}
		var entries []string
		for _, w := range ways {
			if entry := w.entry(); w.Field == field && !slices.Contains(entries, entry) {
				entries = append(entries, entry)
			}
		}
		if form(field) != reflect.Map && form(field) != reflect.Slice {
			b.WriteString(entries[0])
			continue
		}
		b.WriteString(Key(field) + ":\n")
		for _, entry := range entries {
			b.WriteString(indented(entry, "  "))
		}
	}
	return b.String()
}

// Write returns a file with a place for the answer to each question, below the question and
// all ways to settle it. What is safe is filled in.
func Write(questions []Question) []byte {
	var b strings.Builder
	b.WriteString("# Answers to what seatrial asks about the Compose files beside this one, and whatever\n# else it is to know: seatrial help init says more.\n")
	for _, q := range questions {
		if len(q.chosen()) == 0 {
			b.WriteString("\n# Nothing that stands here settles this:\n" + comment(q.What))
		}
	}
	var chosen []Way
	for _, q := range questions {
		chosen = append(chosen, q.chosen()...)
	}
	for _, field := range fieldsOf(chosen) {
		fmt.Fprintf(&b, "\n%s:\n", Key(field))
		var done []string
		for _, w := range chosen {
			entry := w.entry()
			if w.Field != field || slices.Contains(done, entry) {
				continue
			}
			done = append(done, entry)
			for _, q := range questions {
				if c := q.chosen(); len(c) > 0 && c[0].Field == field && c[0].entry() == entry {
					b.WriteString(indented(comment(q.What+q.inWords()), "  "))
				}
			}
			if !w.isSafe() {
				entry = comment(entry)
			}
			b.WriteString(indented(entry, "  "))
		}
	}
	return []byte(b.String())
}

// Left counts the questions that Write leaves to people.
func Left(questions []Question) (n int) {
	for _, q := range questions {
		if c := q.chosen(); len(c) == 0 || !c[0].isSafe() {
			n++
		}
	}
	return n
}

// chosen is the way for which there is a place in the file: the first safe one, or else the
// first; none if no file can have any.
func (q Question) chosen() []Way {
	var all []Way
	for _, w := range q.Ways {
		if form(w.Field) == reflect.Map || form(w.Field) == reflect.Slice {
			all = append(all, w)
		}
	}
	if i := slices.IndexFunc(all, Way.isSafe); i > 0 {
		return all[i : i+1]
	}
	return all[:min(len(all), 1)]
}

// inWords are the ways, a line for each, as they can be written.
func (q Question) inWords() string {
	var b strings.Builder
	for _, w := range q.Ways {
		if form(w.Field) == reflect.Invalid {
			continue
		}
		fmt.Fprintf(&b, "\n  %s  %s", w.short(), w.Does)
	}
	return b.String()
}

// form is what a field is in the file: reflect.Invalid if a file cannot have it.
func form(field string) reflect.Kind {
	if Key(field) == "" {
		return reflect.Invalid
	}
	f, _ := reflect.TypeFor[spec.Project]().FieldByName(field)
	return f.Type.Kind()
}

func fieldsOf(ways []Way) []string {
	var all []string
	for _, w := range ways {
		if !slices.Contains(all, w.Field) {
			all = append(all, w.Field)
		}
	}
	return all
}

// value is the way as it stands below the field's key, or beside it.
func (w Way) value() any {
	switch form(w.Field) {
	case reflect.Map:
		return map[string]string{w.Key: w.Value}
	case reflect.Slice:
		if n, err := strconv.Atoi(w.Key); err == nil {
			return []int{n}
		}
		return []string{w.Key}
	case reflect.Bool:
		return true
	}
	return w.Value
}

// entry is the line of a way below its field; for a field that is no map or list, the whole
// line.
func (w Way) entry() string {
	if k := form(w.Field); k != reflect.Map && k != reflect.Slice {
		return w.short() + "\n"
	}
	return dump(w.value(), false)
}

// short is the way with its field, on one line.
func (w Way) short() string {
	return strings.TrimSuffix(Key(w.Field)+": "+dump(w.value(), true), "\n")
}

func dump(v any, flow bool) string {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return fmt.Sprintln(v) // which nothing that stands here is
	}
	if flow {
		n.Style |= yaml.FlowStyle
	}
	var b bytes.Buffer
	d, err := yaml.NewDumper(&b, yaml.WithLineWidth(-1), yaml.WithIndent(2))
	if err == nil {
		err = d.Dump(&n)
	}
	if err == nil {
		err = d.Close()
	}
	if err != nil {
		return fmt.Sprintln(v)
	}
	return b.String()
}

func indented(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSuffix(text, "\n")) {
		b.WriteString(by + line)
	}
	return b.String() + "\n"
}

func comment(text string) string { return indented(text, "# ") }

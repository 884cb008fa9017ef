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
	Does              string // its effect, for people
}

// isSafe reports whether a way may be taken without asking, because it gives each copy
// something of its own and needs no knowledge that only people have. Taking a service off
// the host network is not safe: it may not work there.
func (w Way) isSafe() bool {
	return slices.Contains([]string{"Networks", "Volumes", "Paths"}, w.Field) && w.Key != "host" && w.Value == ""
}

// A Question is a refusal, and the ways to answer it.
type Question struct {
	What string // its position, and why it is refused
	Ways []Way
}

// Lines returns the lines of a file for several ways; nothing if a file can have none of
// them.
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

// beginning says to those who never saw such a file what to write.
const beginning = `# Answers to what seatrial asks about the Compose files beside this one, and whatever
# else it is to know: seatrial help init says more.
#
# Below each question are the lines that answer it, each with what it does. One is enough.
# Where one is filled in that harms nothing, another may take its place; where none is, take
# the # from the line, or write another. NAME, FILE, DIR and VALUE stand for what you know.
# In networks and volumes, "" makes a new one for each copy, and a name takes the one that
# the engine has by that name. isolate: true answers all questions that offer it: each copy
# gets a network, a volume or an empty directory of its own, directories of the system are
# read-only, and variables without a value are empty.
`

// Write returns a file with each question, all ways to answer it, and a line for the
// answer. Safe answers are filled in.
func Write(questions []Question) []byte {
	var b strings.Builder
	b.WriteString(beginning)
	b.Write(Sections(questions))
	return []byte(b.String())
}

// Sections returns such a file without its beginning.
func Sections(questions []Question) []byte {
	var b strings.Builder
	unsettled(&b, questions)
	var chosen []Way
	for _, q := range questions {
		chosen = append(chosen, q.chosen()...)
	}
	for _, field := range fieldsOf(chosen) {
		fmt.Fprintf(&b, "\n%s:\n%s", Key(field), entries(field, questions, "  "))
	}
	return []byte(b.String())
}

// unsettled writes the questions that no line of a file answers.
func unsettled(b *strings.Builder, questions []Question) {
	for _, q := range questions {
		if len(q.chosen()) == 0 {
			b.WriteString("\n# Nothing that stands here settles this:\n" + comment(q.What))
		}
	}
}

// entries returns the questions of a field, each with the line for its answer.
func entries(field string, questions []Question, indent string) string {
	var b strings.Builder
	var done []string
	for _, q := range questions {
		for _, w := range q.chosen() {
			entry := w.entry()
			if w.Field != field || slices.Contains(done, entry) {
				continue
			}
			done = append(done, entry)
			for _, q := range questions {
				if c := q.chosen(); len(c) > 0 && c[0].Field == field && c[0].entry() == entry {
					b.WriteString(indented(comment(q.What+q.inWords(field)), indent))
				}
			}
			if !w.isSafe() {
				entry = comment(entry)
			}
			b.WriteString(indented(entry, indent))
		}
	}
	return b.String()
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

// chosen returns the way whose line is in the file: the first safe one, or else the first;
// none if a file can have none.
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

// inWords lists the ways, each in a line as it would be written in the section of a field, or
// with its key if it belongs elsewhere.
func (q Question) inWords(field string) string {
	var b strings.Builder
	for _, w := range q.Ways {
		switch {
		case form(w.Field) == reflect.Invalid:
		case w.Field == field:
			fmt.Fprintf(&b, "\n  %s  %s", strings.TrimSuffix(w.entry(), "\n"), w.Does)
		default:
			fmt.Fprintf(&b, "\n  or, at the left margin, %s  %s", w.short(), w.Does)
		}
	}
	return b.String()
}

// form returns the kind of a field in the file, reflect.Invalid if a file cannot have it.
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

// value returns the way's value for YAML, below or beside the field's key.
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

// entry returns the line of a way below its field's key, or the whole line for a field that
// is no map or list.
func (w Way) entry() string {
	if k := form(w.Field); k != reflect.Map && k != reflect.Slice {
		return w.short() + "\n"
	}
	return dump(w.value(), false)
}

// short returns the way with its field, on one line.
func (w Way) short() string {
	return strings.TrimSuffix(Key(w.Field)+": "+dump(w.value(), true), "\n")
}

func dump(v any, flow bool) string {
	var n yaml.Node
	if err := n.Encode(v); err != nil {
		return fmt.Sprintln(v) // not reached: all values here can be encoded
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

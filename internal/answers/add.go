// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/seatrial/seatrial/spec"
)

// Asked reports whether a file asks a question already, in its comments. Lines of the Compose
// files may have moved since.
func Asked(content []byte, q Question) bool {
	asked, _, _ := strings.Cut(withoutLines(q.What), "\n")
	for line := range strings.Lines(string(content)) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "# "); ok && withoutLines(text) == asked {
			return true
		}
	}
	return false
}

// withoutLines returns a refusal without the numbers of lines in it.
func withoutLines(what string) string { return linesIn.ReplaceAllString(what, "") }

var linesIn = regexp.MustCompile(`:\d+\b|, also in lines? \d+(?:, \d+)*`)

// Add returns a file with more questions in it: each in the section of its field, or at the
// end. What is there stays, with its comments. If that cannot be done, as in YAML of an odd
// form, Add returns an error.
func Add(content []byte, questions []Question) ([]byte, error) {
	lines := strings.SplitAfter(string(content), "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	} else {
		lines[last] += "\n"
	}
	sections, err := sectionsOf(content, lines)
	if err != nil {
		return nil, err
	}
	var chosen []Way
	for _, q := range questions {
		chosen = append(chosen, q.chosen()...)
	}
	fields := fieldsOf(chosen)
	for _, s := range slices.Backward(sections) { // the last first, so that the lines of the others stay where they are
		if !slices.ContainsFunc(fields, func(field string) bool { return Key(field) == s.key }) {
			continue
		}
		i := slices.IndexFunc(fields, func(field string) bool { return Key(field) == s.key })
		lines = slices.Replace(lines, s.begin, s.end, s.block+entries(fields[i], questions, s.indent))
		fields = slices.Delete(fields, i, i+1)
	}
	var b strings.Builder
	b.WriteString(strings.Join(lines, ""))
	unsettled(&b, questions)
	for _, field := range fields {
		fmt.Fprintf(&b, "\n%s:\n%s", Key(field), entries(field, questions, "  "))
	}
	return []byte(b.String()), keeps(content, []byte(b.String()), chosen)
}

// section is where a key at the top of a file has its value.
type section struct {
	key        string
	begin, end int // lines, from 0; end is behind the last
	// block is what is there now, in the form to which entries can be added.
	block  string
	indent string // of its entries
}

func sectionsOf(content []byte, lines []string) ([]section, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(content, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) { // nothing, or comments alone
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode || root.Style&yaml.FlowStyle != 0 {
		return nil, errors.New("its keys do not stand on lines of their own")
	}
	var all []section
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		s := section{key: key.Value, begin: key.Line - 1, end: len(lines), indent: "  "}
		if i+2 < len(root.Content) {
			s.end = root.Content[i+2].Line - 1
		}
		for s.end > s.begin+1 && isBetween(lines[s.end-1]) { // which belongs to the next key
			s.end--
		}
		s.block = strings.Join(lines[s.begin:s.end], "")
		switch isCollection := value.Kind == yaml.MappingNode || value.Kind == yaml.SequenceNode; {
		case isCollection && (value.Style&yaml.FlowStyle != 0 || len(value.Content) == 0):
			s.block = asBlock(key, value)
		case isCollection:
			s.indent = strings.Repeat(" ", value.Content[0].Column-1)
			if value.Kind == yaml.SequenceNode {
				s.indent = strings.Repeat(" ", value.Column-1)
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// isBetween reports whether a line stands between two sections: it is blank, or a comment
// that is not indented.
func isBetween(line string) bool {
	return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")
}

// asBlock writes a section in the form of a block. Comments come first.
func asBlock(key, value *yaml.Node) string {
	var b strings.Builder
	var comments func(n *yaml.Node)
	comments = func(n *yaml.Node) {
		for _, c := range []string{n.HeadComment, n.LineComment, n.FootComment} {
			if c != "" && !isCommentOf(c, key) {
				b.WriteString(c + "\n")
			}
		}
		n.HeadComment, n.LineComment, n.FootComment = "", "", ""
		for _, c := range n.Content {
			comments(c)
		}
	}
	comments(&yaml.Node{LineComment: key.LineComment})
	comments(value)
	b.WriteString(key.Value + ":\n")
	if len(value.Content) > 0 {
		value.Style &^= yaml.FlowStyle
		b.WriteString(indented(dump(value, false), "  "))
	}
	return b.String()
}

// isCommentOf reports whether a comment is above a key, so that it stays where it is.
func isCommentOf(c string, key *yaml.Node) bool { return c == key.HeadComment || c == key.FootComment }

// keeps returns an error if a file does not say what another one said, and the safe ones of
// some ways.
func keeps(before, after []byte, ways []Way) error {
	reading := func(content []byte) (spec.Project, error) {
		f, err := Read(Name, func(string) ([]byte, error) { return content, nil })
		if err != nil {
			return spec.Project{}, err
		}
		return f.Project, nil
	}
	old, err := reading(before)
	if err != nil {
		return err
	}
	added, err := reading([]byte(Lines(slices.DeleteFunc(slices.Clone(ways), func(w Way) bool { return !w.isSafe() }))))
	if err != nil {
		return err
	}
	got, err := reading(after)
	if err != nil {
		return err
	}
	if want := Over(old, added); !reflect.DeepEqual(filled(got), filled(want)) {
		return errors.New("its form is another one than seatrial writes")
	}
	return nil
}

// filled is a spec in which what is empty is nil, for comparison.
func filled(p spec.Project) spec.Project {
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); (f.Kind() == reflect.Map || f.Kind() == reflect.Slice) && f.Len() == 0 {
			f.SetZero()
		}
	}
	return p
}

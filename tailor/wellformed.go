// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxNodes bounds a document after its aliases were replaced by what they stand
// for. Real files have a few thousand.
const maxNodes = 200_000

// wellFormed refuses what the loader would refuse later and without a
// position, or work on for seconds: a key that stands twice, an alias inside
// of what it stands for, aliases of aliases that multiply.
func wellFormed(l *layer) error {
	_, err := l.measure(l.root, map[*yaml.Node]int{})
	return err
}

// measure returns how many nodes there are under n, aliases replaced. In sizes
// are the nodes that were measured, and with -1 those that are being measured.
func (l *layer) measure(n *yaml.Node, sizes map[*yaml.Node]int) (int, error) {
	switch size := sizes[n]; {
	case size < 0:
		return 0, l.errorAt(n, errors.New("what is anchored here contains itself"))
	case size > 0:
		return size, nil
	}
	if n.Kind == yaml.MappingNode {
		if err := l.duplicateKey(n); err != nil {
			return 0, err
		}
	}
	sizes[n] = -1
	size := 1
	children := n.Content
	if n.Kind == yaml.AliasNode {
		children = []*yaml.Node{n.Alias}
	}
	for _, c := range children {
		s, err := l.measure(c, sizes)
		if err != nil {
			return 0, err
		}
		if size += s; size > maxNodes {
			return 0, l.errorAt(n, fmt.Errorf("aliases make more than %d nodes of this", maxNodes))
		}
	}
	sizes[n] = size
	return size, nil
}

func (l *layer) duplicateKey(n *yaml.Node) error {
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		k := n.Content[i]
		if line, ok := seen[k.Value]; ok {
			return l.errorAt(k, fmt.Errorf("key %q is already set at line %d", k.Value, line))
		}
		seen[k.Value] = k.Line
	}
	return nil
}

func (l *layer) errorAt(n *yaml.Node, err error) error {
	return &ReadError{File: l.shown, Line: n.Line, Column: n.Column, Err: err}
}

var lineIn = regexp.MustCompile(`line (\d+)(?:, column (\d+))?`)

// yamlError says where the YAML library stopped. Its errors have the position
// in their text only.
func yamlError(shown string, content []byte, err error) error {
	e := &ReadError{File: shown, Err: err}
	var le *yaml.LoadErrors
	if errors.As(err, &le) && len(le.Errors) > 0 {
		e.Line, e.Column, e.Err = le.Errors[0].Line, le.Errors[0].Column, le.Errors[0].Err
	} else if all := lineIn.FindAllStringSubmatch(countedFromOne(err).Error(), -1); len(all) > 0 {
		m := all[len(all)-1] // where it stopped; before it, where the block began
		e.Line, _ = strconv.Atoi(m[1])
		e.Column, _ = strconv.Atoi(m[2])
		text := countedFromOne(err).Error()
		if what := oddBeginning(content, e.Line); what != "" && strings.HasSuffix(text, noToken) {
			text = "no valid YAML: " + what
		}
		e.Err = &shortened{inPlainWords(text), err}
	}
	return e
}

var (
	yamlBlock = regexp.MustCompile(`^yaml: while parsing (.+) at line (\d+), column \d+: line \d+(?:, column \d+)?: (.*)$`)
	yamlToken = regexp.MustCompile(`^yaml: while scanning .+? at line \d+(?:, column \d+)?: (?:line \d+(?:, column \d+)?: )?(.*)$`)
)

// inPlainWords says first what is wrong, and then in what.
func inPlainWords(text string) string {
	if m := yamlBlock.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("no valid YAML: %s, in %s that begins at line %s", m[3], m[1], m[2])
	}
	if m := yamlToken.FindStringSubmatch(text); m != nil {
		return "no valid YAML: " + m[1]
	}
	return text
}

// noToken is what the library says of a character that it cannot do anything with.
const noToken = "found character that cannot start any token"

// oddBeginning says what is wrong with a line that begins with a tab, or in which a word begins
// with a character that YAML keeps for itself.
func oddBeginning(content []byte, number int) string {
	lines := strings.Split(string(content), "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	line := strings.TrimRight(lines[number-1], "\r")
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if strings.HasPrefix(indent, "\t") {
		return fmt.Sprintf("line %d begins with a tab; YAML is indented with spaces", number)
	}
	if strings.Contains(indent, "\t") {
		return fmt.Sprintf("a tab is in the indentation of line %d; YAML is indented with spaces", number)
	}
	if word := oddWord.FindStringSubmatch(line); word != nil {
		return fmt.Sprintf("in line %d %s begins with %s, which needs quotes: \"%s\"", number, word[1], word[1][:1], word[1])
	}
	return ""
}

var oddWord = regexp.MustCompile("(?:^|[\\s,\\[{])([@`%][^\\s,\\]}]*)")

// countedFromOne corrects the lines in an error of the YAML library's parser,
// which it counts from 0, unlike those of its scanner.
// https://github.com/yaml/go-yaml/blob/v4.0.0-rc.4/internal/libyaml/yaml.go#L108
func countedFromOne(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		if !strings.HasSuffix(fmt.Sprintf("%T", e), ".ParserError") {
			continue
		}
		text := strings.ReplaceAll(err.Error(), " at <unknown position>", "") // line 0
		return &shortened{lineNumber.ReplaceAllStringFunc(text, func(s string) string {
			n, _ := strconv.Atoi(strings.TrimPrefix(s, "line "))
			return fmt.Sprintf("line %d", n+1)
		}), err}
	}
	return err
}

var lineNumber = regexp.MustCompile(`line \d+`)

// shortened is an error in which absolute names were shortened.
type shortened struct {
	text string
	error
}

func (s *shortened) Error() string { return s.text }

func (s *shortened) Unwrap() error { return s.error }

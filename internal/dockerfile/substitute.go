// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// An UnmatchedError says that images were to be substituted which the Dockerfile
// does not name.
type UnmatchedError struct {
	Keys  []string
	Bases []Base // the images that it names
	Idle  []Base // the images in stages that are not built
}

func (e *UnmatchedError) Error() string {
	has := "it builds on no image"
	if len(e.Bases) > 0 {
		has = "it builds on " + inWords(e.Bases)
	}
	if len(e.Idle) > 0 {
		has += "; in stages that are not built it names " + inWords(e.Idle)
	}
	return fmt.Sprintf("it does not build on %s: %s", strings.Join(e.Keys, ", "), has)
}

func inWords(bases []Base) string {
	var names []string
	for _, b := range bases {
		where := fmt.Sprintf("line %d", b.Line)
		if b.Line == 0 {
			where = syntaxArg
		}
		names = append(names, fmt.Sprintf("%s (%s)", b.Ref, where))
	}
	return strings.Join(names, ", ")
}

// Substitute returns the file with the images that it builds on replaced.
// References are compared in their full form. Every line keeps its number. Without
// images the content is unchanged. A key that matches nothing that is built is an
// [*UnmatchedError].
func (f *File) Substitute(images map[string]string, s Settings) ([]byte, error) {
	if len(images) == 0 {
		return f.content, nil
	}
	fresh, unused := map[string]string{}, map[string]string{}
	for key, ref := range images {
		full := FullForm(key)
		if _, err := reference.ParseNormalizedNamed(key); err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		if other, ok := unused[full]; ok {
			return nil, fmt.Errorf("%q and %q are the same image", min(key, other), max(key, other))
		}
		if _, err := reference.ParseNormalizedNamed(ref); err != nil {
			return nil, fmt.Errorf("%q: %q: %w", key, ref, err)
		}
		fresh[full], unused[full] = ref, key
	}
	places, err := f.named(s)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(f.content), "\n")
	for _, n := range places {
		full := FullForm(n.ref)
		ref, ok := fresh[full]
		if !ok {
			continue
		}
		if n.built {
			delete(unused, full)
		}
		if err := f.rewrite(lines, n.use, ref); err != nil {
			return nil, at(n.node.StartLine, err)
		}
	}
	if len(unused) > 0 {
		bases, idle, err := f.all(s)
		if err != nil {
			return nil, err
		}
		return nil, &UnmatchedError{slices.Sorted(maps.Values(unused)), bases, idle}
	}
	return []byte(strings.Join(lines, "")), nil
}

// FullForm returns the form in which references are compared: app, app:latest and
// docker.io/library/app have the same. A tag beside a digest is dropped. Text that
// is not a reference is returned unchanged.
func FullForm(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	if digested, ok := named.(reference.Digested); ok {
		return named.Name() + "@" + digested.Digest().String()
	}
	return reference.TagNameOnly(named).String()
}

// rewrite puts a reference into the lines of an instruction.
func (f *File) rewrite(lines []string, u use, ref string) error {
	if u.kind == inSyntax {
		if u.node.StartLine > 0 {
			before, after, _ := strings.Cut(lines[u.node.StartLine-1], "=")
			lines[u.node.StartLine-1] = before + "=" + strings.Replace(after, u.word, ref, 1)
		}
		return nil
	}
	from, to := u.node.StartLine-1, u.node.EndLine
	if u.kind == inFrom {
		words := append([]string{"FROM"}, u.node.Flags...)
		words = append(words, ref)
		for n := u.node.Next.Next; n != nil; n = n.Next { // AS name
			words = append(words, n.Value)
		}
		lines[from] = strings.Join(words, " ") + ending(lines[from])
		for i := from + 1; i < to; i++ {
			lines[i] = "\n" // comments and continuation lines
		}
		return nil
	}
	text := strings.Join(lines[from:to], "")
	pattern := regexp.MustCompile(`^--(?:from=|mount=.*?\bfrom=)["']?(` + regexp.QuoteMeta(u.word) + `)(?:["',]|$)`)
	for _, span := range flagSpans(text, f.escape) {
		if m := pattern.FindStringSubmatchIndex(text[span[0]:span[1]]); m != nil {
			text = text[:span[0]+m[2]] + ref + text[span[0]+m[3]:]
			copy(lines[from:to], strings.SplitAfter(text, "\n"))
			return nil
		}
	}
	return fmt.Errorf("%s cannot be substituted as it is written", u.word)
}

func ending(line string) string {
	return line[len(strings.TrimRight(line, "\r\n")):]
}

// flagSpans finds the flags at the beginning of an instruction, whose text may
// continue over several lines with comments between them.
func flagSpans(text string, escape byte) [][2]int {
	var spans [][2]int
	i := strings.IndexFunc(text, func(r rune) bool { return r > ' ' && r != '\ufeff' })
	start := i
	for i < len(text) && text[i] > ' ' { // the keyword
		i++
	}
	another := strings.EqualFold(text[start:i], "ONBUILD") // keyword follows
	begun := false                                         // a line, with only blanks so far
	for i < len(text) {
		switch c := text[i]; {
		case c == '\n':
			begun = true
			i++
		case c <= ' ':
			i++
		case begun && c == '#':
			i += strings.IndexByte(text[i:]+"\n", '\n')
		case c == escape && strings.TrimLeft(strings.SplitN(text[i+1:], "\n", 2)[0], " \t\r") == "":
			i++
		case strings.HasPrefix(text[i:], "--"):
			begun = false
			end := wordEnd(text, i)
			spans = append(spans, [2]int{i, end})
			i = end
		case another:
			another, begun = false, false
			i = wordEnd(text, i)
		default:
			return spans
		}
	}
	return spans
}

// wordEnd finds the end of a word, which may have blanks inside quotes.
func wordEnd(text string, i int) int {
	quote := byte(0)
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c <= ' ':
			return i
		}
	}
	return i
}

// SPDX-License-Identifier: Apache-2.0

package envblock

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// A Block identifies the environment of a block.
type Block struct {
	Name string // of the environment
	Dir  string // of its project

	start, end int
}

const (
	begin = "# >>> seatrial: environment "
	end   = "# <<< seatrial <<<"
	note  = "# Plain docker compose works on this environment here. seatrial env --write makes this\n# block anew, and seatrial down removes it.\n"
)

// Find returns the first block of a content, or nil if there is none. A block without
// an end is an error, as it is not known which lines belong to it.
func Find(content []byte) (*Block, error) {
	at := 0
	var b *Block
	for line := range bytes.Lines(content) {
		text := strings.TrimRight(string(line), "\r\n")
		switch {
		case b == nil && strings.HasPrefix(text, begin):
			b = &Block{start: at}
			var dir string
			b.Name, dir, _ = strings.Cut(strings.TrimSuffix(strings.TrimPrefix(text, begin), " >>>"), " of ")
			if b.Dir, _ = strconv.Unquote(dir); b.Dir == "" {
				b.Dir = dir
			}
		case b != nil && text == end:
			b.end = at + len(line)
			return b, nil
		}
		at += len(line)
	}
	if b != nil {
		return nil, fmt.Errorf("the block of environment %s does not end: its last line, %q, is missing", b.Name, end)
	}
	return nil, nil
}

// Without returns a content without blocks. Lines without an end marker are not a block.
func Without(content []byte) []byte {
	for {
		b, err := Find(content)
		if err != nil || b == nil {
			return content
		}
		content = slices.Concat(content[:b.start], content[b.end:])
	}
}

// Put returns a content with a block at its end, where its variables override others. It
// replaces any other block.
func Put(content []byte, b Block, variables map[string]string) ([]byte, error) {
	content = Without(content)
	if _, err := Find(content); err != nil {
		return nil, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s%s of %s >>>\n%s", begin, b.Name, strconv.Quote(b.Dir), note)
	for _, name := range slices.SortedFunc(maps.Keys(variables), func(a, b string) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a, b))
	}) {
		line := name + "=" + quoted(variables[name]) + "\n"
		is, err := dotenv.UnmarshalWithLookup(line, func(string) (string, bool) { return "", false })
		if err != nil || is[name] != variables[name] {
			return nil, fmt.Errorf("no .env file can have the value of %s", name)
		}
		text.WriteString(line)
	}
	text.WriteString(end + "\n")
	if len(content) > 0 && content[len(content)-1] != '\n' {
		content = append(slices.Clone(content), '\n')
	}
	all := append(slices.Clone(content), text.String()...)
	if _, err := dotenv.UnmarshalWithLookup(string(content), func(string) (string, bool) { return "", true }); err != nil {
		return nil, errors.New("docker compose cannot read the file as it is: " + err.Error())
	}
	return all, nil
}

func order(name string) int {
	if strings.HasPrefix(name, "COMPOSE_") {
		return 0
	}
	return 1
}

// quoted writes a value so that docker compose reads exactly this value.
func quoted(value string) string {
	switch {
	case value == "":
		return ""
	case !strings.ContainsRune(value, '\'') && !strings.HasSuffix(value, `\`):
		return "'" + value + "'"
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", `\n`, "\r", `\r`).Replace(value) + `"`
}

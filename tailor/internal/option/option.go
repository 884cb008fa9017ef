// SPDX-License-Identifier: Apache-2.0

package option

import (
	"regexp"
	"strings"
	"unicode"
)

// A Part is a value in a text, from Start to End.
type Part struct {
	// Name is that of the setting or option.
	Name       string
	Value      string
	Start, End int
}

var (
	wordOfText = regexp.MustCompile(`\S+`)
	variable   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
)

// Parts returns the values in a text that have a name. The key is that of the setting,
// if it is one, whose value is all of the text; and before is what stands before the
// text in a list, which may be an option.
func Parts(key, before, text string) []Part {
	var all []Part
	if key != "" {
		all = append(all, Part{key, text, 0, len(text)})
	}
	waiting := ""
	if key == "" && isOption(before) && !strings.Contains(before, "=") {
		waiting = before
	}
	words := wordOfText.FindAllStringIndex(text, -1)
	for _, at := range words {
		start, end := at[0], at[1]
		for start < end && strings.ContainsRune(`"'`, rune(text[start])) {
			start++
		}
		for end > start && strings.ContainsRune(`"'`, rune(text[end-1])) {
			end--
		}
		word := text[start:end]
		name, value, hasValue := strings.Cut(word, "=")
		switch {
		case waiting == "--mount": // whose value is a list of settings
			all = append(all, Part{waiting, word, start, end})
			waiting = ""
		case isOption(word) && hasValue, variable.MatchString(word) && (key == "" || len(words) > 1):
			value = strings.TrimLeft(value, `"'`)
			all = append(all, Part{name, value, end - len(value), end})
			waiting = ""
		case isOption(word):
			waiting = word
		case waiting != "":
			all = append(all, Part{waiting, word, start, end})
			waiting = ""
		}
	}
	return all
}

func isOption(word string) bool {
	return len(word) > 1 && word[0] == '-' && strings.ContainsFunc(word, unicode.IsLetter)
}

// Words returns the words of a name, in small letters: those of --dockerNetwork and
// DOCKER_NETWORK are docker and network.
func Words(name string) []string {
	var spaced strings.Builder
	var last rune
	for _, r := range name {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(r)
		last = r
	}
	return strings.FieldsFunc(strings.ToLower(spaced.String()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// A closest finds the line that is most similar to a pattern which no line matches:
// a wait for "ready to accept connections" should report "ready to accept
// connection".
type closest struct {
	words []string       // of the pattern, in lower case
	loose *regexp.Regexp // the pattern, ignoring case
	line  string
	score int
}

// leastWord is the length from which a word counts.
const leastWord = 3

func newClosest(pattern string) *closest {
	c := &closest{}
	if tree, err := syntax.Parse(pattern, syntax.Perl); err == nil {
		c.words = wordsOf(tree)
	}
	c.loose, _ = regexp.Compile("(?i:" + pattern + ")")
	return c
}

// wordsOf returns the literal words of a pattern.
func wordsOf(tree *syntax.Regexp) (words []string) {
	if tree.Op == syntax.OpLiteral {
		for _, word := range strings.FieldsFunc(strings.ToLower(string(tree.Rune)), func(r rune) bool { return r < '0' || r > '9' && r < 'a' || r > 'z' && r < 0x80 }) {
			if len(word) >= leastWord {
				words = append(words, word)
			}
		}
	}
	for _, sub := range tree.Sub {
		words = append(words, wordsOf(sub)...)
	}
	return words
}

// add considers a line that does not match. The later of two equally close lines wins.
func (c *closest) add(line string) {
	score := 0
	if c.loose != nil && c.loose.MatchString(line) {
		score = len(c.words) + 1
	} else {
		small := strings.ToLower(line)
		for _, word := range c.words {
			if strings.Contains(small, word) {
				score++
			}
		}
	}
	if score > 0 && score*2 >= len(c.words) && score >= c.score {
		c.line, c.score = line, score
	}
}

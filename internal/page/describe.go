// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
	"github.com/seatrial/seatrial/internal/quote"
)

// kinds say what files of an artifact directory are for, by their names without the number
// that files of one name have. Each reader looks for one of them.
var kinds = []struct {
	name *lazyregexp.Regexp
	is   string
}{
	{lazyregexp.New(`^about\.txt$`), "versions, machine, how to repeat the test"},
	{lazyregexp.New(`\.tasks\.json$`), "services of the swarm, and their tasks"},
	{lazyregexp.New(`^swarm\.json$`), "nodes and tasks of the whole swarm"},
	{lazyregexp.New(`\.stats\.txt$`), "memory, CPU, processes, what listens, at the failure"},
	{lazyregexp.New(`\.inspect\.json$`), "what the engine knew: health checks, mounts, limits, networks"},
	{lazyregexp.New(`^shipped-`), "as it was shipped"},
	{lazyregexp.New(`^replaced-`), "a copy of a shipped file, with other text in it"},
	{lazyregexp.New(`^build-.*\.Dockerfile$`), "as it was built"},
	{lazyregexp.New(`^build-.*\.dockerignore$`), "what was hidden from the build"},
	{lazyregexp.New(`^build-.*\.log$`), "what the build printed"},
	{lazyregexp.New(`\.dockerd\.log$`), "what the engine of this node printed"},
	{lazyregexp.New(`\.log$`), "what docker printed"},
	{lazyregexp.New(`^model\.json$`), "what docker compose made of all files, variables resolved"},
	{lazyregexp.New(`^stack\.json$`), "what docker stack deploy was given"},
	{lazyregexp.New(`^tailored\.yaml$`), "the plan as docker compose was given it, after the shipped files"},
	{lazyregexp.New(`^copies\.yaml$`), "volumes that take the place of mounted directories, after the shipped files"},
	{lazyregexp.New(`^images\.yaml$`), "images that were built, after the shipped files"},
	{lazyregexp.New(`^owner\.yaml$`), "labels by which seatrial finds what the test made"},
	{lazyregexp.New(`^run-log\.yaml$`), "how the log of a service's command is kept"},
}

var numbered = lazyregexp.New(`~\d+(\.|$)`)

// describeKind returns what a file is for; nothing of those that tests write themselves.
func describeKind(name string) string {
	name = numbered.ReplaceAllString(name, "$1")
	for _, kind := range kinds {
		if kind.name.MatchString(name) {
			return kind.is
		}
	}
	return ""
}

// plain returns a text without what only terminals need. What mask hides is hidden also where
// codes of a terminal stood within it.
func plain(text string, mask func(string) string) string {
	text = mask(text)
	if strings.IndexByte(text, '\x1b') < 0 {
		return text
	}
	return mask(quote.Plain(text))
}

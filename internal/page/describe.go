// SPDX-License-Identifier: Apache-2.0

package page

import (
	"regexp"
	"strings"

	"github.com/seatrial/seatrial/internal/quote"
)

// kinds say what files of an artifact directory are for, by their names without the number
// that files of one name have. Each reader looks for one of them.
var kinds = []struct {
	name *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`^about\.txt$`), "versions, machine, how to repeat the test"},
	{regexp.MustCompile(`\.tasks\.json$`), "services of the swarm, and their tasks"},
	{regexp.MustCompile(`^swarm\.json$`), "nodes and tasks of the whole swarm"},
	{regexp.MustCompile(`\.stats\.txt$`), "memory, CPU, processes, what listens, at the failure"},
	{regexp.MustCompile(`\.inspect\.json$`), "what the engine knew: health checks, mounts, limits, networks"},
	{regexp.MustCompile(`^shipped-`), "as it was shipped"},
	{regexp.MustCompile(`^replaced-`), "a copy of a shipped file, with other text in it"},
	{regexp.MustCompile(`^build-.*\.Dockerfile$`), "as it was built"},
	{regexp.MustCompile(`^build-.*\.dockerignore$`), "what was hidden from the build"},
	{regexp.MustCompile(`^build-.*\.log$`), "what the build printed"},
	{regexp.MustCompile(`\.dockerd\.log$`), "what the engine of this node printed"},
	{regexp.MustCompile(`\.log$`), "what docker printed"},
	{regexp.MustCompile(`^model\.json$`), "what docker compose made of all files, variables resolved"},
	{regexp.MustCompile(`^stack\.json$`), "what docker stack deploy was given"},
	{regexp.MustCompile(`^tailored\.yaml$`), "the plan as docker compose was given it, after the shipped files"},
	{regexp.MustCompile(`^copies\.yaml$`), "volumes that take the place of mounted directories, after the shipped files"},
	{regexp.MustCompile(`^images\.yaml$`), "images that were built, after the shipped files"},
	{regexp.MustCompile(`^owner\.yaml$`), "labels by which seatrial finds what the test made"},
	{regexp.MustCompile(`^run-log\.yaml$`), "how the log of a service's command is kept"},
}

var numbered = regexp.MustCompile(`~\d+(\.|$)`)

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

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/option"
)

var (
	wholeNumbers = regexp.MustCompile(`^(\d+)(?:[-:]\d+)?$`)
	// sameInside are words of names whose ports clients are told, and which are the same
	// inside and outside of the container: the program listens there, too.
	sameInside = []string{"jmx", "rmi", "pasv", "passive"}
)

// followNumbers looks for host ports that stand apart from their host: ADVERTISED_PORT=8080,
// or API_PORT=8080 beside API_HOST=localhost.
func (m *portReader) followNumbers(ref *portReference, owners map[int]portOwner) {
	for _, p := range slices.Backward(option.Parts(ref.key, m.texts.before(ref.text), ref.value)) {
		match := wholeNumbers.FindStringSubmatch(p.Value)
		if match == nil || !namesPort(p.Name) {
			continue
		}
		same, isRange := saysOne(p.Name, sameInside), match[1] != p.Value
		switch {
		case same, isRange && forOthers.MatchString(p.Name):
			n, _ := strconv.Atoi(match[1])
			if owner, ok := owners[n]; ok {
				ref.words, ref.to, ref.doubtful = append(ref.words, match[1]), append(ref.to, ""), true
				ref.stays = true
				ref.owner, ref.number, ref.several = owner.service, n, owner.several
			}
		case isRange:
		case forOthers.MatchString(p.Name), m.hasLocalHost(ref.c, p.Name):
			name := p.Name
			if n, _ := strconv.Atoi(p.Value); m.inside(ref.c).published(n) && !m.hasLocalHost(ref.c, name) {
				name = "" // others of the project may be told it
			}
			if to := m.followPort(ref, name, p.Value, "", p.Value, owners); to != "" {
				ref.value = ref.value[:p.Start] + to + ref.value[p.End:]
			}
		}
	}
}

// namesPort tells whether a name says that its value is a port.
func namesPort(name string) bool {
	return slices.ContainsFunc(option.Words(name), func(word string) bool { return word == "port" || word == "ports" })
}

// hasLocalHost tells whether a setting beside one that is a port says that this is a port of
// the machine's loopback: API_HOST=localhost beside API_PORT.
func (m *portReader) hasLocalHost(c container, name string) bool {
	found := false
	look := func(t text) {
		for _, p := range option.Parts(t.key, m.texts.before(t), t.value) {
			switch strings.ToLower(p.Value) {
			case "localhost", "127.0.0.1", "[::1]", "host.docker.internal":
				found = found || slices.Equal(subject(p.Name, hostWords), subject(name, []string{"port"}))
			}
		}
	}
	for _, key := range []string{"environment", "command", "entrypoint"} {
		m.texts.textsAt(look, c, c.at.Join(key))
	}
	m.texts.envFileTexts(func(t text) {
		if t.c.at.String() == c.at.String() {
			look(t)
		}
	})
	return found
}

var hostWords = []string{"host", "hostname", "address", "addr", "server", "ip"}

// subject are the words of a name without the one that says what kind of value it has, nil
// if none does.
func subject(name string, kinds []string) []string {
	words := option.Words(name)
	i := slices.IndexFunc(words, func(word string) bool { return slices.Contains(kinds, word) })
	if i < 0 {
		return []string{modeltree.Path{name}.String()}
	}
	return slices.Delete(words, i, i+1)
}

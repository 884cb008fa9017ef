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
		default:
			is, ok := m.numberApart(ref.c, p, owners)
			if !ok {
				continue
			}
			if to := m.followPort(ref, is, owners); to != "" {
				ref.value = ref.value[:p.Start] + to + ref.value[p.End:]
			}
		}
	}
}

// numberApart tells whether a number that stands apart from its host, in a setting that says
// it is a port, may be a host port.
func (m *portReader) numberApart(c container, p option.Part, owners map[int]portOwner) (is mention, ok bool) {
	n, _ := strconv.Atoi(p.Value)
	owner, ok := owners[n]
	if !ok {
		return mention{}, false
	}
	is = mention{name: p.Name, word: p.Value, number: p.Value}
	inside, isForOthers := m.inside(c), forOthers.MatchString(p.Name)
	switch {
	case m.hasLocalHost(c, p.Name, slices.Equal):
	case isForOthers && inside.published(n):
		is.name = "" // others of the project may be told it
	case isForOthers:
	case inside.published(n), inside.said(n):
		return mention{}, false
	case owner.service == c.name, m.hasLocalHost(c, p.Name, beginsWith):
		is.unsure = true // GITLAB_SSH_PORT=10022 beside 10022:22
	default:
		return mention{}, false
	}
	return is, true
}

// beginsWith tells whether words begin with others: gitlab ssh with gitlab.
func beginsWith(host, port []string) bool {
	return len(host) > 0 && len(host) <= len(port) && slices.Equal(host, port[:len(host)])
}

// namesPort tells whether a name says that its value is a port.
func namesPort(name string) bool {
	return slices.ContainsFunc(option.Words(name), func(word string) bool { return word == "port" || word == "ports" })
}

// hasLocalHost tells whether a setting beside one that is a port says that this is a port of
// the machine's loopback: API_HOST=localhost beside API_PORT. Whether it does is for its words
// without that for the host, and those of the port without that, to say.
func (m *portReader) hasLocalHost(c container, name string, goTogether func(host, port []string) bool) bool {
	found := false
	look := func(t text) {
		for _, p := range option.Parts(t.key, m.texts.before(t), t.value) {
			switch strings.ToLower(p.Value) {
			case "localhost", "127.0.0.1", "[::1]", "host.docker.internal":
				found = found || goTogether(subject(p.Name, hostWords), subject(name, []string{"port"}))
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

// subject are the words of a name without the one that says what kind of value it has: those
// of ADVERTISED_HOST_NAME without host name. If none does they are nobody's.
func subject(name string, kinds []string) []string {
	words := option.Words(name)
	i := slices.IndexFunc(words, func(word string) bool { return slices.Contains(kinds, word) })
	if i < 0 {
		return []string{modeltree.Path{name}.String()}
	}
	end := i + 1
	if end < len(words) && words[i] == "host" && words[end] == "name" {
		end++
	}
	return slices.Delete(words, i, end)
}

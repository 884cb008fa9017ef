// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/option"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// portReader finds the values in the files that tell somebody a host port.
type portReader struct {
	*document
	*decisions
	hostPorts *hostPorts
	leasing   *leasing
	networks  *networks
	texts     *textReader

	refs *portReferences
	// insides are the ports inside of containers, by path.
	insides map[string]insidePorts
}

func (m *portReader) portReferenceRules() []rule {
	return []rule{{
		name:      "port-reference",
		treatment: Follow,
		severity:  Warning,
		reason:    "whoever is told this number reaches nothing, or another copy",
		doc: row{
			files: "`localhost:8080`, or the variable of a host port, in the environment, env files, command, entrypoint or labels",
			becomes: "replaced by the leased number if it cannot mean the inside of the container (its own ports, `expose`, health check, words for " +
				"listening), or if its name, or that of the option, says that it is for others (`--advertise-addr`, `--external-url`); otherwise " +
				"a note, which `PortReferences` settles. A number that stands apart from its host is replaced if its name says that it is for " +
				"others (`ADVERTISED_PORT`), or if the host beside it is local (`API_HOST=localhost`, `API_PORT`). Where programs listen on the " +
				"number that they announce (JMX, passive FTP), and of a range, it is a note; so it is if nothing but the setting's name " +
				"speaks for it (`SSH_PORT=10022` beside `10022:22`). Health checks, build arguments and the content of configs are left alone",
		},
		apply: m.followPorts,
	}}
}

var (
	localAddress = regexp.MustCompile(`(^|[^\w-])(https?://)?((?i:localhost)|127\.0\.0\.1|\[::1\]|host\.docker\.internal|172\.17\.0\.1)(?::(\d+)\b|([\w.:-]*))`)
	// forOthers are names of settings and options whose value is told to clients.
	forOthers = regexp.MustCompile(`(?i)advertis|public|external|redirect|callback|origin|cors|(base|root|site|app|web|home|frontend|nextauth)[_.-]?ur[il]`)
	// ofMachine are names of the machine inside of containers.
	ofMachine = regexp.MustCompile(`(host\.docker\.internal|172\.17\.0\.1):` + placeholder.Start)
)

// portOf is a host port of a service.
type portOf struct {
	service   string
	published int
}

// portOwner is the service that has a host port. If it has several containers,
// each has another one, so that nobody can be told of it.
type portOwner struct {
	service string
	several bool
}

// portReferences are the values in the files that name host ports.
type portReferences struct {
	all []portReference
	// why is set for the ports of which somebody is told.
	why map[portOf]string
}

// portReference is a value that names one.
type portReference struct {
	text
	// value is the one with leased numbers.
	value string
	// words are what is replaced, as they stand there, and by what.
	words, to []string
	owner     string
	number    int
	// doubtful is what may mean the inside of the container, several what nobody
	// can be told of.
	doubtful, several bool
	// stays is what the program listens on by that number, too.
	stays bool
	// moved is what meant the machine's network, which its container left.
	moved bool
}

// references finds them. It is needed before ports are given up, to know
// which have to be leased, and made once.
func (m *portReader) references() *portReferences {
	if m.refs != nil {
		return m.refs
	}
	m.refs = &portReferences{why: map[portOf]string{}}
	owners := m.portOwners()
	if len(owners) == 0 {
		return m.refs
	}
	variables := m.portVariables(owners)
	look := func(t text) {
		ref := portReference{text: t, value: t.value}
		m.followVariables(&ref, variables)
		m.followAddresses(&ref, owners)
		m.followNumbers(&ref, owners)
		if len(ref.words) > 0 {
			m.refs.all = append(m.refs.all, ref)
		}
	}
	m.texts.eachText(look)
	m.texts.leftTexts(look)
	return m.refs
}

// portOwners returns the services that have a host port in the files, by port:
// of several, behind different profiles, one that is on.
func (m *portReader) portOwners() map[int]portOwner {
	owners := map[int]portOwner{}
	for _, c := range m.containers() {
		ports, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
		entries, _ := ports.([]any)
		for _, p := range entries {
			all := portentry.Published(p)
			if len(all) != 1 || c.body["network_mode"] == "host" || m.hostPorts.keptPort(all) {
				continue
			}
			if owner, ok := owners[all[0]]; !ok || !m.active(owner.service) && m.active(c.name) {
				owners[all[0]] = portOwner{c.name, m.hostPorts.scaled(c)}
			}
		}
	}
	return owners
}

// followAddresses looks for localhost:8080, and for http://localhost, which is
// port 80.
func (m *portReader) followAddresses(ref *portReference, owners map[int]portOwner) {
	var b strings.Builder
	text, last := ref.value, 0
	parts := option.Parts(ref.key, m.texts.before(ref.text), text)
	for _, at := range localAddress.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return text[at[2*i]:at[2*i+1]]
		}
		word, scheme, host, number, more := "", group(2), group(3), group(4), group(5)
		switch {
		case number != "":
			word = host + ":" + number
		case more != "":
			continue
		case scheme == "http://":
			number, host = "80", scheme+host
			word = host
		case scheme == "https://":
			number, host = "443", scheme+host
			word = host
		default:
			continue
		}
		end := at[1]
		if to := m.followPort(ref, mention{name: nameAt(parts, end), word: word, before: host + ":", number: number}, owners); to != "" {
			b.WriteString(text[last:end-len(word)] + to)
			last = end
		}
	}
	ref.value = b.String() + text[last:]
}

// nameAt is the name of the setting or option whose value is at a place of a text.
func nameAt(parts []option.Part, end int) string {
	for _, p := range slices.Backward(parts) {
		if p.Start < end && end <= p.End {
			return p.Name
		}
	}
	return ""
}

// A mention is a word that may be a host port, in the value of a setting or option.
type mention struct {
	name, word string
	// before stands before the number in what takes the place of the word.
	before, number string
	// unsure is one that nothing but its number says to be one.
	unsure bool
}

// followPort notes that a word in the value of a setting or option is a host port, and
// returns what is to stand in its place, "" if that is not known.
func (m *portReader) followPort(ref *portReference, is mention, owners map[int]portOwner) (to string) {
	n, _ := strconv.Atoi(is.number)
	owner, ok := owners[n]
	if !ok {
		return ""
	}
	inside, isForOthers := m.inside(ref.c), forOthers.MatchString(is.name)
	doubtful := is.unsure || (m.listens(ref.text, is.name) || inside.said(n) || inside.published(n)) && !isForOthers
	ref.words, ref.to = append(ref.words, is.word), append(ref.to, "")
	ref.owner, ref.number, ref.several = owner.service, n, owner.several
	if owner.several || ref.left != "" {
		return ""
	}
	if m.networks.leftHost(ref.c) && !isForOthers {
		ref.moved = true
		return ""
	}
	if m.spec.PortReferences == "off" || doubtful && m.spec.PortReferences != "all" {
		ref.doubtful = ref.doubtful || doubtful
		return ""
	}
	m.told(ref, is.name, owner.service, n)
	to = is.before + m.portMark(owner.service, n)
	ref.to[len(ref.to)-1] = to
	return to
}

// told notes why a port is leased.
func (m *portReader) told(ref *portReference, name, owner string, n int) {
	key := cmp.Or(ref.key, name, ref.at.String())
	if port := (portOf{owner, n}); m.refs.why[port] == "" {
		m.refs.why[port] = key + " tells it to others"
	}
}

func (m *portReader) portMark(service string, n int) string {
	return m.leasing.mark(m.leasing.variable(fmt.Sprintf("port %s %d", service, n), "PORT", service, strconv.Itoa(n)))
}

// followPorts puts leased numbers in the place of those of the files, and
// reports where it is not known whether to, or not wanted.
func (m *portReader) followPorts(r *rule) {
	for _, ref := range m.references().all {
		left := m.in.overrideOnly
		for i, word := range ref.words {
			if ref.to[i] != "" && !left {
				continue
			}
			found := *r
			if ref.doubtful || m.spec.PortReferences == "off" {
				found.severity = Note
			}
			found.reason = "the host port is another one in each copy; this is left alone, as it may mean the inside of the container"
			var ways []Fix
			switch {
			case left, ref.several:
				found.reason = r.reason
			case ref.stays:
				found.reason = "the host port is another one in each copy; this is left alone, as the program listens on it, too"
				found.hint = "keep the port, or reach the program from inside the project"
			case ref.left != "":
				found.severity, found.reason = Note, "the host port is another one in each copy; "+ref.left
			case ref.moved:
				found.severity, found.reason = Warning, "off the network of the machine, this is the container itself"
				found.hint = fmt.Sprintf("name service %s and its port inside the project", ref.owner)
			case m.spec.PortReferences == "off":
				found.reason = r.reason + "; it is left alone, as was asked for"
			default:
				ways = append(ways, Fix{Field: "PortReferences", Value: "all", Does: "rewrites it"})
			}
			m.report(&found, ref.find, ref.from, fmt.Sprintf("%s is the host port of service %s", word, ref.owner), ways...)
		}
		if left || ref.value == ref.text.value {
			continue
		}
		var what []string
		for i, word := range ref.words {
			if ref.to[i] != "" {
				what = append(what, word+" → "+ref.to[i])
			}
		}
		if host := ofMachine.FindStringSubmatch(ref.value); host != nil {
			found := *r
			found.reason = "it is on the loopback of the machine, which containers reach by this name on Docker Desktop only"
			if host[1] != "host.docker.internal" {
				found.reason = "it is on the loopback of the machine, which containers don't reach by this address"
			}
			m.report(&found, ref.find, ref.from, host[1]+" tells containers the host port of service "+ref.owner,
				Fix{Field: "KeepPorts", Key: strconv.Itoa(ref.number), Does: "leaves it on all addresses"})
		}
		from := ref.from
		if from.l == nil {
			from = m.src.find(ref.find)
		} else {
			ref.at, ref.prefix = m.texts.settingOf(ref.c, ref.key)
		}
		m.edit(r, change{
			at: ref.at, value: ref.prefix + ref.value, from: from,
			what: strings.Join(what, ", "), reason: "it is the host port of service " + ref.owner,
		})
	}
}

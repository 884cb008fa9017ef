// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

var portReferenceRules = []rule{{
	name:      "port-reference",
	treatment: Follow,
	severity:  Warning,
	reason:    "whoever is told this number reaches nothing, or another copy",
	apply:     followPorts,
}}

var (
	localAddress = regexp.MustCompile(`(^|[^\w-])(https?://)?((?i:localhost)|127\.0\.0\.1|\[::1\]|host\.docker\.internal)(?::(\d+)\b|([\w.:-]*))`)
	// forOthers are names of settings whose value is told to clients.
	forOthers = regexp.MustCompile(`(?i)advertis|public|external|redirect|callback|origin|cors|(base|root|site|app|web|home|frontend)_?ur[il]`)
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
	// sure are settings, with their values, that mean the host port in one
	// service: then they do in all.
	sure map[string]bool
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
	// moved is what meant the machine's network, which its container left.
	moved bool
}

// references finds them. It is needed before ports are given up, to know
// which have to be leased, and made once.
func (m *model) references() *portReferences {
	if m.refs != nil {
		return m.refs
	}
	m.refs = &portReferences{why: map[portOf]string{}, sure: map[string]bool{}}
	owners := m.portOwners()
	if len(owners) == 0 {
		return m.refs
	}
	variables := m.portVariables(owners)
	look := func(t text) {
		ref := portReference{text: t, value: t.value}
		m.followVariables(&ref, variables)
		m.followAddresses(&ref, owners)
		if len(ref.words) > 0 {
			m.refs.all = append(m.refs.all, ref)
		}
	}
	for range 2 { // the second time it is known what is sure elsewhere
		m.refs.all = nil
		m.eachText(look)
		m.leftTexts(look)
		if len(m.refs.sure) == 0 {
			break
		}
	}
	return m.refs
}

// portOwners returns the services that have a host port in the files, by port:
// of several, behind different profiles, one that is on.
func (m *model) portOwners() map[int]portOwner {
	owners := map[int]portOwner{}
	for _, c := range m.containers() {
		ports, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
		entries, _ := ports.([]any)
		for _, p := range entries {
			all := portentry.Published(p)
			if len(all) != 1 || c.body["network_mode"] == "host" || m.keptPort(all) {
				continue
			}
			if owner, ok := owners[all[0]]; !ok || !m.active(owner.service) && m.active(c.name) {
				owners[all[0]] = portOwner{c.name, m.scaled(c)}
			}
		}
	}
	return owners
}

// followAddresses looks for localhost:8080, and for http://localhost, which is
// port 80.
func (m *model) followAddresses(ref *portReference, owners map[int]portOwner) {
	inside := m.inside(ref.c)
	listens := m.listens(ref.text)
	ref.value = localAddress.ReplaceAllStringFunc(ref.value, func(word string) string {
		match := localAddress.FindStringSubmatch(word)
		scheme, host, number, more := match[2], match[3], match[4], match[5]
		switch {
		case number != "":
			word = host + ":" + number
		case more != "":
			return word
		case scheme == "http://":
			number, host = "80", scheme+host
			word = host
		case scheme == "https://":
			number, host = "443", scheme+host
			word = host
		default:
			return word
		}
		n, _ := strconv.Atoi(number)
		owner, ok := owners[n]
		if !ok {
			return match[0]
		}
		setting := ref.key + "=" + ref.text.value
		doubtful := (listens || inside.said(n) || inside.published(n) && !m.refs.sure[setting]) && !forOthers.MatchString(ref.key)
		ref.words, ref.to = append(ref.words, word), append(ref.to, "")
		ref.owner, ref.number, ref.several = owner.service, n, owner.several
		if owner.several || ref.left != "" {
			return match[0]
		}
		if m.leftHost(ref.c) && !forOthers.MatchString(ref.key) {
			ref.moved = true
			return match[0]
		}
		if m.spec.PortReferences == "off" || doubtful && m.spec.PortReferences != "all" {
			ref.doubtful = ref.doubtful || doubtful
			return match[0]
		}
		m.told(ref, owner.service, n)
		if ref.key != "" {
			m.refs.sure[setting] = true
		}
		to := host + ":" + m.portMark(owner.service, n)
		ref.to[len(ref.to)-1] = to
		return strings.TrimSuffix(match[0], word) + to
	})
}

// told notes why a port is leased.
func (m *model) told(ref *portReference, owner string, n int) {
	key := ref.key
	if key == "" {
		key = ref.at.String()
	}
	if port := (portOf{owner, n}); m.refs.why[port] == "" {
		m.refs.why[port] = key + " tells it to others"
	}
}

func (m *model) portMark(service string, n int) string {
	return m.mark(m.variable(fmt.Sprintf("port %s %d", service, n), "PORT", service, strconv.Itoa(n)))
}

// followPorts puts leased numbers in the place of those of the files, and
// reports where it is not known whether to, or not wanted.
func followPorts(m *model, r *rule) {
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
			case ref.left != "":
				found.severity, found.reason = Note, "the host port is another one in each copy; "+ref.left
			case ref.moved:
				found.severity, found.reason = Warning, "off the network of the machine, this is the container itself"
				found.hint = fmt.Sprintf("name service %s and its port inside the project", ref.owner)
			case m.spec.PortReferences == "off":
				found.reason = r.reason + "; the test wants it left alone"
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
		if strings.Contains(ref.value, "host.docker.internal:"+placeholder.Start) {
			found := *r
			found.reason = "it is on the loopback of the machine, which containers reach by this name on Docker Desktop only"
			m.report(&found, ref.find, ref.from, "host.docker.internal tells containers the host port of service "+ref.owner,
				Fix{Field: "KeepPorts", Key: strconv.Itoa(ref.number), Does: "leaves it on all addresses"})
		}
		from := ref.from
		if from.l == nil {
			from = m.src.find(ref.find)
		} else {
			ref.at, ref.prefix = m.settingOf(ref.c, ref.key)
		}
		m.edit(r, change{
			at: ref.at, value: ref.prefix + ref.value, from: from,
			what: strings.Join(what, ", "), reason: "it is the host port of service " + ref.owner,
		})
	}
}

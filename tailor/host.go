// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// machine reports what containers take of the machine itself.
type machine struct {
	*document
	*decisions
	texts *textReader
}

func (m *machine) hostRules() []rule {
	return []rule{{
		name:     "host-namespace",
		severity: Refuse,
		lockable: true,
		reason:   "its processes see and can disturb those of every other copy",
		doc: row{
			files:   "`pid: host`, `ipc: host`",
			becomes: "refused. `uts`, `userns_mode`, `cgroup`: a note",
		},
		apply: m.hostNamespaces,
	}, {
		name:     "device",
		severity: Refuse,
		lockable: true,
		reason:   "copies would use one device at the same time",
		doc: row{
			files:   "a device",
			becomes: "refused; one that can be shared (`/dev/kvm`, `/dev/fuse`, `/dev/net/tun`, `/dev/dri`, graphics processors) is a note",
		},
		apply: m.devices,
	}, {
		name:     "privileged",
		severity: Note,
		reason:   "it can change the machine that all copies run on",
		doc: row{
			files:   "privileged, or a capability to change the machine",
			becomes: "a note",
		},
		apply: m.privileged,
	}, {
		name:     "cgroup-parent",
		severity: Warning,
		reason:   "copies share its limits, and it has to be there",
		doc: row{
			with:    []string{"model"},
			becomes: "a warning",
		},
		apply: m.cgroupParents,
	}, {
		name:     "provider",
		severity: Refuse,
		reason:   "a program on the machine makes it, in its own way, for every copy",
		doc: row{
			files:   "a service that a program on the machine provides (`provider:`)",
			becomes: "refused",
		},
		apply: m.providers,
	}, {
		name:     "model",
		severity: Warning,
		reason:   "copies use the one model runner of the machine",
		apply:    m.models,
	}, {
		name:     "outside-host",
		severity: Note,
		reason:   "what answers there is the same for all copies",
		doc: row{
			files:   "`extra_hosts` and `dns` with addresses outside the project",
			becomes: "a note",
		},
		apply: m.outsideHosts,
	}}
}

// hostNamespaces refuses those in which processes meet. In the others
// (uts, users, cgroups) a container can do little to another one.
func (m *machine) hostNamespaces(r *rule) {
	for _, c := range m.containers() {
		for _, key := range []string{"pid", "ipc"} {
			if c.body[key] == "host" {
				m.refuse(r, c.at.Join(key), spot{}, key, key+": host")
			}
		}
		for _, key := range []string{"uts", "userns_mode", "cgroup"} {
			if c.body[key] == "host" {
				found := *r
				found.severity, found.reason = Note, "it shares this with the machine"
				m.report(&found, c.at.Join(key), spot{}, key+": host")
			}
		}
	}
}

// devices refuses those that one process has at a time.
func (m *machine) devices(r *rule) {
	shareable := *r
	shareable.severity, shareable.reason = Note, "copies can share it, and it has to be on every machine"
	for _, c := range m.containers() {
		for i, d := range modeltree.List(c.body, "devices") {
			source, at := modeltree.Str(d, "source"), c.at.Join("devices", i)
			switch source {
			case "/dev/net/tun", "/dev/fuse", "/dev/kvm", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom":
				m.report(&shareable, at, spot{}, "device "+source)
			default:
				if !strings.HasPrefix(source, "/dev/dri") {
					m.refuse(r, at, spot{}, source, "device "+source)
					continue
				}
				m.report(&shareable, at, spot{}, "device "+source)
			}
		}
		if c.body["gpus"] != nil {
			m.report(&shareable, c.at.Join("gpus"), spot{}, "it wants graphics processors")
		}
		at := c.at.Join("deploy", "resources", "reservations", "devices")
		if wanted, _ := m.get(at).([]any); len(wanted) > 0 {
			m.report(&shareable, at, spot{}, "it reserves devices")
		}
	}
}

func (m *machine) privileged(r *rule) {
	for _, c := range m.containers() {
		if modeltree.Truth(c.body, "privileged") {
			m.report(r, c.at.Join("privileged"), spot{}, "it is privileged")
		}
		for i, name := range modeltree.List(c.body, "cap_add") {
			name := strings.TrimPrefix(strings.ToUpper(fmt.Sprint(name)), "CAP_")
			if slices.Contains([]string{"ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "SYS_TIME", "SYS_BOOT"}, name) {
				m.report(r, c.at.Join("cap_add", i), spot{}, "it has the capability "+name)
			}
		}
	}
}

func (m *machine) cgroupParents(r *rule) {
	for _, c := range m.containers() {
		if parent := modeltree.Str(c.body, "cgroup_parent"); parent != "" {
			m.report(r, c.at.Join("cgroup_parent"), spot{}, "cgroup "+parent)
		}
	}
}

func (m *machine) providers(r *rule) {
	for _, c := range m.containers() {
		if p := modeltree.Mapping(c.body, "provider"); p != nil {
			kind := fmt.Sprint(p["type"])
			m.refuse(r, c.at.Join("provider"), spot{}, kind, "provider "+kind)
		}
	}
}

func (m *machine) models(r *rule) {
	for _, one := range m.resources("models") {
		m.report(r, one.at, spot{}, "model "+one.name)
	}
}

// outsideHosts lists what services are told of hosts outside the project. What
// moved along with a leased subnet is a variable by now.
func (m *machine) outsideHosts(r *rule) {
	m.texts.textsIn(func(t text) {
		at := strings.LastIndexAny(t.value, ":=")
		ip, told := strings.Trim(t.value, "[]"), t.value
		switch hosts := strings.Contains(t.at.String(), "extra_hosts"); {
		case hosts && t.at[len(t.at)-1] != t.key:
			ip = strings.Trim(t.value[at+1:], "[]")
		case hosts:
			told = t.key + "=" + t.value
		}
		_, err := netip.ParseAddr(ip)
		if ip == "host-gateway" || err == nil {
			m.report(r, t.at, m.src.find(t.find), told+" is outside the project")
		}
	}, "dns", "extra_hosts")
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// isForProxy tells whether containers join an external network for no more than that a
// proxy of another project finds them there: all of them tell such a proxy how, and none
// publishes a port, as the proxy itself would. To share it would give the proxy two of
// each, and who asks it for one copy may get the other. A network that the files have by
// two keys is asked about as one.
func (m *networks) isForProxy(n container, networksOf func(container) []string) bool {
	for key, first := range m.objects.sharedNames("networks") {
		if key == n.name || first == n.name {
			return false
		}
	}
	for _, c := range m.containers() {
		joined := networksOf(c)
		if slices.Contains(joined, n.name) && (!m.isProxied(c, n, joined) || m.publishes(c)) {
			return false
		}
	}
	return true
}

// isProxied tells whether a container has something for a proxy that finds containers by
// itself (labels of Traefik or of Caddy's docker proxy, the variable of nginx-proxy), and
// this network is the one for it: the only external one, or the one that a label names.
func (m *networks) isProxied(c, n container, joined []string) bool {
	labels := settings(c.body["labels"])
	if m.isStack() {
		for key, value := range settings(modeltree.Mapping(c.body, "deploy")["labels"]) {
			labels[key] = value
		}
	}
	if off := labels["traefik.enable"]; off != nil && strings.EqualFold(*off, "false") {
		return false
	}
	named := slices.ContainsFunc(slices.Collect(maps.Keys(labels)), func(key string) bool {
		return strings.HasSuffix(key, ".network") && labels[key] != nil && (*labels[key] == n.name || *labels[key] == nameOf(n))
	})
	others := slices.ContainsFunc(joined, func(key string) bool {
		return key != n.name && modeltree.Truth(modeltree.Mapping(m.orig, "networks")[key], "external")
	})
	if others && !named {
		return false
	}
	for key := range labels {
		if strings.HasPrefix(key, "traefik.") || key == "caddy" || strings.HasPrefix(key, "caddy.") || strings.HasPrefix(key, "caddy_") {
			return true
		}
	}
	host := settings(c.body["environment"])["VIRTUAL_HOST"]
	return host != nil && *host != ""
}

// publishes tells whether the files publish a port of a container.
func (m *networks) publishes(c container) bool {
	ports, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
	all, _ := ports.([]any)
	return len(all) > 0
}

// reportProxy says that the proxy is left out, and what takes its place.
func (m *networks) reportProxy(r *rule, n container, from spot, name string) {
	found := *r
	found.severity, found.reason = Warning, "its services say that a proxy finds them there, and in each copy they have a network without it: Publish reaches them"
	m.report(&found, n.at, from, fmt.Sprintf("network %q is external", name),
		Fix{Field: "Networks", Key: n.name, Value: name, Does: "shares it"},
		Fix{Field: "Networks", Key: n.name, Value: "NAME", Does: "takes another one that is there"})
}

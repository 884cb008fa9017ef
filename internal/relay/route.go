// SPDX-License-Identifier: Apache-2.0

package relay

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Route maps a name and a port, as containers use them, to a server.
type Route struct {
	Name string
	Port int
	To   string // host:port
}

func (r Route) String() string { return fmt.Sprintf("%s:%d → %s", r.Name, r.Port, r.To) }

var hostname = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$`)

// Routes reads routes: {"hooks.example.com:80": "127.0.0.1:41234"}. A name without a
// port gets the server's. A server may be given by its URL. The result is sorted by
// name.
func Routes(reach map[string]string) ([]Route, error) {
	var all []Route
	for _, key := range slices.Sorted(maps.Keys(reach)) {
		to, err := server(reach[key])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		name, text, hasPort := strings.Cut(key, ":")
		if !hasPort {
			_, text, _ = net.SplitHostPort(to)
		}
		port, err := strconv.ParseUint(text, 10, 16)
		switch {
		case !hostname.MatchString(name):
			return nil, fmt.Errorf("%q is not the name of a host, with or without a port: want hooks.example.com:80", key)
		case err != nil || port == 0:
			return nil, fmt.Errorf("%q: %q is not a port", key, text)
		}
		r := Route{name, int(port), to}
		if i := slices.IndexFunc(all, func(o Route) bool { return o.Name == r.Name && o.Port == r.Port }); i >= 0 {
			return nil, fmt.Errorf("%s:%d leads to %s and to %s", r.Name, r.Port, all[i].To, r.To)
		}
		all = append(all, r)
	}
	return all, nil
}

// server reads the address of a server.
func server(text string) (string, error) {
	if strings.Contains(text, "://") {
		u, err := url.Parse(text)
		if err != nil {
			return "", err
		}
		text = u.Host
	}
	if _, port, err := net.SplitHostPort(text); err != nil || port == "" || port == "0" {
		return "", fmt.Errorf("%q is not the address of a server: want host:port, as net.Listener.Addr and httptest.Server.URL have it", text)
	}
	return text, nil
}

// Names returns the names of routes, each once.
func Names(routes []Route) []string {
	var all []string
	for _, r := range routes {
		if !slices.Contains(all, r.Name) {
			all = append(all, r.Name)
		}
	}
	return all
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Ports are published on the loopback address of a family that the service's networks
// have, as these are when the test's words about them are done.
func TestLoopbackOfNetworks(t *testing.T) {
	const six = "networks:\n  n: {enable_ipv4: false, enable_ipv6: true}\n"
	for _, tt := range []struct {
		name, file string
		s          spec.Project
		hostIP     string
		want       string
	}{
		{"no network of its own", servicesOf(`ports: ["80:80"]`), spec.Project{}, "", "127.0.0.1"},
		{"IPv6 alone", servicesOf(`ports: ["80:80"], networks: [n]`) + six, spec.Project{}, "", "::1"},
		{"IPv6 alone, by options of the driver", servicesOf(`ports: ["80:80"], networks: [n]`) + "networks:\n  n: {enable_ipv6: true, driver_opts: {com.docker.network.enable_ipv4: \"false\"}}\n", spec.Project{}, "", "::1"},
		{"IPv6 alone by default", servicesOf(`ports: ["80:80"]`) + "networks:\n  default: {enable_ipv4: false, enable_ipv6: true}\n", spec.Project{}, "", "::1"},
		{"all addresses of IPv4 asked for", servicesOf(`ports: ["0.0.0.0:80:80"], networks: [n]`) + six, spec.Project{}, "", "::1"},
		{"loopback of IPv4 asked for", servicesOf(`ports: ["127.0.0.1:80:80"], networks: [n]`) + six, spec.Project{}, "", "::1"},
		{"of another machine", servicesOf(`ports: ["192.0.2.1::80"], networks: [n]`) + six, spec.Project{}, "", "::1"},
		{"published by the test", servicesOf(`networks: [n]`) + six, spec.Project{Publish: map[string][]int{"a": {80}}}, "", "::1"},
		{"leased", servicesOf(`ports: ["80:80"], networks: [n]`) + six, spec.Project{StablePorts: true}, "", "::1"},
		{"both", servicesOf(`ports: ["80:80"], networks: [n]`) + "networks:\n  n: {enable_ipv6: true}\n", spec.Project{}, "", "127.0.0.1"},
		{"IPv6 asked for", servicesOf(`ports: ["[::1]:80:80"], networks: [n]`) + "networks:\n  n: {enable_ipv6: true}\n", spec.Project{}, "", "::1"},
		{"another network has IPv4", servicesOf(`ports: ["80:80"], networks: [n, default]`) + six, spec.Project{}, "", "127.0.0.1"},
		{"another is internal", servicesOf(`ports: ["80:80"], networks: [n, o]`) + six + "  o: {internal: true}\n", spec.Project{}, "", "::1"},
		{"a network of the engine", servicesOf(`ports: ["80:80"], networks: [n]`) + "networks:\n  n: {external: true}\n", spec.Project{Networks: map[string]string{"n": "six"}}, "", "::1"},
		{"another network of the engine", servicesOf(`ports: ["80:80"], networks: [n]`) + "networks:\n  n: {external: true, name: six}\n", spec.Project{Networks: map[string]string{"n": "four"}}, "", "127.0.0.1"},
		{"one for each copy in its place", servicesOf(`ports: ["80:80"], networks: [n]`) + "networks:\n  n: {external: true, name: six}\n", spec.Project{Networks: map[string]string{"n": ""}}, "", "127.0.0.1"},
		{"network mode", servicesOf(`ports: ["80:80"], network_mode: theirs`), spec.Project{Networks: map[string]string{"theirs": "six"}}, "", "::1"},
		{"an engine elsewhere", servicesOf(`ports: ["80:80"], networks: [n]`) + six, spec.Project{}, "0.0.0.0", "::"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "compose.yaml")
			if err := os.WriteFile(name, []byte(tt.file), 0o666); err != nil {
				t.Fatal(err)
			}
			tt.s.Files = []string{name}
			p, err := Compose(context.Background(), tt.s, Options{IPv6Networks: []string{"six"}, HostIP: tt.hostIP})
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Services[0].Ports[0].HostIP; got != tt.want {
				t.Errorf("the port is on %q, want %q; the override:\n%s", got, tt.want, p.Override())
			}
			for _, l := range p.Leases.Ports {
				if l.HostIP != tt.want {
					t.Errorf("the port is leased on %q, want %q", l.HostIP, tt.want)
				}
			}
		})
	}
}

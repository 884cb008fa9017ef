// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// collisions are the findings of a file about what it takes twice: "refuse 5 host
// port …".
func collisions(t *testing.T, stack bool, text string, s spec.Project) (found []string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "the-directory", "compose.yaml")
	if err := os.Mkdir(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	var plan *Plan
	var err error
	if stack {
		var p *StackPlan
		if p, err = Stack(context.Background(), spec.Stack{Files: []string{name}, Allow: s.Allow, Networks: s.Networks}, StackOptions{}); p != nil {
			plan = &p.Plan
		}
	} else {
		s.Files = []string{name}
		plan, err = Compose(context.Background(), s, Options{})
	}
	var refused *RefusedError
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	for _, f := range plan.Findings {
		if f.Rule == "self-collision" {
			found = append(found, fmt.Sprintf("%s %d %s", f.Severity, f.Line, strings.ReplaceAll(f.What, name, "FILE")))
		}
	}
	return found
}

// services writes a file of services called a, b, c …, one to a line from the
// second.
func servicesOf(bodies ...string) string {
	var b strings.Builder
	b.WriteString("services:\n")
	for i, body := range bodies {
		fmt.Fprintf(&b, "  %c: {image: x, %s}\n", 'a'+i, body)
	}
	return b.String()
}

func TestSelfCollisions(t *testing.T) {
	nets := "networks:\n"
	for _, tt := range []struct {
		name string
		file string
		s    spec.Project
		want []string
	}{
		{"two services", servicesOf(`ports: ["80:80"]`, `ports: ["80:81"]`), spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"one service", servicesOf(`ports: ["80:80", "80:81"]`), spec.Project{},
			[]string{"refuse 2 host port 80 is wanted twice, also for its port 80 (FILE:2)"}},
		{"one entry twice", servicesOf(`ports: ["80:80", {target: 80, published: "80"}]`), spec.Project{}, nil},
		{"container names", servicesOf(`container_name: shop`, `container_name: shop`), spec.Project{},
			[]string{"refuse 3 container name shop is also that of service a (FILE:2)"}},
		{"a container name that Compose gives", servicesOf(``, `container_name: "${COMPOSE_PROJECT_NAME}-a-1"`), spec.Project{},
			[]string{"refuse 3 container name ${COMPOSE_PROJECT_NAME}-a-1 is also the one that docker compose gives to service a (FILE:2)"}},
		{"one that it gives to what comes later", servicesOf(`container_name: "${COMPOSE_PROJECT_NAME}-b-2"`, `scale: 2`), spec.Project{},
			[]string{"refuse 2 container name ${COMPOSE_PROJECT_NAME}-b-2 is also the one that docker compose gives to service b (FILE:3)"}},
		{"one that it gives to the project as it is named", "name: shop\n" + servicesOf(``, `container_name: shop-a-1`, `container_name: "${COMPOSE_PROJECT_NAME}-a-2"`), spec.Project{},
			[]string{"refuse 4 container name shop-a-1 is also the one that docker compose gives to service a (FILE:3)"}},
		{"two that are one in the project as it is named", "name: shop\n" + servicesOf(`container_name: shop-x`, `container_name: "${COMPOSE_PROJECT_NAME}-x"`), spec.Project{},
			[]string{"refuse 4 container name ${COMPOSE_PROJECT_NAME}-x is also that of service a (FILE:3)"}},
		{"one in the directory", servicesOf(``, `container_name: the-directory-a-1`), spec.Project{},
			[]string{"warning 3 container name the-directory-a-1 is also the one that docker compose gives to service a (FILE:2)"}},
		{"container names that Compose does not give", "name: shop\n" + servicesOf(`container_name: shop-a-1`, `container_name: shop-a-2`, `container_name: shop-d-1`, `profiles: [never]`, `scale: 0`, `container_name: shop-e-1`, `container_name: shop-h-2`, ``), spec.Project{}, nil},
		{"other protocols", servicesOf(`ports: ["80:80"]`, `ports: ["80:80/udp"]`), spec.Project{}, nil},
		{"udp", servicesOf(`ports: ["53:53/udp"]`, `ports: ["53:53/udp"]`), spec.Project{},
			[]string{"refuse 3 host port 53/udp is wanted twice, also by service a (FILE:2)"}},
		{"all addresses and one", servicesOf(`ports: ["80:80"]`, `ports: ["127.0.0.1:80:80"]`), spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"two addresses", servicesOf(`ports: ["127.0.0.1:80:80"]`, `ports: ["127.0.0.2:80:80"]`), spec.Project{}, nil},
		{"the same of another machine", servicesOf(`ports: ["10.1.1.1:80:80"]`, `ports: ["10.1.1.1:80:80"]`), spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"two families", servicesOf(`ports: ["0.0.0.0:80:80"]`, `ports: ["[::]:80:80"]`), spec.Project{}, nil},
		{"perhaps both families", servicesOf(`ports: ["80:80"]`, `ports: ["[::1]:80:80"]`), spec.Project{},
			[]string{"warning 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"IPv6 on a network that has it", servicesOf(`ports: ["80:80"], networks: [n]`, `ports: ["[::1]:80:80"], networks: [n]`) + nets + "  n: {enable_ipv6: true}\n", spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"three of them", servicesOf(`ports: ["80:80"]`, `ports: ["127.0.0.1:80:80"]`, `ports: ["127.0.0.1:80:80"]`), spec.Project{},
			[]string{"refuse 4 host port 80 is wanted twice, also by service a (FILE:2), by service b (FILE:3)"}},
		{"replicas", servicesOf(`ports: ["80:80"], deploy: {replicas: 2}`), spec.Project{},
			[]string{"refuse 2 its 2 containers want host port 80"}},
		{"scale", servicesOf(`ports: ["80:80"], scale: 3`), spec.Project{},
			[]string{"refuse 2 its 3 containers want host port 80"}},
		{"none of it", servicesOf(`ports: ["80:80"], scale: 0`, `ports: ["80:80"]`), spec.Project{}, nil},
		{"scale in a range", servicesOf(`ports: ["80-82:80"], scale: 3`), spec.Project{}, nil},
		{"scale beyond a range", servicesOf(`ports: ["80-81:80"], scale: 3`), spec.Project{},
			[]string{"refuse 2 its 3 containers want host ports 80 to 81"}},
		{"a range to a range is many ports", servicesOf(`ports: ["80-82:80-82"]`, `ports: ["81-83:1-3"]`), spec.Project{},
			[]string{"refuse 3 host ports 81 to 82 are wanted twice, also by service a (FILE:2)"}},
		{"one range for two", servicesOf(`ports: ["80-81:80"]`, `ports: ["80-81:80"]`), spec.Project{}, nil},
		{"one range for three", servicesOf(`ports: ["80-81:80"]`, `ports: ["80-81:80"]`, `ports: ["80-81:80"]`), spec.Project{},
			[]string{"refuse 4 host ports 80 to 81 are wanted twice, also by service a (FILE:2), by service b (FILE:3)"}},
		{"one out of a range", servicesOf(`ports: ["80-81:80"]`, `ports: ["80:80"]`), spec.Project{},
			[]string{"warning 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"all out of a range", servicesOf(`ports: ["80-81:80"]`, `ports: ["80:80", "81:81"]`), spec.Project{},
			[]string{"refuse 3 host ports 80 to 81 are wanted twice, also by service a (FILE:2), for its port 80 (FILE:3)"}},
		{"the engine chooses", servicesOf(`ports: ["80"], scale: 2`, `ports: ["80"]`), spec.Project{}, nil},
		{"profile off", servicesOf(`ports: ["80:80"], profiles: [p]`, `ports: ["80:80"]`), spec.Project{}, nil},
		{"profile on", servicesOf(`ports: ["80:80"], profiles: [p]`, `ports: ["80:80"]`), spec.Project{Profiles: []string{"p"}},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"network of another, or none", servicesOf(`ports: ["80:80"]`, `network_mode: "service:a", expose: [80]`, `network_mode: none, ports: ["80:80"]`), spec.Project{}, nil},
		{"nothing leads out", servicesOf(`ports: ["80:80"], networks: [n]`, `ports: ["80:80"]`) + nets + "  n: {internal: true}\n", spec.Project{}, nil},
		{"network of the machine", servicesOf(`ports: ["80:80"], network_mode: host`, `ports: ["80:80"]`), spec.Project{Networks: map[string]string{"host": ""}}, nil},
		{"one after the other", servicesOf(`ports: ["80:80"]`, `ports: ["80:80"], depends_on: {c: {condition: service_started}}`,
			`depends_on: {a: {condition: service_completed_successfully}}`), spec.Project{}, nil},
		{"one healthy before the other", servicesOf(`ports: ["80:80"]`, `ports: ["80:80"], depends_on: {a: {condition: service_healthy}}`), spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"allowed", servicesOf(`ports: ["80:80"]`, `ports: ["80:80"]`), spec.Project{Allow: []string{"self-collision"}},
			[]string{"note 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"subnets", servicesOf(`networks: [n, o]`) + nets + "  n: {ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  o: {ipam: {config: [{subnet: 172.30.9.0/24}]}}\n", spec.Project{},
			[]string{"refuse 5 subnet 172.30.9.0/24 overlaps 172.30.0.0/16 of network n (FILE:4)"}},
		{"subnets side by side", servicesOf(`networks: [n, o]`) + nets + "  n: {ipam: {config: [{subnet: 172.30.0.0/24}]}}\n  o: {ipam: {config: [{subnet: 172.30.1.0/24}]}}\n", spec.Project{}, nil},
		{"a subnet of nobody", servicesOf(`networks: [n]`, `networks: [o], profiles: [p]`) + nets + "  n: {ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  o: {ipam: {config: [{subnet: 172.30.9.0/24}]}}\n", spec.Project{}, nil},
		{"subnets of IPv6 that is off", servicesOf(`networks: [n, o]`) + nets + "  n: {ipam: {config: [{subnet: \"fd00:1::/64\"}]}}\n  o: {ipam: {config: [{subnet: \"fd00:1::/64\"}]}}\n", spec.Project{}, nil},
		{"subnets of IPv6", servicesOf(`networks: [n, o]`) + nets + "  n: {enable_ipv6: true, ipam: {config: [{subnet: \"fd00:1::/64\"}]}}\n  o: {enable_ipv6: true, ipam: {config: [{subnet: \"fd00:1::/64\"}]}}\n", spec.Project{},
			[]string{"refuse 5 subnet fd00:1::/64 overlaps fd00:1::/64 of network n (FILE:4)"}},
		{"bridges", servicesOf(`networks: [n, o]`) + nets + "  n: {driver_opts: {com.docker.network.bridge.name: br0}}\n  o: {driver_opts: {com.docker.network.bridge.name: br0}}\n", spec.Project{},
			[]string{"refuse 5 bridge br0 is also that of network n (FILE:4)"}},
		{"addresses", servicesOf(`networks: {n: {ipv4_address: 172.30.0.9}}`, `networks: {n: {ipv4_address: 172.30.0.9}}`) + nets + "  n: {ipam: {config: [{subnet: 172.30.0.0/16}]}}\n", spec.Project{},
			[]string{"refuse 3 address 172.30.0.9 on network n is also that of service a (FILE:2)"}},
		{"addresses of a network that each copy gets", servicesOf(`networks: {n: {ipv4_address: 172.30.0.9}}`, `networks: {n: {ipv4_address: 172.30.0.9}}`) + nets + "  n: {external: true}\n",
			spec.Project{Networks: map[string]string{"n": ""}}, []string{"refuse 3 address 172.30.0.9 on network n is also that of service a (FILE:2)"}},
		{"an address of several", servicesOf(`scale: 2, networks: {n: {ipv4_address: 172.30.0.9}}`) + nets + "  n: {ipam: {config: [{subnet: 172.30.0.0/16}]}}\n", spec.Project{},
			[]string{"refuse 2 its 2 containers want address 172.30.0.9"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, collisions(t, false, tt.file, tt.s)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSelfCollisionsOfStacks(t *testing.T) {
	host := func(n int) string { return fmt.Sprintf(`ports: [{target: 80, published: %d, mode: host}]`, n) }
	for _, tt := range []struct {
		name string
		file string
		s    spec.Project
		want []string
	}{
		{"two services", servicesOf(`ports: ["80:80"]`, `ports: ["80:80"]`), spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"one service", servicesOf(`ports: ["80:80", "80:81"]`), spec.Project{},
			[]string{"refuse 2 host port 80 is wanted twice, also for its port 80 (FILE:2)"}},
		{"other protocols", servicesOf(`ports: ["80:80"]`, `ports: ["80:80/udp"]`), spec.Project{}, nil},
		{"replicas on all nodes", servicesOf(`ports: ["80:80"], deploy: {replicas: 3}`), spec.Project{}, nil},
		{"all nodes and one", servicesOf(`ports: ["80:80"]`, host(80)), spec.Project{},
			[]string{"refuse 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"nodes", servicesOf(host(80), host(80)), spec.Project{},
			[]string{"warning 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"replicas on nodes", servicesOf(host(80) + `, deploy: {replicas: 2}`), spec.Project{},
			[]string{"warning 2 2 tasks want host port 80 of their nodes"}},
		{"on each node", servicesOf(host(80) + `, deploy: {mode: global}`), spec.Project{}, nil},
		{"start-first", servicesOf(host(80) + `, deploy: {update_config: {order: start-first}}`), spec.Project{},
			[]string{"warning 2 host port 80 of the node, and update_config.order: start-first"}},
		{"start-first back", servicesOf(host(80) + `, deploy: {rollback_config: {order: start-first}}`), spec.Project{},
			[]string{"warning 2 host port 80 of the node, and rollback_config.order: start-first"}},
		{"start-first with a port that is chosen", servicesOf(`ports: [{target: 80, mode: host}], deploy: {update_config: {order: start-first}}`), spec.Project{}, nil},
		{"allowed", servicesOf(host(80)+`, deploy: {update_config: {order: start-first}}`, host(80)), spec.Project{Allow: []string{"self-collision"}},
			[]string{"note 2 host port 80 of the node, and update_config.order: start-first", "note 3 host port 80 is wanted twice, also by service a (FILE:2)"}},
		{"subnets", servicesOf(`networks: [n, o]`) + "networks:\n  n: {ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  o: {ipam: {config: [{subnet: 172.30.9.0/24}]}}\n", spec.Project{},
			[]string{"refuse 5 subnet 172.30.9.0/24 overlaps 172.30.0.0/16 of network n (FILE:4)"}},
		{"subnets of IPv6", servicesOf(`networks: [n, o]`) + "networks:\n  n: {ipam: {config: [{subnet: \"fd00:1::/64\"}]}}\n  o: {ipam: {config: [{subnet: \"fd00:1::/64\"}]}}\n", spec.Project{}, nil},
		{"subnets of another driver", servicesOf(`networks: [n, o]`) + "networks:\n  n: {driver: other, ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  o: {ipam: {config: [{subnet: 172.30.9.0/24}]}}\n", spec.Project{}, nil},
		{"a subnet of nobody", servicesOf(`networks: [n]`) + "networks:\n  n: {ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  o: {ipam: {config: [{subnet: 172.30.9.0/24}]}}\n", spec.Project{}, nil},
		{"names of networks", servicesOf(`networks: [n, o]`) + "networks:\n  n: {name: one}\n  o: {name: one}\n", spec.Project{},
			[]string{`refuse 5 name "one" is also that of network n (FILE:4)`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, collisions(t, true, tt.file+"version: \"3.9\"\n", tt.s)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// A port that the copies keep gives way no more easily in them.
func TestReasonsOfNodePorts(t *testing.T) {
	const port = `ports: [{target: 80, published: 80, mode: host}], deploy: {`
	name := filepath.Join(t.TempDir(), "stack.yaml")
	for _, deploy := range []string{"replicas: 2}", "update_config: {order: start-first}}", "mode: global, update_config: {order: start-first}}"} {
		if err := os.WriteFile(name, []byte(servicesOf(port+deploy)), 0o666); err != nil {
			t.Fatal(err)
		}
		for want, kept := range map[string][]int{"; in the copies each has another port": nil, "; in the copies as well, where the port is kept": {80}} {
			p, err := Stack(t.Context(), spec.Stack{Files: []string{name}, KeepPorts: kept}, StackOptions{})
			if err != nil {
				t.Fatal(err)
			}
			is := func(f Finding) bool { return f.Rule == "self-collision" && strings.HasSuffix(f.Reason, want) }
			if !slices.ContainsFunc(p.Findings, is) {
				t.Errorf("%s, with KeepPorts %v: no finding ends with %q: %v", deploy, kept, want, p.Findings)
			}
		}
	}
}

// Many ports that are all wanted twice are one finding.
func TestSelfCollisionOfManyPorts(t *testing.T) {
	got := collisions(t, false, servicesOf(`ports: ["20000-20999:20000-20999"]`, `ports: ["20000-20999:20000-20999"]`), spec.Project{})
	if want := []string{"refuse 3 host ports 20000 to 20999 are wanted twice, also by service a (FILE:2)"}; !slices.Equal(got, want) {
		t.Errorf("findings = %q, want %q", got, want)
	}
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Two keys of one name are one network or volume in the copies, too, with what is
// leased for it.
func TestOneName(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		file string
		want []string // in the override
		none string
		spec func(*spec.Project)
	}{
		"networks": {
			file: "services:\n  a: {image: x, networks: [front], labels: {proxy.network: shop_net}}\n  b: {image: x, networks: [back]}\nnetworks:\n  front: {name: shop_net}\n  back: {name: shop_net}\n",
			want: []string{`front: !override {name: "${COMPOSE_PROJECT_NAME}_back"}`, `{"proxy.network": "${COMPOSE_PROJECT_NAME}_back"}`},
		},
		"by the name of the project": {
			file: "name: shop\nservices:\n  a: {image: x, networks: [front]}\n  b: {image: x, networks: [back]}\nnetworks:\n  front:\n  back: {name: shop_front}\n",
			want: []string{`front: !override {name: "${COMPOSE_PROJECT_NAME}_back"}`},
		},
		"volumes": {
			file: "services:\n  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: {name: shop_data}\n  two: {name: shop_data}\n",
			want: []string{`two: !override {name: "${COMPOSE_PROJECT_NAME}_one"}`},
		},
		"a subnet": {
			file: "services:\n  a: {image: x, networks: {front: {ipv4_address: 172.30.0.9}}}\n  b: {image: x, networks: {back: {ipv4_address: 172.30.0.8}}}\n" +
				"networks:\n  front: &n {name: shop_net, ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  back: *n\n",
			want: []string{`front: !override {ipam: {config: [{subnet: "${SEATRIAL_SUBNET_BACK}"}]}, name: "${COMPOSE_PROJECT_NAME}_back"}`},
			none: "SEATRIAL_SUBNET_FRONT",
		},
		"an empty volume in the place of a share": {
			file: "services:\n  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: &v {name: shop_data, driver: nfs}\n  two: *v\n",
			want: []string{`two: !override {name: "${COMPOSE_PROJECT_NAME}_one"}`}, none: "driver: nfs",
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"of which one is in use": {
			file: "services:\n  a: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: {name: shop_data}\n  two: {name: shop_data, labels: {a: b}}\n",
			want: []string{"two:\n    name: !reset null"},
		},
		"of which the first is not in use": {
			file: "services:\n  a: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: {name: shop_data, driver: nfs}\n  two: {name: shop_data, driver: nfs}\n",
			want: []string{`one: !override {name: "${COMPOSE_PROJECT_NAME}_two"}`}, none: "driver: nfs",
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"external networks, isolated": {
			file: "services:\n  a: {image: x, networks: [proxy]}\n  b: {image: x, networks: [traefik]}\nnetworks:\n  proxy: &n {name: edge, external: true}\n  traefik: *n\n",
			want: []string{`traefik: !override {name: "${COMPOSE_PROJECT_NAME}_proxy"}`},
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"external volumes, isolated": {
			file: "services:\n  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: &v {name: shop_data, external: true}\n  two: *v\n",
			want: []string{`two: !override {name: "${COMPOSE_PROJECT_NAME}_one"}`},
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"the network that nobody has to declare": {
			file: "name: shop\nservices:\n  a: {image: x}\n  b: {image: x, networks: [n2]}\nnetworks:\n  n2: {name: shop_default}\n",
			want: []string{`default: !override {name: "${COMPOSE_PROJECT_NAME}_n2"}`},
		},
		"an own network beside an external one, isolated": {
			file: "services:\n  a: {image: x, networks: {own: {ipv4_address: 172.30.0.9}}, labels: {proxy.network: edge}}\n  b: {image: x, networks: [theirs]}\n" +
				"networks:\n  theirs: {name: edge, external: true}\n  own: {name: edge, ipam: {config: [{subnet: 172.30.0.0/16}]}}\n",
			want: []string{`theirs: !override {ipam: {config: [{subnet: "${SEATRIAL_SUBNET_OWN}"}]}, name: "${COMPOSE_PROJECT_NAME}_own"}`, `{"proxy.network": "${COMPOSE_PROJECT_NAME}_own"}`},
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"an own network beside an external one, whose key is its name": {
			file: "services:\n  a: {image: x, networks: [own]}\n  b: {image: x, networks: [edge]}\nnetworks:\n  edge: {external: true}\n  own: {name: edge}\n",
			want: []string{`edge: !override {name: "${COMPOSE_PROJECT_NAME}_own"}`},
			spec: func(p *spec.Project) { p.Networks = map[string]string{"edge": ""} },
		},
		"an own network beside an external one that the test shares": {
			file: "services:\n  a: {image: x, networks: [own], labels: {proxy.network: edge}}\n  b: {image: x, networks: [theirs]}\nnetworks:\n  theirs: {name: edge, external: true}\n  own: {name: edge, internal: true}\n",
			want: []string{`own: !override {external: true, name: "edge"}`}, none: "labels",
			spec: func(p *spec.Project) { p.Networks = map[string]string{"theirs": "edge"} },
		},
		"an own network beside one that the test brings": {
			file: "services:\n  a: {image: x, networks: [own], labels: {proxy.network: edge}}\n  b: {image: x, networks: [theirs], profiles: [off]}\nnetworks:\n  theirs: {name: edge, external: true}\n  own: {name: edge}\n",
			want: []string{`own: !override {external: true, name: "mine"}`, `theirs:` + "\n    name: \"mine\"", `{"proxy.network": "mine"}`},
			spec: func(p *spec.Project) { p.Networks = map[string]string{"edge": "mine"} },
		},
		"an own volume beside an external one, isolated": {
			file: "services:\n  a: {image: x, volumes: [\"own:/a\"]}\n  b: {image: x, volumes: [\"theirs:/a\"]}\nvolumes:\n  theirs: {name: data, external: true}\n  own: {name: data, labels: {a: b}}\n",
			want: []string{`theirs: !override {labels: {a: "b"}, name: "${COMPOSE_PROJECT_NAME}_own"}`},
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"an external network that nobody joins": {
			file: "services:\n  a: {image: x, networks: [own]}\nnetworks:\n  theirs: {name: edge, external: true}\n  own: {name: edge}\n",
			want: []string{"own:\n    name: !reset null"}, none: "theirs",
		},
		"external networks, of which labels speak": {
			file: "services:\n  a: {image: x, networks: [one], labels: {proxy.network: edge}, profiles: [off]}\n  b: {image: x, networks: [two], labels: {proxy.network: edge}}\nnetworks:\n  one: &n {name: edge, external: true}\n  two: *n\n",
			want: []string{`one: !override {name: "${COMPOSE_PROJECT_NAME}_two"}`, `labels: !override {"proxy.network": "${COMPOSE_PROJECT_NAME}_two"}`}, none: "_one",
			spec: func(p *spec.Project) { p.Isolate = true },
		},
		"shared external networks, of which labels speak": {
			file: "services:\n  a: {image: x, container_name: web, networks: [one], labels: {proxy.network: edge}}\n  b: {image: x, networks: [two]}\nnetworks:\n  one: &n {name: edge, external: true}\n  two: *n\n",
			none: "proxy.network",
			spec: func(p *spec.Project) { p.Networks = map[string]string{"edge": "edge"} },
		},
		"external networks that the test sets apart": {
			file: "services:\n  a: {image: x, networks: [one]}\n  b: {image: x, networks: [two]}\nnetworks:\n  one: &n {name: edge, external: true}\n  two: *n\n",
			want: []string{"one:\n    name: \"mine\"", "two:\n    name: \"yours\""},
			spec: func(p *spec.Project) { p.Networks = map[string]string{"one": "mine", "two": "yours"} },
		},
		"that the test brings": {
			file: "services:\n  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: {name: shop_data, driver: nfs}\n  two: {name: shop_data, driver: nfs}\n",
			want: []string{`one: !override {external: true, name: "mine"}`, `two: !override {external: true, name: "mine"}`},
			spec: func(p *spec.Project) { p.Volumes = map[string]string{"shop_data": "mine"} },
		},
	} {
		dir := tree(t, "-- compose.yaml --\n"+tt.file)
		plan, err := planned(dir, tt.spec)
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		if n := len(plan.Leases.Subnets); n > 1 {
			t.Errorf("%s: %d subnets are leased, want one", about, n)
		}
		override := string(plan.Override())
		for _, want := range tt.want {
			if !strings.Contains(override, want) {
				t.Errorf("%s: the override lacks\n%s\nin\n%s", about, want, override)
			}
		}
		if tt.none != "" && strings.Contains(override, tt.none) {
			t.Errorf("%s: the override has %s:\n%s", about, tt.none, override)
		}
	}
}

func TestOneNameOfAStack(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		file string
		want []string // in the plan
		none string
		same map[string]string
		spec spec.Stack
	}{
		"volumes": {
			file: "  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: {name: shop_data}\n  two: {name: shop_data}\n",
			want: []string{`name "shop_data" → that of volume one`}, same: map[string]string{"two": "one"},
		},
		"external networks, isolated": {
			file: "  a: {image: x, networks: [one], deploy: {labels: {proxy.network: edge}}}\n  b: {image: x, networks: [two]}\nnetworks:\n  one: &n {name: edge, external: true}\n  two: *n\n",
			want: []string{`name "edge" → that of network one`, `label proxy.network: network "edge" → ${SEATRIAL_STACK}_one`}, none: "_two", same: map[string]string{"two": "one"},
			spec: spec.Stack{Isolate: true},
		},
		"external networks, one called by its key": {
			file: "  a: {image: x, networks: [one]}\n  b: {image: x, networks: [edge]}\nnetworks:\n  one: {name: edge, external: true}\n  edge: {external: true}\n",
			want: []string{`name "edge" → that of network edge`}, same: map[string]string{"one": "edge"},
			spec: spec.Stack{Networks: map[string]string{"edge": ""}},
		},
		"external networks that the test shares": {
			file: "  a: {image: x, networks: [one], deploy: {labels: {proxy.network: edge}}}\n  b: {image: x, networks: [two]}\nnetworks:\n  one: &n {name: edge, external: true}\n  two: *n\n",
			none: "that of", same: map[string]string{"two": "one"},
			spec: spec.Stack{Networks: map[string]string{"edge": "edge"}},
		},
		"external volumes, isolated": {
			file: "  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: &n {name: data, external: true}\n  two: *n\n",
			want: []string{`name "data" → that of volume one`}, same: map[string]string{"two": "one"},
			spec: spec.Stack{Isolate: true},
		},
		"an own volume beside an external one": {
			file: "  a: {image: x, volumes: [\"one:/a\"]}\n  b: {image: x, volumes: [\"two:/a\"]}\nvolumes:\n  one: {name: data, external: true}\n  two: {name: data}\n",
			want: []string{`name "data" → that of volume two`}, same: map[string]string{"one": "two"},
			spec: spec.Stack{Isolate: true},
		},
	} {
		plan, err := planStack(t, "version: \"3.9\"\nservices:\n"+tt.file, tt.spec)
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(plan.Text(), want) {
				t.Errorf("%s: the plan lacks %q:\n%s", about, want, plan.Text())
			}
		}
		if tt.none != "" && strings.Contains(plan.Text(), tt.none) {
			t.Errorf("%s: the plan has %s:\n%s", about, tt.none, plan.Text())
		}
		same := maps.Clone(plan.SameNetworks)
		maps.Copy(same, plan.SameVolumes)
		if !maps.Equal(same, tt.same) {
			t.Errorf("%s: one are %v, want %v", about, same, tt.same)
		}
	}
}

// Of one network or volume there are no two sets of options.
func TestOneNameTwice(t *testing.T) {
	t.Parallel()
	const users = `networks: [front], volumes: ["one:/a"]`
	for about, tt := range map[string]struct {
		objects, b string
		stack      bool
		want       []string
	}{
		"networks": {objects: "networks:\n  front: {name: n}\n  back: {name: n, internal: true}\nvolumes: {one: }\n", b: "networks: [back]",
			want: []string{`refuse 5 name "n" is also that of network back (FILE:6), with other internal`}},
		"volumes": {objects: "networks: {front: }\nvolumes:\n  one: {name: v}\n  two: {name: v, labels: {a: b}}\n", b: `volumes: ["two:/a"]`,
			want: []string{`refuse 7 name "v" is also that of volume one (FILE:6), with other labels`}},
		"volumes of a stack": {objects: "networks: {front: }\nvolumes:\n  one: {name: v}\n  two: {name: v, labels: {a: b}}\n", b: `volumes: ["two:/a"]`, stack: true,
			want: []string{`refuse 7 name "v" is also that of volume one (FILE:6), with other labels`}},
		"an own network beside an external one": {objects: "networks:\n  front: {name: n, external: true}\n  back: {name: n, driver: bridge}\nvolumes: {one: }\n", b: "networks: [back]"},
		"a network that a stack makes, and one that has to be there": {objects: "networks:\n  front: {name: n, external: true}\n  back: {name: n}\nvolumes: {one: }\n", b: "networks: [back]", stack: true,
			want: []string{`refuse 5 name "n" is also that of network back (FILE:6)`}},
		"the same, by its key": {objects: "networks:\n  front: {external: true}\n  back: {name: front}\nvolumes: {one: }\n", b: "networks: [back]", stack: true,
			want: []string{`refuse 5 name "front" is also that of network back (FILE:6)`}},
		"of which the stack uses one":        {objects: "networks:\n  front: {name: n}\n  back: {name: n, external: true}\nvolumes: {one: }\n", b: "command: x", stack: true},
		"external networks of a stack":       {objects: "networks:\n  front: {name: n, external: true}\n  back: {name: n, external: true}\nvolumes: {one: }\n", b: "networks: [back]", stack: true},
		"bridges and subnets of one network": {objects: "networks:\n  front: &n {name: n, driver_opts: {com.docker.network.bridge.name: br0}, ipam: {config: [{subnet: 172.30.0.0/16}]}}\n  back: *n\nvolumes: {one: }\n", b: "networks: [back]"},
	} {
		got := collisions(t, tt.stack, servicesOf(users, tt.b)+tt.objects, spec.Project{})
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: findings\n%q, want\n%q", about, got, tt.want)
		}
	}
}

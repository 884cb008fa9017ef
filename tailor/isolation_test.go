// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/spec"
)

// What two tailored copies have in common, found without the rules: both are
// loaded with Compose's loader under two names and with two sets of leases, and
// everything is listed that the engine or the machine has once.

// common lists what copies of a plan share.
func common(t *testing.T, plan *Plan) []string {
	t.Helper()
	a, b := claims(t, plan, "copya", 0), claims(t, plan, "copyb", 1)
	var all []string
	for claim := range a {
		if b[claim] {
			all = append(all, claim)
		}
	}
	slices.Sort(all)
	return all
}

// claims are the things that one copy takes for itself.
func claims(t *testing.T, plan *Plan, name string, number int) map[string]bool {
	t.Helper()
	p := effective(t, plan, name, number)
	all := map[string]bool{}
	add := func(format string, args ...any) { all[fmt.Sprintf(format, args...)] = true }
	copied, untagged := map[string]bool{}, map[string]bool{}
	for _, c := range plan.Copies {
		copied[c.Service+" "+c.Target] = true
	}
	for _, b := range plan.Builds {
		untagged[b.Service] = b.Named != "" // who builds it gives it a name of its own
	}
	for _, s := range p.AllServices() {
		if s.ContainerName != "" {
			add("container name %s", s.ContainerName)
		}
		for _, port := range s.Ports {
			if port.Published != "" && port.Published != "0" {
				add("host port %s/%s", port.Published, port.Protocol)
			}
		}
		if s.Build != nil && !untagged[s.Name] {
			for _, tag := range append([]string{s.Image}, s.Build.Tags...) {
				if tag != "" {
					add("image tag %s", tag)
				}
			}
		}
		for _, mode := range []string{"network " + s.NetworkMode, "pid " + s.Pid, "ipc " + s.Ipc} {
			if kind, of, _ := strings.Cut(mode, " "); of == "host" || strings.HasPrefix(of, "container:") {
				add("%s namespace %s", kind, of)
			}
		}
		for _, link := range append(slices.Clone(s.ExternalLinks), s.VolumesFrom...) {
			if strings.HasPrefix(link, "container:") || slices.Contains(s.ExternalLinks, link) {
				add("container %s", link)
			}
		}
		for _, d := range s.Devices {
			add("device %s", d.Source)
		}
		if s.UseAPISocket {
			add("the engine's socket")
		}
		for _, v := range s.Volumes {
			switch {
			case copied[s.Name+" "+v.Target]:
			case v.Type == "bind" && strings.HasSuffix(v.Source, "docker.sock"):
				add("the engine's socket")
			case v.Type == "bind" && !v.ReadOnly:
				add("writable directory %s", v.Source)
			case v.Type == "volume" && v.Source != "":
				volume := p.Volumes[v.Source]
				add("volume %s", volume.Name)
				if d := volume.DriverOpts["device"]; d != "" && volume.DriverOpts["type"] != "tmpfs" && !v.ReadOnly && !strings.Contains(","+volume.DriverOpts["o"]+",", ",ro,") {
					add("device of volume %s", d)
				}
			}
		}
	}
	for _, n := range p.Networks {
		add("network %s", n.Name)
		for _, c := range n.Ipam.Config {
			if c.Subnet != "" {
				add("subnet %s", c.Subnet)
			}
		}
		if bridge := n.DriverOpts["com.docker.network.bridge.name"]; bridge != "" {
			add("bridge %s", bridge)
		}
	}
	return all
}

// effective loads what docker compose would load, with the leases of one copy.
func effective(t *testing.T, plan *Plan, name string, number int) *types.Project {
	t.Helper()
	env := types.Mapping{}
	if content, err := os.ReadFile(filepath.Join(plan.Dir, ".env")); err == nil {
		if vars, err := dotenv.UnmarshalBytesWithLookup(content, nil); err == nil {
			maps.Copy(env, vars)
		}
	}
	maps.Copy(env, plan.Env)
	env["COMPOSE_PROJECT_NAME"] = name
	maps.Copy(env, leased(t, plan.Leases, number))
	details := types.ConfigDetails{WorkingDir: plan.Dir, Environment: env}
	for _, f := range plan.Files {
		file := types.ConfigFile{Filename: f}
		for _, text := range plan.Texts {
			if text.File == f {
				file.Content = []byte(text.Content)
			}
		}
		details.ConfigFiles = append(details.ConfigFiles, file)
	}
	if o := plan.Override(); o != nil {
		details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: "override.yaml", Content: o})
	}
	p, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName(name, true)
		o.Profiles = []string{"*"}
		o.SkipResolveEnvironment = true
		o.Interpolate.Substitute = func(s string, m template.Mapping) (string, error) {
			return template.SubstituteWithOptions(s, m, template.WithoutLogging)
		}
	})
	if err != nil {
		t.Fatalf("loading copy %s: %v", name, err)
	}
	return p
}

// leased gives values to the variables of a plan, as its runner would.
func leased(t *testing.T, l Leases, number int) map[string]string {
	t.Helper()
	values := map[string]string{}
	for i, p := range l.Ports {
		values[p.Variable] = fmt.Sprint(20000 + 20000*number + i)
	}
	for i, s := range l.Subnets {
		from := netip.MustParsePrefix(s.Subnet)
		base := netip.AddrFrom4([4]byte{10, byte(100*number + i), 0, 0})
		if from.Addr().Is6() {
			base = netip.MustParseAddr(fmt.Sprintf("fd00:%d:%d::", number+1, i))
		}
		to, err := s.Values(netip.PrefixFrom(base, from.Bits()))
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(values, to)
	}
	return values
}

// What no rule looks at is seen: the check can fail.
func TestCommonSees(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "compose.yaml")
	text := `
services:
  web:
    image: web
    build: .
    container_name: shop
    ports: ["8080:80", "53:53/udp"]
    volumes: ["./data:/data", "data:/x", "/var/run/docker.sock:/s:ro", "bound:/bound"]
    devices: ["/dev/ttyS0"]
    pid: host
    ipc: "container:other"
  agent:
    image: agent
    network_mode: host
networks:
  default:
    name: shop
    driver_opts: {com.docker.network.bridge.name: br-shop}
    ipam: {config: [{subnet: 10.1.0.0/16}]}
volumes:
  data: {name: shop-data}
  bound: {driver_opts: {type: none, o: bind, device: /srv}}
`
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	plan, err := compose(context.Background(), spec.Project{Files: []string{name}}, Options{}, func(*parts) []rule { return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"bridge br-shop", "container name shop", "device /dev/ttyS0", "device of volume /srv", "host port 53/udp", "host port 8080/tcp",
		"image tag web", "ipc namespace container:other", "network namespace host", "network shop", "pid namespace host", "subnet 10.1.0.0/16",
		"the engine's socket", "volume shop-data", "writable directory " + dir + "/data",
	}
	if diff := cmp.Diff(want, common(t, plan)); diff != "" {
		t.Errorf("shared (-want +got):\n%s", diff)
	}
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// description says in the plan what will run.
type description struct {
	*document
	built     *builtImages
	hostPorts *hostPorts
	leasing   *leasing
	mounts    *mountReader
	objects   *objects
	recipes   *recipes
}

// describe fills in what will run: the services that are on, and the networks
// and volumes that Compose creates for the project.
func (m *description) describe() {
	uses := map[string]bool{}
	for _, c := range m.containers() {
		for _, network := range c.networks() {
			uses[network] = true
		}
		if c.at[0] == "services" && m.active(c.name) && c.body["provider"] == nil {
			m.plan.Services = append(m.plan.Services, m.service(c))
		}
		if c.at[0] == "services" && !m.active(c.name) {
			m.off(c)
		}
	}
	m.plan.settings = m.settings
	m.describeHostPaths()
	m.describeSecrets()
	m.recipes.planBuilds()
	for _, n := range m.resources("networks") {
		if !modeltree.Truth(n.body, "external") && (n.name != "default" || uses["default"]) {
			m.plan.Networks = append(m.plan.Networks, n.name)
		}
	}
	if uses["default"] && !slices.Contains(m.plan.Networks, "default") && !modeltree.Truth(modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), "default"), "external") {
		m.plan.Networks = append(m.plan.Networks, "default")
		slices.Sort(m.plan.Networks)
	}
	for _, v := range m.resources("volumes") {
		if !modeltree.Truth(v.body, "external") {
			m.plan.Volumes = append(m.plan.Volumes, v.name)
		}
	}
	m.plan.SameNetworks, m.plan.SameVolumes = m.objects.sharedNames("networks"), m.objects.sharedNames("volumes")
	m.plan.NetworkOptions, m.plan.VolumeOptions = m.made("networks", m.plan.Networks), m.made("volumes", m.plan.Volumes)
}

// made describes the networks or volumes of the project. A path in it is the same for
// the next version of the files, which may lie elsewhere.
func (m *description) made(kind string, keys []string) map[string]Made {
	all := map[string]Made{}
	section := modeltree.Mapping(m.tree, kind)
	for _, key := range keys {
		body, _ := modeltree.Clone(section[key]).(map[string]any)
		labels, _ := json.Marshal(body["labels"])
		delete(body, "labels")
		delete(body, "name")
		if body["driver"] == "local" || body["driver"] == "default" {
			delete(body, "driver")
		}
		if opts := modeltree.Mapping(body, "driver_opts"); bindOptions(opts) != nil {
			opts["device"] = m.pathShown(absolute(m.in.dir, modeltree.Str(opts, "device")))
		}
		options := "{}"
		if len(body) > 0 {
			text, _ := json.Marshal(body) // a loaded model is nothing but maps, lists and scalars
			options = placeholder.ShownText(string(text))
		}
		all[key] = Made{Options: options, Labels: string(labels)}
	}
	return all
}

func (m *description) off(c container) {
	var profiles []string
	for _, p := range modeltree.List(c.body, "profiles") {
		profiles = append(profiles, fmt.Sprint(p))
	}
	if m.plan.Off == nil {
		m.plan.Off = map[string][]string{}
	}
	m.plan.Off[c.name] = profiles
}

// describeHostPaths lists what comes from the host. A secret or config without a
// file is copied into the container.
func (m *description) describeHostPaths() {
	for _, b := range m.mounts.mounts() {
		if b.c.at[0] == "services" && m.active(b.c.name) && b.where.Service() != "" && !strings.HasPrefix(b.source, `\\.\pipe\`) {
			m.plan.HostPaths = append(m.plan.HostPaths, HostPath{Place: b.from.place(b.at), Source: b.source, Target: b.target, ReadOnly: b.readOnly, MustExist: b.mustExist})
		}
	}
	for _, c := range m.containers() {
		if c.at[0] != "services" || !m.active(c.name) {
			continue
		}
		for _, kind := range []string{"secrets", "configs"} {
			for i, use := range modeltree.List(c.body, kind) {
				if file := modeltree.Str(modeltree.Mapping(modeltree.Mapping(m.tree, kind), modeltree.Str(use, "source")), "file"); file != "" {
					at := c.at.Join(kind, i)
					m.plan.HostPaths = append(m.plan.HostPaths, HostPath{Place: m.src.find(at).place(at), Source: file, ReadOnly: true})
				}
			}
		}
	}
}

// describeSecrets lists what the project's secrets hold.
func (m *description) describeSecrets() {
	for _, body := range modeltree.Mapping(m.tree, "secrets") {
		if file := modeltree.Str(body, "file"); file != "" {
			m.plan.SecretFiles = append(m.plan.SecretFiles, file)
		}
		m.plan.SecretTexts = append(m.plan.SecretTexts, m.contents(body)...)
	}
	slices.Sort(m.plan.SecretFiles)
	slices.Sort(m.plan.SecretTexts)
}

// contents returns what a secret or config holds that is no file.
func (m *description) contents(body any) []string {
	var all []string
	for _, text := range []string{modeltree.Str(body, "content"), m.in.env[modeltree.Str(body, "environment")]} {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}

func (m *description) service(c container) Service {
	typed := m.project.Services[c.name]
	s := Service{
		Name: c.name, At: m.src.find(c.at).place(c.at), Image: placeholder.ShownText(modeltree.Str(c.body, "image")), ContainerName: placeholder.ShownText(typed.ContainerName),
		Platform: modeltree.Str(c.body, "platform"), PullPolicy: modeltree.Str(c.body, "pull_policy"),
		Replicas: typed.GetScale(), Room: m.hostPorts.rooms[c.name], Build: c.body["build"] != nil, HealthCheck: checked(typed.HealthCheck),
		Ports: []Port{}, Networks: c.networks(),
	}
	if s.Networks == nil {
		s.Networks = []string{}
	}
	for _, f := range modeltree.List(c.body, "env_file") {
		s.EnvFiles = append(s.EnvFiles, absolute(m.in.dir, modeltree.Str(f, "path")))
	}
	for _, kind := range []string{"secrets", "configs"} {
		for _, use := range modeltree.List(c.body, kind) {
			body := modeltree.Mapping(modeltree.Mapping(m.tree, kind), modeltree.Str(use, "source"))
			s.Contents = append(s.Contents, m.contents(body)...)
			s.ComposeStarts = s.ComposeStarts || body["content"] != nil || body["environment"] != nil
		}
	}
	if !m.in.overrideOnly {
		s.BuiltBy = m.built.builtBy(c)
	}
	s.Needs = map[string]string{}
	for name, need := range typed.DependsOn {
		s.Needs[name] = need.Condition
	}
	s.ComposeStarts = s.ComposeStarts || composeStarts(typed, m.project.Services)
	if typed.Build != nil {
		s.Context, s.Dockerfile = typed.Build.Context, typed.Build.Dockerfile
	}
	orig, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
	before, _ := orig.([]any)
	after := modeltree.List(c.body, "ports")
	for i, p := range before {
		s.Ports = append(s.Ports, m.portsOf(c, p, after[i])...)
	}
	for _, p := range after[len(before):] { // of Publish
		port := Port{Protocol: portentry.Protocol(p), HostIP: modeltree.Str(p, "host_ip")}
		port.Target, _ = strconv.Atoi(fmt.Sprint(p.(map[string]any)["target"]))
		if name := m.leasing.variables[fmt.Sprintf("port %s %d", c.name, port.Target)]; name != "" && modeltree.Str(p, "published") == m.leasing.mark(name) {
			port.Variable = name
		}
		s.Ports = append(s.Ports, port)
	}
	return s
}

// composeStarts reports whether Compose has work of its own at the start of a service, other
// than to copy contents into it.
func composeStarts(s types.ServiceConfig, all types.Services) bool {
	for name, need := range s.DependsOn {
		if !need.Required || all[name].Provider != nil {
			return true
		}
	}
	return len(s.PreStart)+len(s.PostStart) > 0
}

// portsOf describes an entry of the file, a host port each.
func (m *description) portsOf(c container, before, after any) []Port {
	target, err := strconv.Atoi(fmt.Sprint(before.(map[string]any)["target"]))
	if err != nil {
		return nil
	}
	p := Port{Target: target, Protocol: portentry.Protocol(before), HostIP: modeltree.Str(after, "host_ip")}
	if after == any(modeltree.Removed{}) {
		p.HostIP = m.hostPorts.addressFor(c, before)
	}
	var all []Port
	for _, n := range portentry.Published(before) {
		p.Published = n
		if name := m.leasing.variables[fmt.Sprintf("port %s %d", c.name, n)]; modeltree.Str(after, "published") == m.leasing.mark(name) && name != "" {
			p.Variable = name
		}
		p.Kept = len(portentry.Published(after)) > 0
		all = append(all, p)
	}
	if len(all) == 0 {
		all = append(all, p)
	}
	return all
}

// checked tells whether a health check of the file is in force.
func checked(h *types.HealthCheckConfig) bool {
	return h != nil && !h.Disable && (len(h.Test) == 0 || h.Test[0] != "NONE")
}

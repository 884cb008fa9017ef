// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// stackDescription says in the plan what of a stack will run.
type stackDescription struct {
	*document
	description *description
	files       *stackFiles
	hostPorts   *hostPorts
	leasing     *leasing
	objects     *objects
	stackImages *stackImages
}

// describe fills in what will run.
func (m *stackDescription) describe() {
	usesDefault := false
	for _, c := range m.containers() {
		s := m.describeService(c)
		usesDefault = usesDefault || slices.Contains(s.Networks, "default")
		m.plan.Services = append(m.plan.Services, s)
	}
	m.description.describeHostPaths()
	for _, n := range m.resources("networks") {
		if !modeltree.Truth(n.body, "external") && m.onNetwork(n.name) {
			m.plan.Networks = append(m.plan.Networks, n.name)
		}
	}
	if usesDefault && modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), "default") == nil && !slices.Contains(m.plan.Networks, "default") {
		m.plan.Networks = append(m.plan.Networks, "default")
		slices.Sort(m.plan.Networks)
	}
	for _, v := range m.resources("volumes") {
		if !modeltree.Truth(v.body, "external") {
			m.plan.Volumes = append(m.plan.Volumes, v.name)
		}
	}
	m.plan.SameNetworks, m.plan.SameVolumes = m.objects.sharedNames("networks"), m.objects.sharedNames("volumes")
}

func (m *stackDescription) onNetwork(name string) bool {
	return slices.ContainsFunc(m.plan.Services, func(s Service) bool { return slices.Contains(s.Networks, name) })
}

func (m *stackDescription) describeService(c container) Service {
	s := Service{
		Name: c.name, Image: placeholder.ShownText(modeltree.Str(c.body, "image")), ContainerName: modeltree.Str(c.body, "container_name"),
		Replicas: 1, Room: m.hostPorts.rooms[c.name], Ports: []Port{}, Networks: stackNetworks(c),
	}
	before, _ := modeltree.Lookup(m.orig, c.at)
	s.Build = modeltree.Mapping(before, "build") != nil && m.isBuilt(modeltree.Str(c.body, "image"))
	deploy := modeltree.Mapping(c.body, "deploy")
	if n, ok := deploy["replicas"].(int); ok {
		s.Replicas = n
	}
	if mode := modeltree.Str(deploy, "mode"); mode == "global" || mode == "global-job" {
		s.Replicas = 0
	}
	if h := modeltree.Mapping(c.body, "healthcheck"); h != nil {
		test := modeltree.List(h, "test")
		s.HealthCheck = !modeltree.Truth(h, "disable") && (len(test) == 0 || test[0] != "NONE")
	}
	for i, p := range modeltree.List(c.body, "ports") {
		if before := m.files.ports[c.name]; i < len(before) {
			s.Ports = append(s.Ports, m.description.portsOf(c, before[i], p)...)
		} else { // of Publish
			port := Port{Protocol: portentry.Protocol(p)}
			port.Target, _ = strconv.Atoi(fmt.Sprint(p.(map[string]any)["target"]))
			s.Ports = append(s.Ports, port)
		}
	}
	for i := range s.Ports { // a stack has no addresses
		s.Ports[i].HostIP = ""
	}
	return s
}

// isBuilt tells whether an image is built before.
func (m *stackDescription) isBuilt(image string) bool {
	return slices.ContainsFunc(m.stackImages.builds, func(b StackBuild) bool { return m.leasing.mark(b.Variable) == image })
}

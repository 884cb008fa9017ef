// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"slices"

	"github.com/seatrial/seatrial/spec"
)

// stackParts are the concerns of the plan of a stack: those that it shares with Compose,
// and those that stacks alone have.
type stackParts struct {
	*parts

	files         *stackFiles
	scanner       *stackScanner
	collisions    *stackCollisions
	images        *stackImages
	ports         *stackPorts
	names         *stackNames
	swarmNetworks *swarmNetworks
	secrets       *stackSecrets
	storage       *stackStorage
	services      *stackServices
	description   *stackDescription
	stackDocument *stackDocument
}

func newStackParts(in *input, src *sources, s spec.Stack, o StackOptions) *stackParts {
	// what rules of both look at
	p := newParts(in, src, spec.Project{
		Env: s.Env, Images: s.Images, StandIns: s.StandIns, Ports: s.Ports, KeepPorts: s.KeepPorts, StablePorts: s.StablePorts,
		PortReferences: s.PortReferences, Publish: s.Publish, PublishOther: s.PublishOther, Networks: s.Networks, Volumes: s.Volumes, Secrets: s.Secrets, Configs: s.Configs,
		Paths: s.Paths, Builds: s.Builds, Replace: s.Replace, Allow: s.Allow, Lock: s.Lock, Isolate: s.Isolate, CopyLimit: s.CopyLimit,
	})
	in.leased[stackVariable] = stackName
	d, said := p.document, p.decisions
	m := &stackParts{parts: p, files: &stackFiles{document: d, ports: map[string][]any{}}}
	m.scanner = &stackScanner{d, p.scanner}
	m.ports = &stackPorts{d, said, m.files, p.hostPorts, p.leasing, p.ports}
	m.collisions = &stackCollisions{d, said, p.addressing, p.hostPorts, p.objects, m.ports}
	m.images = &stackImages{document: d, built: p.built, leasing: p.leasing, buildKeys: p.buildKeys, dockerfiles: p.dockerfiles, recipes: p.recipes}
	m.names = &stackNames{document: d, decisions: said, objects: p.objects, volumes: p.volumes, nameLength: cmp.Or(o.NameLength, defaultNameLength)}
	m.swarmNetworks = &swarmNetworks{d, p.networks, p.objects}
	m.secrets = &stackSecrets{d, said, p.objects, p.secrets}
	m.storage = &stackStorage{d, p.empty, p.mounts}
	m.services = &stackServices{document: d, decisions: said, mounts: p.mounts, wanted: s.Constraints}
	m.description = &stackDescription{d, p.description, m.files, p.hostPorts, p.leasing, p.objects, m.images}
	m.stackDocument = &stackDocument{document: d, out: &StackPlan{}}
	return m
}

// rules are all rules of stacks in the order in which they are applied: what
// the files do to themselves, what the spec asks for, then what is known to
// collide, then what is reported.
func (m *stackParts) rules() []rule {
	p := m.parts
	return slices.Concat(m.collisions.collisionRules(),
		p.contexts.buildRules(), p.brought.broughtRules(), p.recipes.sameTagRules(), m.images.buildRules(), p.imageTexts.imageReferenceRules(), m.images.missingRules(),
		m.ports.mergedRules(), []rule{ruleNamed(p.ports.portRules(), "ports")}, m.ports.portRules(), p.refs.portReferenceRules(),
		m.names.nameRules(), m.swarmNetworks.networkRules(), m.secrets.secretRules(), m.names.lengthRules(),
		p.paths.pathRules(), m.storage.storageRules(), []rule{ruleNamed(p.volumes.volumeRules(), "external-volume"), ruleNamed(p.volumes.volumeRules(), "volume-driver")},
		p.objects.oneNameRules(), p.nameTexts.nameReferenceRules(),
		m.services.serviceRules(), []rule{ruleNamed(p.lifecycle.lifecycleRules(), "remote-log"), ruleNamed(p.lifecycle.lifecycleRules(), "lost-log")},
		p.unmatched.specRules())
}

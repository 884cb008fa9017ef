// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"

	"github.com/seatrial/seatrial/spec"
)

// parts are the concerns of one plan, each made with those that it builds on. Nothing but
// the order of the rules, and what comes before and after them, knows all of them.
type parts struct {
	*document
	*decisions

	leasing        *leasing
	texts          *textReader
	objects        *objects
	addressing     *addressing
	networks       *networks
	hostPorts      *hostPorts
	refs           *portReader
	ports          *ports
	reach          *reach
	collisions     *startCollisions
	built          *builtImages
	contexts       *contexts
	reader         *dockerfileReader
	brought        *broughtImages
	recipes        *recipes
	tags           *imageTags
	dockerfiles    *dockerfileRule
	buildKeys      *buildKeyRule
	imageTexts     *imageTexts
	containerNames *containerNames
	mounts         *mountReader
	empty          *emptying
	elsewhere      *elsewhere
	paths          *paths
	volumes        *volumes
	nameTexts      *nameTexts
	secrets        *secrets
	machine        *machine
	lifecycle      *lifecycle
	envFiles       *envFileRule
	unmatched      *unmatchedWords
	scanner        *scanner
	off            *offServices
	description    *description
	override       *override
}

func newParts(in *input, src *sources, s spec.Project) *parts {
	images, optional := imagesToPut(s.Images, s.StandIns)
	d := newDocument(in, src, s) // as it was given: an update plans it again
	s.Images = images
	said := &decisions{document: d, spec: s, used: map[string]bool{}}
	p := &parts{document: d, decisions: said}
	p.leasing = &leasing{document: d, variables: map[string]string{}, portLeases: map[string]int{}}
	p.texts = &textReader{d}
	p.objects = &objects{document: d, decisions: said, oneNames: map[string]map[string]string{}}
	p.addressing = &addressing{d, said, p.leasing, p.objects, p.texts}
	p.networks = &networks{document: d, decisions: said, addressing: p.addressing, objects: p.objects}
	p.hostPorts = &hostPorts{
		document: d, decisions: said, networks: p.networks,
		portSpots: map[string]map[string]spot{}, protocols: map[string]map[int][]string{}, rooms: map[string]int{},
	}
	p.refs = &portReader{
		document: d, decisions: said, hostPorts: p.hostPorts, leasing: p.leasing, networks: p.networks, texts: p.texts,
		insides: map[string]insidePorts{},
	}
	p.ports = &ports{d, said, p.hostPorts, p.leasing, p.networks, p.refs}
	p.reach = &reach{d, said, p.leasing, p.networks, p.ports}
	p.collisions = &startCollisions{d, said, p.addressing, p.hostPorts, p.networks, p.objects}
	p.built = &builtImages{
		document: d, decisions: said, leasing: p.leasing, objects: p.objects,
		scoped: map[string]string{}, makers: map[string]string{}, besides: map[string][]string{},
	}
	p.contexts = &contexts{document: d, decisions: said, built: p.built, leasing: p.leasing, builtOtherwise: map[string]bool{}}
	p.reader = &dockerfileReader{document: d, contexts: p.contexts, dockerfiles: map[string]*builtFrom{}}
	p.brought = &broughtImages{
		document: d, decisions: said, built: p.built, reader: p.reader,
		unmatched: map[string]string{}, optional: optional, brought: map[string]string{},
	}
	p.recipes = &recipes{d, said, p.built, p.contexts, p.leasing, p.reader}
	p.tags = &imageTags{d, p.built, p.contexts, p.leasing}
	p.dockerfiles = &dockerfileRule{d, said, p.brought, p.built, p.contexts, p.reader}
	p.buildKeys = &buildKeyRule{d, said, p.reader}
	p.imageTexts = &imageTexts{d, said, p.brought, p.built, p.leasing, p.texts}
	p.containerNames = &containerNames{d, said}
	p.mounts = &mountReader{document: d, settled: map[string]bool{}}
	p.empty = &emptying{document: d, emptyVolumes: map[string]string{}}
	p.elsewhere = &elsewhere{d, said, p.empty, p.mounts}
	p.paths = &paths{document: d, decisions: said, elsewhere: p.elsewhere, empty: p.empty, mounts: p.mounts}
	p.volumes = &volumes{d, said, p.objects}
	p.nameTexts = &nameTexts{d, p.mounts, p.networks, p.objects, p.texts}
	p.secrets = &secrets{d, said}
	p.machine = &machine{d, said, p.texts}
	p.lifecycle = &lifecycle{d}
	p.envFiles = &envFileRule{d}
	p.unmatched = &unmatchedWords{d, said, p.contexts, p.networks, p.paths, p.secrets, p.volumes}
	p.scanner = &scanner{document: d, decisions: said}
	p.off = &offServices{d, p.built, p.objects}
	p.description = &description{d, p.built, p.hostPorts, p.leasing, p.mounts, p.objects, p.recipes}
	p.override = &override{d}
	return p
}

// rules are all rules in the order in which they are applied: what the files do to
// themselves, what the spec asks for, then what is known to collide, then what is
// reported.
func (p *parts) rules() []rule {
	return slices.Concat(p.collisions.selfCollisionRules(), p.contexts.buildRules(), p.brought.broughtRules(), p.recipes.sameTagRules(), p.tags.builtImageRules(),
		p.imageTexts.imageReferenceRules(), p.dockerfiles.dockerfileRules(), p.buildKeys.buildKeyRules(), p.networks.hostNetworkRules(), p.ports.portRules(),
		p.ports.publishRules(), p.reach.reachRules(), p.refs.portReferenceRules(), p.containerNames.nameRules(), p.networks.networkRules(), p.addressing.misplacedRules(),
		p.addressing.subnetRules(), p.paths.pathRules(), p.volumes.volumeRules(), p.objects.oneNameRules(), p.nameTexts.nameReferenceRules(),
		p.secrets.secretRules(), p.machine.hostRules(), p.lifecycle.lifecycleRules(), p.envFiles.environmentRules(), p.unmatched.specRules())
}

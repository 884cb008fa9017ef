// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// StackPlan is what [Stack] decided about a swarm stack. It is plain data that
// nothing changes later.
//
// Most fields mean the same as in the plan of a project. Files are the stack files,
// Env is the environment to run docker stack deploy in, and there is no override:
// [StackPlan.Document] is deployed instead of the files. Values that are known only
// when the stack runs are variables in the document and in the plan, and each needs a
// value in the environment: the stack's name is ${SEATRIAL_STACK}; others stand for
// leased ports, images and contexts.
//
// Copies are volumes, which the caller makes and fills before the stack is deployed,
// on every node that may run a task with such a mount. A volume has the name that
// docker gives it: the stack's name, an underscore, and Copy.Volume.
type StackPlan struct {
	Plan

	// Version is the version of the file format that the document needs: 3.9, which
	// docker 20.10 knows, if that is enough. 3.10 needs docker 23, 3.12 docker 25,
	// and 3.13 docker 27.
	Version string `json:"version,omitempty"`

	// Builds are the images to build before the stack is deployed. Plan.Builds says
	// how, in an order in which each comes after those that it needs.
	Builds []StackBuild `json:"builds,omitempty"`

	document []byte
	// tree is the model that the document is written from.
	tree map[string]any
}

// StackBuild is an image for which the files have a build section. docker stack
// deploy builds nothing, so the caller must: the document refers to the image by a
// variable.
type StackBuild struct {
	// Variable is the variable that takes the reference of the built image.
	Variable string `json:"variable"`
	// Services are the services that run the image. The build section is that of the
	// first.
	Services []string `json:"services"`
	// Image is the reference that the file gives the image.
	Image string `json:"image,omitempty"`
	// Context is the absolute name of the build context, or an address as the file
	// has it. Dockerfile is relative to it; empty means Dockerfile.
	Context    string             `json:"context"`
	Dockerfile string             `json:"dockerfile,omitempty"`
	Target     string             `json:"target,omitempty"`
	Network    string             `json:"network,omitempty"`
	Args       map[string]*string `json:"args,omitempty"`
	Labels     map[string]string  `json:"labels,omitempty"`
}

// Document returns the stack as one JSON document, the standard input of
//
//	docker stack deploy -c - NAME
//
// which must run in Dir, with Env and the plan's variables in its environment. The
// same input gives the same bytes. The document has all values that the environment
// and env files give to services: treat it as a secret if they are. It is nil if
// the stack was refused.
func (p *StackPlan) Document() []byte {
	if p.document == nil {
		return nil
	}
	return append([]byte(nil), p.document...)
}

// LabelledDocument is [StackPlan.Document] with more labels. It calls labels for
// each object that the stack makes, with its kind ("service", "container", "network",
// "volume", "secret" or "config") and its key in the files. Labels of a service are
// not put on its containers. A label that the files have, too, is replaced.
func (p *StackPlan) LabelledDocument(labels func(kind, key string) map[string]string) []byte {
	return p.DocumentFor(labels, nil)
}

// DocumentFor is [StackPlan.LabelledDocument] with other images: images maps
// references that services of the document run to those to run instead. It is for a
// caller who knows by which name the nodes of the swarm can pull an image.
func (p *StackPlan) DocumentFor(labels func(kind, key string) map[string]string, images map[string]string) []byte {
	if p.document == nil {
		return nil
	}
	tree := modeltree.Clone(p.tree).(map[string]any)
	for _, body := range modeltree.Mapping(tree, "services") {
		if other := images[modeltree.Str(body, "image")]; other != "" {
			body.(map[string]any)["image"] = other
		}
	}
	add := func(at modeltree.Path, kind, key string) {
		for label, value := range labels(kind, key) {
			// put fails where a parent is no mapping, which no loaded model has
			_ = modeltree.Put(tree, at.Join("labels", label), value, false)
		}
	}
	for key := range modeltree.Mapping(tree, "services") {
		add(modeltree.Path{"services", key, "deploy"}, "service", key)
		add(modeltree.Path{"services", key}, "container", key)
	}
	for _, kind := range []string{"network", "volume", "secret", "config"} {
		section := modeltree.Mapping(tree, kind+"s")
		for _, key := range modeltree.Keys(section) {
			if !modeltree.Truth(section[key], "external") {
				add(modeltree.Path{kind + "s", key}, kind, key)
			}
		}
		if kind == "network" && section["default"] == nil && p.usesDefault() {
			add(modeltree.Path{"networks", "default"}, kind, "default")
		}
	}
	return renderStack(listed(tree).(map[string]any), p.Version)
}

// SecretFiles returns the absolute names of the files that hold the stack's secrets,
// sorted.
func (p *StackPlan) SecretFiles() []string {
	var files []string
	for _, body := range modeltree.Mapping(p.tree, "secrets") {
		if file := modeltree.Str(body, "file"); file != "" {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func (p *StackPlan) usesDefault() bool {
	for _, s := range p.Services {
		for _, n := range s.Networks {
			if n == "default" {
				return true
			}
		}
	}
	return false
}

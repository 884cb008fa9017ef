// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// StackPlan is what tailoring decided about a stack. It is data: nothing in it
// changes after [Stack] returned it.
//
// The Files are what docker stack deploy would be given as -c, and Env is what to
// give to it. There is no override: what runs is the one document. Values that
// are only known when the stack runs stand in it, and in the plan, as variables,
// all of which must be given a value then: the stack's name as
// ${SEATRIAL_STACK}, leased ports, images and contexts.
//
// Copies are volumes, to be made and filled before the stack is deployed, on
// every node where a task may come to run. They are called as docker would call
// them, the stack's name before an underscore and their key.
type StackPlan struct {
	Plan

	// Version is the version of the file format that the document needs: 3.9 if
	// that is enough, which docker 20.10 knows. 3.10 needs docker 23, 3.12
	// needs 25, and 3.13 needs 27.
	Version string `json:"version,omitempty"`

	// Builds are the images to be built before.
	Builds []StackBuild `json:"builds,omitempty"`

	document []byte
	// tree is the model that the document is written from.
	tree map[string]any
}

// StackBuild is an image that the files build. docker stack deploy does not: the
// document has its name as a variable.
type StackBuild struct {
	Variable string `json:"variable"`
	// Services are those that run it, the first of which says how it is built.
	Services []string `json:"services"`
	// Image is the tag that the file gives it.
	Image string `json:"image,omitempty"`
	// Context is an absolute directory, or an address as the file has it.
	// Dockerfile is relative to it, and empty for the usual name.
	Context    string             `json:"context"`
	Dockerfile string             `json:"dockerfile,omitempty"`
	Target     string             `json:"target,omitempty"`
	Network    string             `json:"network,omitempty"`
	Args       map[string]*string `json:"args,omitempty"`
	Labels     map[string]string  `json:"labels,omitempty"`
}

// Document returns what to deploy: one JSON document, for
//
//	docker stack deploy -c - NAME
//
// with Dir as the working directory and the plan's variables in its environment.
// It depends on the files and the spec alone: the same input gives the same
// bytes. What the environment and the env files give to the services is in it.
// It is nil if the stack was refused.
func (p *StackPlan) Document() []byte {
	if p.document == nil {
		return nil
	}
	return append([]byte(nil), p.document...)
}

// LabelledDocument is Document with further labels on what the stack makes.
// They are asked for by kind ("service", "container", "network", "volume",
// "secret", "config") and key in the files. Those of a service are not seen by
// its containers, which have their own. A label that the files have, too, is
// replaced.
func (p *StackPlan) LabelledDocument(labels func(kind, key string) map[string]string) []byte {
	return p.DocumentFor(labels, nil)
}

// DocumentFor is LabelledDocument with other images: those that images has for
// the reference that a service would run. They are for a runner who knows by what
// name the nodes of a swarm get an image.
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

// SecretFiles returns the files, by their absolute names, whose content the stack's
// secrets have, sorted.
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

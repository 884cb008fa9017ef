// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"

	"github.com/distribution/reference"

	"github.com/seatrial/seatrial/spec"
)

// Resolve reads the file that p.Answers names, and returns p merged over it, with Answers
// empty. The file is nil if Answers is empty.
func Resolve(p spec.Project, read func(string) ([]byte, error)) (spec.Project, *File, error) {
	if p.Answers == "" {
		return p, nil, nil
	}
	f, err := Read(p.Answers, read)
	if err != nil {
		return p, nil, err
	}
	p.Answers = ""
	return Over(p, f.Project), f, nil
}

// Over merges two specs: entries of maps, and the lists Allow, Lock, KeepPorts and Publish,
// are joined; in all other fields p wins unless it is zero. So p cannot switch off what
// below switches on.
func Over(p, below spec.Project) spec.Project {
	p.Env, p.Networks, p.Volumes = joined(p.Env, below.Env, exact), joined(p.Networks, below.Networks, exact), joined(p.Volumes, below.Volumes, exact)
	p.Secrets, p.Configs, p.Replace = joined(p.Secrets, below.Secrets, exact), joined(p.Configs, below.Configs, exact), joined(p.Replace, below.Replace, exact)
	p.Images, p.StandIns = joined(p.Images, below.Images, fullImage), joined(p.StandIns, below.StandIns, fullImage)
	p.Paths, p.Builds = joined(p.Paths, below.Paths, filepath.Clean), joined(p.Builds, below.Builds, filepath.Clean)
	p.Publish, p.PublishOther = joined(p.Publish, below.Publish, exact), joined(p.PublishOther, below.PublishOther, exact)
	p.Allow, p.Lock = union(p.Allow, without(below.Allow, p.Lock)), union(p.Lock, without(below.Lock, p.Allow))
	p.KeepPorts = union(p.KeepPorts, below.KeepPorts)
	p.Profiles, p.Ports = either(p.Profiles, below.Profiles), either(p.Ports, below.Ports)
	p.PortReferences, p.CopyLimit = cmp.Or(p.PortReferences, below.PortReferences), cmp.Or(p.CopyLimit, below.CopyLimit)
	p.StablePorts, p.Isolate, p.CopyMounts = p.StablePorts || below.StablePorts, p.Isolate || below.Isolate, p.CopyMounts || below.CopyMounts
	return p
}

func exact(key string) string { return key }

// fullImage returns the full form of a reference, for comparison.
func fullImage(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	return reference.TagNameOnly(named).String()
}

// joined returns the entries of both; one above replaces those below whose keys have
// the same form.
func joined[V any](above, below map[string]V, form func(string) string) map[string]V {
	if len(below) == 0 {
		return above
	}
	all := map[string]V{}
	taken := map[string]bool{}
	for key := range above {
		taken[form(key)] = true
	}
	for key, value := range below {
		if !taken[form(key)] {
			all[key] = value
		}
	}
	maps.Copy(all, above)
	return all
}

func without(list, those []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(item string) bool { return slices.Contains(those, item) })
}

func union[V comparable](above, below []V) []V {
	all := slices.Clone(above)
	for _, item := range below {
		if !slices.Contains(all, item) {
			all = append(all, item)
		}
	}
	return all
}

func either[V any](above, below []V) []V {
	if above == nil {
		return below
	}
	return above
}

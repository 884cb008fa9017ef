// SPDX-License-Identifier: Apache-2.0

// Package owner says whose an object on the engine is: the labels that it
// carries, and the names that are made for it. It is pure: no engine, no clock.
package owner

import "path"

// Labels that seatrial puts on what it makes. Labels are inherited (a container
// carries those of its image), so none of them proves anything alone: the set
// names the kind and the name of the very object that it sits on.
const (
	prefix = "io.github.seatrial."

	LabelKind = prefix + "kind" // container, network, volume or image
	LabelName = prefix + "name" // the object's name, or a pattern (path.Match's) for those that Compose makes up
	LabelRun  = prefix + "run"  // the process's use of seatrial that made it
	LabelTest = prefix + "test" // the test that made it
)

// Kinds of objects.
const (
	Container = "container"
	Network   = "network"
	Volume    = "volume"
	Image     = "image"
)

// Labels returns the labels of an object of a test in a run.
func Labels(kind, name, run, test string) map[string]string {
	return map[string]string{LabelKind: kind, LabelName: name, LabelRun: run, LabelTest: test}
}

// ImageLabels returns the labels of a built image. They name no run, because
// the next one uses the same image, and nothing that differs from build to build.
func ImageLabels() map[string]string { return map[string]string{LabelKind: Image} }

// Owns reports whether an object of this kind and name, with these labels, was
// made in the run.
func Owns(run, kind, name string, labels map[string]string) bool {
	if run == "" || labels[LabelRun] != run || labels[LabelKind] != kind {
		return false
	}
	ok, err := path.Match(labels[LabelName], name)
	return ok && err == nil
}

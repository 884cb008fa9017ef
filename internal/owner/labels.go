// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"path"
	"regexp"
	"strings"
	"time"
)

// Labels that seatrial puts on objects. Labels are inherited (a container has those
// of its image, a commit those of its container), so a single label proves nothing:
// the set includes the kind and the name of the object itself.
const (
	prefix = "io.github.seatrial."

	LabelKind    = prefix + "kind"    // container, network, volume, image, service, secret, config or record
	LabelName    = prefix + "name"    // the object's name, or a pattern for names that Compose makes: see matches
	LabelRun     = prefix + "run"     // the process's use of seatrial that made it
	LabelTest    = prefix + "test"    // the test that made it
	LabelScope   = prefix + "scope"   // one run of that test: -count=2 has two
	LabelProcess = prefix + "process" // the process: see Process
	LabelUntil   = prefix + "until"   // the end time, for those who cannot see the process

	LabelCopy     = prefix + "copy"     // of a volume: the original of a copy
	LabelLease    = prefix + "lease"    // of a volume: what is leased while it exists
	LabelContents = prefix + "contents" // of a container: a hash of its secrets and configs
)

// IsLabel reports whether a label is one of ours, by its name.
func IsLabel(key string) bool { return strings.HasPrefix(key, prefix) }

// Kinds of objects.
const (
	Container = "container"
	Network   = "network"
	Volume    = "volume"
	Image     = "image"
	Service   = "service"
	Secret    = "secret"
	Config    = "config"
	Record    = "record" // an empty volume whose labels have facts about a run
	Use       = "use"    // an empty volume that says that a process uses something shared
)

// A Tuple is the content of an object's labels, which have a meaning only together.
type Tuple struct {
	Kind, Name string
	Run, Test  string
	Scope      string
	Process    Process
	Until      time.Time
}

// Labels returns the labels of the tuple.
func (t Tuple) Labels() map[string]string {
	return map[string]string{
		LabelKind: t.Kind, LabelName: t.Name, LabelRun: t.Run, LabelTest: t.Test, LabelScope: t.Scope,
		LabelProcess: t.Process.String(), LabelUntil: t.Until.UTC().Format(time.RFC3339),
	}
}

// On returns the tuple for another object of the same test.
func (t Tuple) On(kind, name string) Tuple {
	t.Kind, t.Name = kind, name
	return t
}

// ImageLabels returns the labels of an image that outlives its run. They have
// nothing that differs between builds, and no run, because the next run uses the
// same image.
func ImageLabels() map[string]string { return map[string]string{LabelKind: Image} }

// Read reads the tuple of an object of this kind and name. It returns false if a
// label is missing or malformed, or if the labels are about another object: then
// the object is not ours, whatever other labels it has.
func Read(kind, name string, labels map[string]string) (Tuple, bool) {
	t := Tuple{Kind: labels[LabelKind], Name: labels[LabelName], Run: labels[LabelRun], Test: labels[LabelTest], Scope: labels[LabelScope]}
	if t.Kind != kind || t.Run == "" || t.Scope == "" || name == "" {
		return Tuple{}, false
	}
	if !matches(t.Name, name) {
		return Tuple{}, false
	}
	var ok bool
	if t.Process, ok = ParseProcess(labels[LabelProcess]); !ok {
		return Tuple{}, false
	}
	var err error
	if t.Until, err = time.Parse(time.RFC3339, labels[LabelUntil]); err != nil {
		return Tuple{}, false
	}
	return t, true
}

// Replica ends the pattern of names that Compose numbers: web-1, web-2, and, for
// one-off containers, web-run-0123abcd. A user's web-1-debug does not match. While
// Compose recreates a container, the new one's name begins with a part of the old
// one's id.
const Replica = "-{replica}"

// Or separates two alternative patterns: for a container with a name in the
// project's files, and for its one-off containers, which Compose numbers.
const Or = "{or}"

var (
	replica   = regexp.MustCompile(`^-([0-9]+|run-[0-9a-f]+)$`)
	replacing = regexp.MustCompile(`^[0-9a-f]{12}_`)
)

// matches reports whether a name matches a pattern: with Replica at its end, or
// else one of path.Match.
func matches(pattern, name string) bool {
	if given, numbered, ok := strings.Cut(pattern, Or); ok {
		return matches(given, replacing.ReplaceAllString(name, "")) || matches(numbered, name)
	}
	if stem, ok := strings.CutSuffix(pattern, Replica); ok {
		rest, ok := strings.CutPrefix(replacing.ReplaceAllString(name, ""), stem)
		return ok && replica.MatchString(rest)
	}
	same, err := path.Match(pattern, name)
	return err == nil && same
}

// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"path"
	"regexp"
	"strings"
	"time"
)

// Labels that seatrial puts on what it makes. Labels are inherited (a container
// carries those of its image, a commit those of its container), so none of them
// proves anything alone: the set names the kind and the name of the very object
// that it sits on.
const (
	prefix = "io.github.seatrial."

	LabelKind    = prefix + "kind"    // container, network, volume, image, service, secret, config or record
	LabelName    = prefix + "name"    // the object's name, or a pattern for those that Compose makes up: see matches
	LabelRun     = prefix + "run"     // the process's use of seatrial that made it
	LabelTest    = prefix + "test"    // the test that made it
	LabelScope   = prefix + "scope"   // one run of that test: -count=2 has two
	LabelProcess = prefix + "process" // the process: see Process
	LabelUntil   = prefix + "until"   // when it ends, if nobody can tell whether the process lives

	LabelCopy     = prefix + "copy"     // of a volume: of what it has a copy
	LabelLease    = prefix + "lease"    // of a volume: what is leased as long as it is there
	LabelContents = prefix + "contents" // of a container: tells apart what its secrets and configs hold
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
	Record    = "record" // an empty volume whose labels tell about a run
	Use       = "use"    // another one, which says that a process uses what is shared
)

// A Tuple is what the labels of an object say. Only the whole of it means
// anything.
type Tuple struct {
	Kind, Name string
	Run, Test  string
	Scope      string
	Process    Process
	Until      time.Time
}

// Labels returns the labels that say so.
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

// ImageLabels returns the labels of an image that outlives its run. They name no
// run, because the next one uses the same image, and nothing that differs from
// build to build.
func ImageLabels() map[string]string { return map[string]string{LabelKind: Image} }

// Read reads the tuple of an object of this kind and name. It is false if a
// label is missing or broken, or if the labels are about another object: the
// object is then not ours, whatever else it carries.
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
// one-off containers, web-run-0123abcd. What a user names after one of them,
// web-1-debug, does not match. While Compose recreates a container, the new one has
// a part of the old one's id before its name.
const Replica = "-{replica}"

// Or stands between two patterns, of which either may match: of a container that
// the project's files name, and of its one-off ones, which Compose numbers.
const Or = "{or}"

var (
	replica   = regexp.MustCompile(`^-([0-9]+|run-[0-9a-f]+)$`)
	replacing = regexp.MustCompile(`^[0-9a-f]{12}_`)
)

// matches reports whether a pattern is a name's: Replica at its end, else
// path.Match's.
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

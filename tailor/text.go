// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What people read of a plan: one line for each edit and finding, in the order
// of the files, many findings of a kind as one, beginning with FILE:LINE so that editors and terminals can jump
// there. Advice stands on a line of its own.

// Text returns the plan as people read it: a line for each change, in the order of
// the files, and then the findings with their hints. A line about something in a file
// begins with FILE:LINE.
func (p *Plan) Text() string { return p.text(Finding.String) }

// CommandText is [Plan.Text] for users of the command: its hints name options of
// seatrial tailor instead of fields of the spec.
func (p *Plan) CommandText() string { return p.text(Finding.CommandString) }

func (p *Plan) text(finding func(Finding) string) string {
	var b strings.Builder
	for _, line := range p.changes() {
		b.WriteString(line + "\n")
	}
	for _, f := range p.Told() {
		b.WriteString(finding(f) + "\n")
	}
	if len(p.changes()) == 0 {
		b.WriteString("nothing tailored\n")
	}
	return b.String()
}

// changes returns the lines about edits and copies, in the order of the files, and
// about Dockerfiles and locks, which are changes as well. Texts that were replaced come
// first, as they were before all else.
func (p *Plan) changes() []string {
	var all []string
	for _, t := range p.Texts {
		all = append(all, t.changes...)
	}
	copies := slices.DeleteFunc(slices.Clone(p.Copies), func(c Copy) bool { return c.Volume != "" }) // which is an edit
	for i := 0; i < len(p.Edits); {
		if p.Edits[i].quiet {
			i++
			continue
		}
		for len(copies) > 0 && copies[0].before(p.Edits[i].Place, p.order) {
			all, copies = append(all, copies[0].String()), copies[1:]
		}
		n := alike(p.Edits[i:])
		line := p.Edits[i].String()
		if n > 1 {
			first, last := ends(p.Edits[i : i+n])
			line = strings.Replace(line, "port "+p.Edits[i].one, "ports "+first+" to "+last, 1)
		}
		all = append(all, line)
		i += n
	}
	for _, c := range copies {
		all = append(all, c.String())
	}
	return append(all, p.outside()...)
}

// outside returns the lines about Dockerfiles and locks.
func (p *Plan) outside() []string {
	var all []string
	for _, d := range p.Dockerfiles {
		for _, change := range d.changes {
			all = append(all, d.prefix(d.at)+change.String())
		}
	}
	return append(all, p.locks()...)
}

func (p *Plan) locks() []string {
	var all []string
	for _, l := range p.Leases.Locks {
		all = append(all, fmt.Sprintf("%s%s → under a lock of the machine (as asked)", l.prefix(l.at), l.Name))
	}
	return all
}

// Beside returns the lines of [Plan.Text] about changes that are neither in the
// override nor in a stack's document: copies, base images of Dockerfiles, and locks.
func (p *Plan) Beside() []string { return append(p.copied(), p.outside()...) }

// BesideDiff returns the lines of [Plan.Text] about changes that are not in
// [Plan.Diff]: copies and locks.
func (p *Plan) BesideDiff() []string { return append(p.copied(), p.locks()...) }

func (p *Plan) copied() []string {
	var all []string
	for _, c := range p.Copies {
		all = append(all, c.String())
	}
	return all
}

// ends returns the lowest and the highest of some ports, by number.
func ends(edits []Edit) (first, last string) {
	number := func(e Edit) int {
		digits, _, _ := strings.Cut(e.one, "/")
		n, _ := strconv.Atoi(digits)
		return n
	}
	byNumber := func(a, b Edit) int { return cmp.Compare(number(a), number(b)) }
	return slices.MinFunc(edits, byNumber).one, slices.MaxFunc(edits, byNumber).one
}

// alike counts the edits at the beginning that are the same but for a number:
// the ports of a range, which people write and read as one.
func alike(edits []Edit) int {
	rest := func(e Edit) string { return strings.Replace(e.String(), "port "+e.one, "", 1) }
	n := 1
	for n < len(edits) && edits[0].one != "" && edits[n].Place.Column == edits[0].Place.Column && rest(edits[n]) == rest(edits[0]) {
		n++
	}
	return n
}

// WriteText writes [Plan.Text] to w.
func (p *Plan) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, p.Text())
	return err
}

// String returns one line: FILE:LINE service web: what → how (why).
func (e Edit) String() string {
	return fmt.Sprintf("%s%s (%s)", e.prefix(e.at), e.What, e.Reason)
}

// String returns one line, FILE:LINE service web: what (why), and below it a line
// for the hint and one for the fixes, if there are any. The severity stands before
// what, unless it is Refuse.
func (f Finding) String() string { return f.text(f.What, false) }

// CommandString is [Finding.String] with options of the command seatrial tailor
// instead of fields of the spec.
func (f Finding) CommandString() string {
	what := f.What
	if parts := fieldAtStart.FindStringSubmatch(what); f.OfSpec() && parts != nil {
		if option := optionOf(parts[1], parts[3]); option != "" {
			what = strings.TrimSuffix(option+" "+parts[2], " ") + what[len(parts[0]):]
		}
	}
	return f.text(what, true)
}

// OfSpec reports whether the finding refuses something in the spec, not in the files.
func (f Finding) OfSpec() bool {
	return f.Severity == Refuse && (f.Rule == "spec" || f.Rule == "image" && f.Path == "Images")
}

// fieldAtStart is how what is said about the spec begins: Builds["."].Files.
var fieldAtStart = regexp.MustCompile(`^([A-Z]\w+)(?:\[("[^"]*")\])?(?:\.([A-Z]\w+))?`)

// optionOf is the option of the command for a field of the spec, or for a field
// of what is in it.
func optionOf(field, inner string) string {
	switch inner {
	case "Files":
		return "--build-file"
	case "Dockerfile":
		return "--dockerfile"
	case "Args":
		return "--build-arg"
	}
	for _, fields := range []map[string]string{mapFields, listFields, flagFields, otherFields} {
		if option := fields[field]; option != "" {
			return "--" + option
		}
	}
	return ""
}

func (f Finding) text(what string, flags bool) string {
	s := f.prefix(f.at)
	if f.Severity != Refuse {
		s += string(f.Severity) + ": "
	}
	s += what
	if f.Reason != "" {
		s += " (" + f.Reason + ")"
	}
	if f.Hint != "" {
		s += "\n    hint: " + f.Hint
	}
	if len(f.Fixes) > 0 {
		s += "\n    hint: " + inWords(f.Fixes, f.more, flags)
	}
	return s
}

// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
	"github.com/seatrial/seatrial/internal/unresolved"
)

// What the engine says of a container is what it said when it was asked: that it runs. What
// the failure says of it, and what became of it a moment later, belongs beside that.

// mostWrong bounds what a service is told to have done wrong: the failure says all of it.
const mostWrong = 180

// diagnose lays what the time line and the failure say of services over what the engine said.
func (r *reader) diagnose() {
	for i := range r.Services {
		s := &r.Services[i]
		if code := r.endedSince(*s); code != "" {
			s.Wrong = fmt.Sprintf("ended with code %s a moment later", code)
		}
	}
	name, wrong := r.subject()
	for i := range r.Services {
		if s := &r.Services[i]; s.Name == name && !s.Bad() {
			s.Wrong = wrong
		}
	}
	r.Note = r.apart(name)
}

// subject returns the service that the failure is about, and what it says of that one.
func (r *reader) subject() (name, wrong string) {
	where, cause := split(firstLine(r.Failure))
	if found := inService.FindStringSubmatch(cause); found != nil && r.has(found[2]) {
		name, wrong = found[2], found[1]+" "+found[3]
	} else if found := waitingFor.FindStringSubmatch(where); found != nil && r.has(found[1]) {
		name, wrong = found[1], cause
	}
	if first, rest, _ := strings.Cut(cause, " "); r.has(first) {
		name, wrong = first, rest
	}
	wrong, _, _ = strings.Cut(wrong, "; its log says: ")
	if len(wrong) > mostWrong {
		wrong = strings.ToValidUTF8(wrong[:mostWrong], "") + " …"
	}
	return name, wrong
}

func (r *reader) has(name string) bool {
	return slices.ContainsFunc(r.Services, func(s Service) bool { return s.Name == name })
}

var (
	inService  = lazyregexp.New(`^(".*") in (\S+) (exited with code \d+|did not end)`)
	waitingFor = lazyregexp.New(`waiting for .*?(\S+)$`)
)

var lifeEvent = lazyregexp.New(`^container (\S+) (has started|has ended with code (\d+)|was (?:stopped|killed).*)$`)

// endedSince returns the exit code of a service that ran when the engine was asked, and ended
// by itself a moment later.
func (r *reader) endedSince(s Service) string {
	if !strings.HasPrefix(s.State, "running") {
		return ""
	}
	var codes []string // of each of its lives; nothing of one that has not ended by itself
	over := false
	of := filesNumber.ReplaceAllString(s.file, "")
	for _, line := range r.Timeline {
		over = over || line.Text == testOver
		switch found := lifeEvent.FindStringSubmatch(line.Text); {
		case found == nil || found[1] != of:
		case over && found[3] == "137": // the clean-up kills
		case found[2] == "has started":
			codes = append(codes, "")
		case len(codes) > 0:
			codes[len(codes)-1] = found[3]
		}
	}
	life := cmp.Or(s.order.Attempt, len(codes)) // attempts of a task have one name, one after the other
	if life < 1 || life > len(codes) || codes[life-1] == "0" {
		return ""
	}
	return codes[life-1]
}

var filesNumber = lazyregexp.New(`~\d+$`)

// apart says that a service could not find another one by its name because the two are in no
// network together, or because the other one does not run.
func (r *reader) apart(name string) string {
	_, cause := split(firstLine(r.Failure))
	from := slices.IndexFunc(r.Services, func(s Service) bool { return s.Name == name })
	if from < 0 {
		return ""
	}
	var all []unresolved.Member
	for _, s := range r.Services {
		all = append(all, unresolved.Member{Name: ofTask.ReplaceAllString(s.Name, ""), Networks: s.Networks, Running: strings.HasPrefix(s.State, "running")})
	}
	all[from].Name = name
	why, rule := unresolved.Why(cause, all[from], all)
	if why == "" {
		return ""
	}
	return why + ": " + rule + "."
}

var ofTask = lazyregexp.New(`(\.\d+)?( \(attempt \d+\))?$`)

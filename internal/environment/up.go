// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/progress"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// Options say what to start, and how.
type Options struct {
	Name     string // empty is that of the place
	Project  spec.Project
	EnvFiles []string

	Stack       bool              // the files are those of a stack
	Constraints map[string]string // of a stack
	Services    []string          // none is all
	Stay        time.Duration     // after the last use; 0 is as before, or StayStandard
	Copies      bool              // of what containers write to in the checkout
	InPlace     bool              // no copies; neither is as before
	NoWait      bool
	Forget      bool // what was given before

	// Passing is for an environment that goes with this process, and whoever started it calls
	// Result.Leave in the end. It is a new one.
	Passing bool

	// Shared is for an environment that several processes share, who want the very same: it is
	// found or started, and has a name of its own. It goes some time after its last use.
	Shared bool

	// Other is for an environment that is up, of which the files and what was said about them
	// may become others.
	Other bool

	// Expect looks at what there will be of a project, as the plan has it, before anything is
	// started. Addresses are no real ones. Nil expects nothing.
	Expect func(rows []Row) error

	Artifacts *artifact.Dir // for what is written down; nil is a place of its own
	Report    string        // with a place of its own: the value of SEATRIAL_REPORT

	Events func(progress.Event) // hears of builds, pulls and services; nil has them said

	blocks []Written // env files from which its block was taken a moment ago
}

// A Result is what starting an environment came to.
type Result struct {
	*Named
	Changes *compose.Changes // of what ran before; nil if nothing did
	Project *compose.Project
	Stack   *swarm.Stack     // in the place of a project
	sess    *session.Session // of one that this process holds

	attached bool // it was there before
}

// A FailedError is why an environment could not be started, with the place of what was
// written down about it, and of its page, if anything was.
type FailedError struct {
	Err       error
	Artifacts string
	Report    string
}

func (e *FailedError) Error() string { return e.Err.Error() }
func (e *FailedError) Unwrap() error { return e.Err }

// starter starts one environment.
type starter struct {
	on      *session.Handle
	e       *engine.Engine
	place   checkout.Place
	o       Options
	say     session.Progress
	n       *Named
	was     *Memory
	dir     string // for what is remembered
	sess    *session.Session
	plan    *tailor.Plan
	shares  []string
	project *compose.Project
	stack   *swarm.Stack
	undoing atomic.Bool

	replaced []string  // services of which undo leaves the new container
	removing sync.Once // says that undo is at work
}

// Up starts the environment of a place, or makes it what its files say now, and waits until
// it is ready. What it starts outlives this process; what it does not finish does not.
func Up(ctx context.Context, on *session.Handle, at checkout.Place, o Options, say session.Progress) (*Result, error) {
	var err error
	if o.Project.StandIns, err = session.StandIns(o.Project.StandIns); err != nil { // remembered, as those that are given are
		return nil, err
	}
	if o.Shared {
		if o.Name, err = sharedName(ctx, on, at, o, say); err != nil {
			return nil, err
		}
		o.Artifacts = nil // it outlives this process
	}
	s := &starter{on: on, place: at, o: o, say: say}
	s.o.Name = cmp.Or(o.Name, at.Name())
	if err := CheckName(s.o.Name); err != nil {
		return nil, err
	}
	if s.e, err = on.Connect(ctx); err != nil {
		return nil, err
	}
	if !o.Stack {
		go func() { _ = s.e.Compose() }() // two programs start for the answer, which is remembered: wanted later
	}
	release, err := (&Named{Record: Record{Name: s.o.Name}}).lock(ctx, command(), say)
	if err != nil {
		return nil, err
	}
	defer release()
	defer func() { _ = os.Remove(s.dir) }() // if it was not started, and nothing is known about that: then it is empty
	if err := s.find(ctx); err != nil {
		return nil, err
	}
	if o.Shared && s.n != nil && s.n.serves() { // others use it as it is
		return &Result{Named: s.n}, nil
	}
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	stays := false
	defer func() {
		if !stays {
			s.sess.Leave()
		}
	}()
	changes, err := s.run(ctx)
	for _, text := range s.sess.Said.Take() {
		s.say("warning: %s", s.sess.Artifacts.Redact(text))
	}
	if err != nil {
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.Canceled) {
			err = session.CutOff(ctx, err)
		}
		return nil, s.failed(report.Hinted(err))
	}
	if o.Artifacts == nil {
		s.sess.Artifacts.Note(artifact.Up)
	}
	s.tidy()
	is, err := Get(ctx, s.e, s.o.Name)
	if err == nil && is == nil {
		err = fmt.Errorf("environment %s was removed meanwhile", s.o.Name)
	}
	stays = err == nil && o.Passing
	return &Result{Named: is, Changes: changes, Project: s.project, Stack: s.stack, sess: s.sess}, err
}

// find finds what there is under the name, and refuses what is another's.
func (s *starter) find(ctx context.Context) (err error) {
	if s.n, err = Get(ctx, s.e, s.o.Name); err != nil {
		return err
	}
	if s.n == nil {
		if err := s.checkNameFree(ctx); err != nil {
			return err
		}
	} else if s.o.Passing {
		return fmt.Errorf("there is an environment %s already", s.n.Name)
	} else if err := s.n.MayChange(""); err != nil {
		if !s.n.IsMine() && !s.n.IsNewer() {
			err = fmt.Errorf("%w\n    hint: -n gives this one another name", err)
		}
		return err
	} else if s.n.Stack != s.o.Stack {
		return fmt.Errorf("environment %s is %s, and these are files of %s\n    hint: -n gives this one another name", s.n.Name, kindOf(s.n.Stack), kindOf(s.o.Stack))
	} else if s.o.Other {
		if !s.n.IsUp() {
			return fmt.Errorf("environment %s is down\n    hint: seatrial up starts it", s.n.Name)
		}
	} else if s.n.Dir != "" && s.n.Dir != s.place.Dir {
		return fmt.Errorf("environment %s is that of %s, and this is %s\n    hint: -n gives this one another name; seatrial down %s -v removes that one", s.n.Name, s.n.Dir, s.place.Dir, s.n.Name)
	} else if err := s.n.madeOf(s.place.Files); err != nil {
		return err
	}
	id, err := s.on.Identity(ctx)
	if err != nil {
		return err
	}
	if s.dir, err = place(id, s.o.Name); err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("making a place for what is to be remembered: %w", err)
	}
	if s.n != nil {
		if s.was, err = recall(s.dir); err != nil {
			s.say("%v: it is started without", err)
		}
	}
	return nil
}

// madeOf refuses other files than those of which the environment is made.
func (n *Named) madeOf(files []string) error {
	if len(n.Files) == 0 || checkout.SameFiles(n.Files, files) {
		return nil
	}
	return fmt.Errorf("environment %s is made of %s, and not of %s\n    hint: seatrial update -n %s -f %s makes it what these files say, with its data; seatrial up -n NAME makes another one of them",
		n.Name, strings.Join(n.Files, ", "), strings.Join(files, ", "), n.Name, strings.Join(files, " -f "))
}

// checkNameFree refuses a name under which docker compose runs a project already. Nobody
// else has the one that NewName has made.
func (s *starter) checkNameFree(ctx context.Context) error {
	if s.o.Passing {
		return nil
	}
	for _, list := range []func(context.Context, string, string) ([]engine.Object, error){s.e.Containers, s.e.Volumes, s.e.Networks} {
		for label, whose := range map[string]string{engine.ComposeProject: "docker compose has a project", engine.StackNamespace: "docker stack has a stack"} {
			all, err := list(ctx, label, s.o.Name)
			if err != nil {
				return err
			}
			for _, o := range all {
				if o.Labels[owner.LabelRun] != runOf(s.o.Name) {
					return fmt.Errorf("%s %s, which is not seatrial's\n    hint: -n gives this one another name", whose, s.o.Name)
				}
			}
		}
	}
	return nil
}

func kindOf(stack bool) string {
	if stack {
		return "a stack"
	}
	return "a Compose project"
}

// open makes the session, whose labels what is made will have, and says on the engine that
// somebody is at work.
func (s *starter) open(ctx context.Context) (err error) {
	artifacts := s.o.Artifacts
	if artifacts == nil {
		if artifacts, err = artifact.Open(s.dir, "up", ""); err != nil {
			return err
		}
	}
	if s.sess, err = session.Lasting(ctx, s.on, s.o.Name, artifacts, s.say); err != nil {
		return err
	}
	if s.o.Events != nil {
		s.sess.Listen(s.tell)
	}
	t := &s.sess.Owner
	t.Run, t.Scope = runOf(s.o.Name), owner.NewEnvironmentScope()
	if s.o.Stack { // other engines of the swarm have no record of it, and go by this
		t.Until = t.Until.Add(StayMost)
	}
	if s.n != nil { // Compose recreates what has other labels
		*t = s.n.Tuple.On("", "")
	}
	if err := s.sess.WatchOver(); err != nil {
		s.say("if this command is killed, what it made stays until the next seatrial command: %v", err)
	}
	if s.o.Passing {
		session.TellWatchdog(func(d *watchdog.Client) { _ = d.Whole(t.Run) }) // that there is none was said
	}
	return nil
}

// tell passes events on, but those of containers that are removed because the start failed:
// their ends would look like its cause.
func (s *starter) tell(e progress.Event) {
	if e.Kind != progress.KindService || !s.undoing.Load() {
		s.o.Events(e)
	}
}

func (s *starter) run(ctx context.Context) (changes *compose.Changes, err error) {
	use := s.sess.AtWork().On(owner.Use, "seatrial-use-"+s.sess.Owner.Run+"-"+owner.NewID())
	labels, err := s.begun(ctx, use)
	if err == nil {
		err = s.e.CreateVolume(ctx, use.Name, labels)
	}
	if err != nil {
		return nil, fmt.Errorf("noting that it is started: %w", err)
	}
	clean := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.WithoutCancel(ctx), session.EndLimit)
	}
	defer func() {
		ctx, cancel := clean()
		defer cancel()
		_ = s.e.RemoveVolume(ctx, use.Name) // when this process has ended it counts no more
	}()
	before, err := s.there(ctx)
	if err != nil {
		return nil, err
	}
	changes, err = s.start(ctx)
	if err == nil {
		err = s.note(ctx)
	}
	if err != nil {
		ctx, cancel := clean()
		defer cancel()
		if s.project != nil || s.stack != nil {
			_ = s.sess.Evidence(ctx, s.sess.Artifacts.Dir)
		}
		s.undoing.Store(true)
		err = errors.Join(err, s.undo(ctx, before))
		for _, name := range s.replaced {
			s.say("warning: %s stays as it is now: what ran before of it is gone; mend the files, and seatrial up again", name)
		}
	}
	return changes, err
}

// begun returns the labels of the note that it is started: with what is known of it, since there
// is no record until it is ready.
func (s *starter) begun(ctx context.Context, use owner.Tuple) (map[string]string, error) {
	now, err := s.e.Now(ctx)
	if err != nil {
		return nil, err
	}
	r := Record{Version: owner.EnvironmentVersion, Created: now, Used: now}
	s.identify(&r)
	content, err := json.Marshal(r)
	labels := use.Labels()
	labels[owner.LabelEnvironment] = string(content)
	return labels, err
}

// identify says in a record what is known before it is started.
func (s *starter) identify(r *Record) {
	r.Name, r.Stack = s.o.Name, s.o.Stack
	r.Checkout, r.Dir, r.Files = s.place.Checkout, s.place.Dir, s.place.Files
	r.Machine, r.View = process.Machine(), checkout.View()
	r.Passing, r.Command = r.Passing || s.o.Passing || s.o.Shared, r.Command || s.o.Passing // also if the command updates it
}

// there returns what there is of the environment, by kind and id. Of two who begin at once,
// and do not see each other's locks, one at least sees the other here. Of one with a name that
// NewName has made there is nothing.
func (s *starter) there(ctx context.Context) (map[string]bool, error) {
	if s.o.Passing {
		return nil, nil
	}
	all, err := sweep.Assess(ctx, s.e, s.sess.Owner.Run)
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	var dead []sweep.Found
	for _, f := range all {
		switch {
		case f.Tuple.Scope != "" && f.Tuple.Running().Scope != s.sess.Owner.Scope && f.Verdict != owner.Dead && f.Kind != owner.Image:
			return nil, fmt.Errorf("environment %s is being started elsewhere: %s", s.o.Name, f.Why)
		case f.Verdict == owner.Dead:
			dead = append(dead, f)
		default:
			ids[f.Kind+" "+f.ID] = true
		}
	}
	if err := sweep.Clear(ctx, s.e, dead, nil); err != nil {
		return nil, fmt.Errorf("removing what is left of an earlier one: %w", err)
	}
	return ids, nil
}

// undo removes what was made and was not there before.
func (s *starter) undo(ctx context.Context, before map[string]bool) error {
	cutOff := func() bool { return true } // docker compose may have been
	return session.Settle(ctx, cutOff, func(ctx context.Context) (int, error) { return s.undoOnce(ctx, before) })
}

func (s *starter) undoOnce(ctx context.Context, before map[string]bool) (found int, err error) {
	all, err := sweep.List(ctx, s.e, s.sess.Owner.Run)
	if err != nil {
		return 0, fmt.Errorf("looking what was made: %w", err)
	}
	var ours []sweep.Found
	fresh := s.n == nil || !s.n.IsUp()
	if s.o.Stack && !fresh { // what it has become, services use: the next update goes on from there
		return 0, nil
	}
	var stopped []string
	for _, f := range all {
		mine := f.Tuple.Scope != "" && f.Tuple.Running().Scope == s.sess.Owner.Scope || f.Kind == owner.Image
		if !mine || before[f.Kind+" "+f.ID] || f.Kind == owner.Use {
			continue
		}
		if f.Kind == owner.Container && !fresh {
			old, there := replacedBy(f.Object, s.n.Containers, all)
			switch {
			case old != nil && !there: // what ran before is gone, and this is all there is of its service
				if name := f.Object.Labels[engine.ComposeService]; !slices.Contains(s.replaced, name) {
					s.replaced = append(s.replaced, name)
				}
				continue
			case old != nil && old.State == "running":
				stopped = append(stopped, old.ID)
			}
		}
		ours = append(ours, f)
	}
	if len(ours) > 0 { // of a project that was refused there is nothing
		slow := time.AfterFunc(time.Second, func() {
			s.removing.Do(func() { s.say("removing what was started") })
		})
		defer slow.Stop()
	}
	err = sweep.Clear(ctx, s.e, ours, nil)
	for _, id := range stopped { // or it is being stopped still, which nobody can call off
		err = errors.Join(err, s.e.Stop(ctx, id), s.e.Start(ctx, id))
	}
	return len(ours), err
}

// replacedBy returns the container that ran before and in the place of which docker compose has
// made another, if there is one, and whether it is there still: it is removed last.
func replacedBy(c engine.Object, before []engine.Object, all []sweep.Found) (old *engine.Object, there bool) {
	for i, o := range before {
		if o.Labels[engine.ComposeService] == c.Labels[engine.ComposeService] && o.Labels[engine.ComposeNumber] == c.Labels[engine.ComposeNumber] {
			return &before[i], slices.ContainsFunc(all, func(f sweep.Found) bool { return f.ID == o.ID })
		}
	}
	return nil, false
}

// given is what is said about the files, now or before.
func (s *starter) given() spec.Project {
	if s.was != nil && !s.o.Forget {
		s.o.Project = answers.Over(s.o.Project, s.was.Project)
		if len(s.o.EnvFiles) == 0 {
			s.o.EnvFiles = s.was.EnvFiles
		}
		constraints := maps.Clone(s.was.Constraints)
		if constraints == nil {
			constraints = map[string]string{}
		}
		maps.Copy(constraints, s.o.Constraints)
		s.o.Constraints = constraints
	}
	p := s.o.Project
	p.Files, p.Dir, p.StablePorts = s.place.Files, s.place.Dir, true
	return p
}

// start plans the project, and starts or updates it.
func (s *starter) start(ctx context.Context) (*compose.Changes, error) {
	p := s.given()
	if s.o.Stack {
		return nil, s.deploy(ctx, p)
	}
	p.Answers = besides(s.place.Files)
	var err error
	if s.plan, err = compose.PlanWith(ctx, s.sess, p, tailor.Options{EnvFiles: s.o.EnvFiles}); err != nil {
		return nil, err
	}
	if err := errors.Join(s.knows(s.o.Services), s.expected()); err != nil {
		return nil, err
	}
	o := compose.Options{Services: s.o.Services, NoWait: s.o.NoWait, KeepVolumes: s.n != nil, EnvFiles: s.o.EnvFiles, Adjust: s.inPlace}
	var copies map[string]compose.CopyState
	if s.was != nil {
		copies = s.was.State.Copies
	}
	s.project = compose.Lasting(s.sess, s.o.Name, s.plan.Spec, s.plan, o, copies)
	if err := s.tellShared(ctx); err != nil {
		return nil, err
	}
	if err := s.keptPorts(ctx); err != nil {
		return nil, err
	}
	if s.n == nil || !s.n.IsUp() {
		_, err := compose.Start(ctx, s.project, s.say)
		return nil, err
	}
	s.sess.Track(session.Resource{Evidence: s.project.Evidence, Detach: s.project.Detach, Handle: s.project})
	if s.was != nil {
		s.project.Handover().Resume(s.was.State)
	}
	if err := s.project.Listen(ctx); err != nil {
		return nil, err
	}
	return s.project.Update(ctx, p, s.say)
}

// besides is the file of answers of some Compose files, if there is one.
func besides(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return answers.Beside(files[0])
}

// expected has whoever starts it look at what there will be.
func (s *starter) expected() error {
	if s.o.Expect == nil {
		return nil
	}
	var rows []Row
	for _, service := range s.plan.Services {
		row := Row{Service: service.Name, Number: 1}
		for _, p := range service.Ports {
			row.Ports = append(row.Ports, RowPort{Number: p.Published, Target: p.Target, Protocol: p.Protocol, Address: "localhost:0"})
		}
		rows = append(rows, row)
	}
	return s.o.Expect(rows)
}

func (s *starter) knows(services []string) error {
	var names []string
	for _, service := range s.plan.Services {
		names = append(names, service.Name)
	}
	for _, name := range services {
		if off := s.plan.Off[name]; len(off) > 0 {
			return fmt.Errorf("service %q is off\n    hint: --profile %s switches it on", name, off[0])
		}
		if !slices.Contains(names, name) {
			return unknownService(name, names)
		}
	}
	return nil
}

// inPlace leaves mounted what containers mount of the checkout: people edit there, and each
// checkout has its own.
func (s *starter) inPlace(plan *tailor.Plan) {
	s.shares = nil
	if !s.copies() {
		s.shares = InPlace(plan, s.place.Checkout)
	}
}

// copies reports whether containers get copies of what they write to in the checkout.
func (s *starter) copies() bool {
	before := s.n != nil && s.n.Copies && !s.o.Forget
	return s.o.Copies || before && !s.o.InPlace
}

// InPlace takes out of a plan the copies of what lies in a checkout, and returns what they
// were to be of.
func InPlace(plan *tailor.Plan, checkout string) (shares []string) {
	plan.Copies = slices.DeleteFunc(plan.Copies, func(c tailor.Copy) bool {
		here := hostpath.LiesIn(checkout, hostpath.Resolved(c.Source))
		if here && !slices.Contains(shares, c.Source) {
			shares = append(shares, c.Source)
		}
		return here
	})
	return shares
}

// tellShared says what another environment of this checkout writes to, too.
func (s *starter) tellShared(ctx context.Context) error {
	if len(s.shares) == 0 || s.n != nil && s.n.IsUp() && !s.n.Copies { // it was told
		return nil
	}
	all, err := List(ctx, s.e)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.Name == s.o.Name || !other.IsMine() || !other.IsUp() {
			continue
		}
		var both []string
		for _, dir := range s.shares {
			if slices.Contains(other.Shares, dir) {
				both = append(both, dir)
			}
		}
		if len(both) > 0 {
			s.say("warning: environment %s, of the same checkout, writes to %s, too\n    hint: --mounts copy gives this one copies of its own", other.Name, strings.Join(both, ", "))
		}
	}
	return nil
}

// keptPorts refuses host ports that are kept as in the files, and that something has which
// does not go by itself: docker compose would find out when it has stopped what ran before.
func (s *starter) keptPorts(ctx context.Context) error {
	kept := map[string]bool{}
	for _, service := range s.plan.Services {
		for _, p := range service.Ports {
			if p.Kept && p.Published > 0 {
				kept[fmt.Sprintf("%d/%s", p.Published, p.Protocol)] = true
			}
		}
	}
	if len(kept) == 0 {
		return nil
	}
	all, err := s.e.Containers(ctx, "", "")
	if err != nil {
		return err
	}
	for _, c := range all {
		t, ours := owner.Read(owner.Container, c.Name, c.Labels)
		if c.State != "running" || c.Labels[engine.ComposeProject] == s.o.Name || ours && t.Environment() == 0 { // a test's is waited for
			continue
		}
		for _, b := range c.Ports {
			ip := net.ParseIP(b.HostIP)
			if kept[fmt.Sprintf("%d/%s", b.HostPort, b.Protocol)] && (ip == nil || ip.IsUnspecified()) {
				return fmt.Errorf("port %d is to be kept as in the files, and %s has it\n    hint: %s", b.HostPort, whose(c, t), freeing(t))
			}
		}
	}
	return nil
}

func whose(c engine.Object, t owner.Tuple) string {
	switch project := c.Labels[engine.ComposeProject]; {
	case t.Environment() > 0:
		return "environment " + t.Test
	case project != "":
		return fmt.Sprintf("container %s of docker compose's project %s", c.Name, project)
	}
	return "container " + c.Name
}

func freeing(t owner.Tuple) string {
	if t.Environment() > 0 {
		return "seatrial down " + t.Test + " sets it free, and without --keep-port (--forget, if it was given before) this one has another"
	}
	return "without --keep-port (--forget, if it was given before) this one has another"
}

// note writes down what runs now: on this machine, then on the engine.
func (s *starter) note(ctx context.Context) error {
	s.o.Project.Ready = nil // what waited for it once
	m := &Memory{Project: s.o.Project, EnvFiles: s.o.EnvFiles, Constraints: s.o.Constraints}
	var services []tailor.Service
	var values map[string]string
	if s.o.Stack {
		m.Stack = s.stack.Handover().State()
		services, values = s.stack.Current().Services, m.Stack.Values
	} else {
		m.State, m.Dir, m.Overlays = s.project.Handover().State(), s.plan.Dir, s.sess.Artifacts.Path()
		m.Args, m.Environ = s.project.Handover().CommandLine()
		services, values = s.project.Current().Services, m.State.Values
	}
	if s.was != nil {
		m.Written = s.was.Written
	}
	m.Written = append(m.Written, s.o.blocks...)
	if err := m.remember(s.dir); err != nil {
		return fmt.Errorf("remembering what runs: %w", err)
	}
	now, err := s.e.Now(ctx)
	if err != nil {
		return err
	}
	n := s.n
	if n == nil {
		n = &Named{Record: Record{Created: now, Labelled: s.sess.Owner.Until}, Tuple: s.sess.Owner}
	}
	s.identify(&n.Record)
	if s.o.Forget {
		n.Stay = 0
	}
	n.Stay = cmp.Or(s.o.Stay, n.Stay, StayStandard)
	n.Copies, n.Shares = s.copies(), s.shares
	n.Ports = nil
	for _, service := range services {
		for _, p := range service.Ports {
			host, _ := strconv.Atoi(values[p.Variable])
			if p.Kept {
				host = p.Published
			}
			n.Ports = append(n.Ports, FilePort{service.Name, p.Published, p.Target, p.Protocol, host})
		}
	}
	if err := n.write(ctx, s.e, now, true); err != nil {
		return err
	}
	m.remake(n, s.o.blocks, s.say)
	return nil
}

// failed says why there is no environment, and makes complete what was written down about it,
// if anything was. A caller that has a place for that completes it by itself.
func (s *starter) failed(err error) *FailedError {
	dir := s.sess.Artifacts.Dir
	if s.o.Artifacts == nil && os.Remove(dir.Path()) == nil { // it was empty
		return &FailedError{Err: err}
	}
	failed := &FailedError{Err: err, Artifacts: dir.Path()}
	if s.o.Artifacts == nil {
		_ = dir.AddFailure(err.Error())
		failed.Report, _ = session.Complete(dir, s.o.Report, true) // without it, the files are there
	}
	return failed
}

// tidy removes what earlier starts wrote down.
func (s *starter) tidy() {
	old, _ := filepath.Glob(filepath.Join(s.dir, "up*"))
	for _, dir := range old {
		if dir != s.sess.Artifacts.Path() {
			_ = os.RemoveAll(dir)
		}
	}
}

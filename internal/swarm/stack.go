// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// A Stack is a stack in a swarm, on its way from one revision to the next.
type Stack struct {
	Name string // in the swarm, unique to it

	*serviceGroup
	revision atomic.Pointer[stackRevision] // what it is, or is just made

	naming   sync.Mutex
	services map[string]*Service // by id

	acting sync.Mutex        // one verb at a time changes it, and what follows
	values map[string]string // of the variables that stand for what is leased
	leases lease.Holding

	noWait bool // it need not become what it is to be
}

// A stackRevision is what a stack is made of from a spec.
type stackRevision struct {
	files  []string          // as the spec has them
	plan   *tailor.StackPlan // nil before there is one
	images map[string]string // by which name all nodes get an image of the test
}

func (k *Stack) current() *stackRevision { return k.revision.Load() }

// DeployLimit bounds a deployment, with its builds and pulls.
const DeployLimit = 10 * time.Minute

// failed says what was being done with the files, and why it failed.
func (k *Stack) failed(doing string, err error) error {
	var refused *tailor.RefusedError
	var unread *tailor.ReadError
	if errors.As(err, &refused) || errors.As(err, &unread) { // they name the files
		return err
	}
	return fmt.Errorf("%s %s: %w", doing, strings.Join(k.current().files, ", "), err)
}

func newStack(sess *session.Session, name string, s spec.Stack) *Stack {
	k := &Stack{Name: name, services: map[string]*Service{}, leases: lease.Holding{Session: sess}}
	k.revision.Store(&stackRevision{files: s.Files})
	k.serviceGroup = newServiceGroup(sess, groupSpec{
		label: engine.StackNamespace, value: name,
		list: func(ctx context.Context) ([]engine.Service, error) {
			return sess.Engine.Services(ctx, engine.StackNamespace, name)
		},
		role: func(full string) string { return strings.TrimPrefix(full, name+"_") },
		file: func(role string) []container.Published {
			if plan := k.current().plan; plan != nil {
				return planned.Ports(&plan.Plan, role)
			}
			return nil
		},
		room: func(role string) int {
			if plan := k.current().plan; plan != nil {
				return planned.Room(&plan.Plan, role)
			}
			return 0
		},
		owns: func(v engine.Object) bool { return v.Labels[engine.StackNamespace] == name },
	})
	return k
}

// tailor tailors the files of a spec, whose images all nodes can get.
func (k *Stack) tailor(ctx context.Context, s spec.Stack, nodes map[string]*node) (*tailor.StackPlan, error) {
	sess := k.session
	images, err := distributeAll(ctx, sess, s.Images, nodes)
	if err != nil {
		return nil, err
	}
	s.Images = images
	if s.StandIns, err = session.StandIns(s.StandIns); err != nil {
		return nil, err
	}
	plan, err := Plan(ctx, sess, k.Name, s, nil)
	if err != nil {
		return nil, err
	}
	if len(nodes) > 1 && len(s.StandIns) > 0 {
		used := map[string]string{} // the others may be for other projects, and on no engine, or bases of what is built here
		for old, ref := range s.StandIns {
			if slices.ContainsFunc(plan.Services, func(p tailor.Service) bool { return p.Image == ref }) {
				used[old] = ref
			}
		}
		if used, err = distributeAll(ctx, sess, used, nodes); err != nil {
			return nil, err
		}
		s.StandIns = maps.Clone(s.StandIns)
		maps.Copy(s.StandIns, used)
		if plan, err = Plan(ctx, sess, k.Name, s, nil); err != nil {
			return nil, err
		}
	}
	if len(plan.Services) == 0 {
		return nil, errors.New("there are no services in it")
	}
	if err := checkStackReady(s, plan); err != nil {
		return nil, err
	}
	sess.HideSecrets(plan.SecretFiles())
	for _, text := range planned.Warned(&plan.Plan, sess.OfCommand, "") {
		sess.Said.Add(text)
	}
	return plan, nil
}

// Plan tailors the files of a stack of a name, which are read by this function if there is
// one.
func Plan(ctx context.Context, sess *session.Session, name string, s spec.Stack, read func(string) ([]byte, error)) (*tailor.StackPlan, error) {
	platform, err := sess.On.Platform(ctx)
	if err != nil {
		return nil, err
	}
	return tailor.Stack(ctx, s, tailor.StackOptions{Base: environ.Map(sess.Engine.Environ()), NameLength: len(name), Platform: platform, Read: read})
}

// deploy makes the stack what the spec says, the first time or again.
func (k *Stack) deploy(ctx context.Context, s spec.Stack, say session.Progress) (err error) {
	k.acting.Lock()
	defer k.acting.Unlock()
	sess := k.session
	nodes, err := awaitNodes(ctx, sess)
	if err != nil {
		return err
	}
	plan, err := k.tailor(ctx, s, nodes)
	if err != nil {
		return err
	}
	was, changed := k.current(), false
	first := was.plan == nil
	defer func() {
		if err != nil && !first && !changed { // it is still what it was
			k.revision.Store(was)
		}
	}()
	named, err := distributeNamed(ctx, sess, plan, nodes)
	if err != nil {
		return err
	}
	k.revision.Store(&stackRevision{s.Files, plan, named})
	env, err := stackParts{k}.prepare(ctx, nodes, say)
	if err != nil {
		return err
	}
	if first {
		sess.Track(k.resource())
	}
	k.follower.subscribe(ctx, nodes)
	before, err := k.past(ctx) // an earlier process may have deployed it
	if err != nil {
		return err
	}
	if err := (stackParts{k}).fillCopies(ctx, nodes); err != nil {
		return err
	}
	changed = true
	if err := k.command(ctx, env); err != nil || k.noWait {
		return err
	}
	if err := k.converge(ctx, before, false); err != nil {
		return err
	}
	if err := k.listening(ctx, s.Ready); err != nil {
		return err
	}
	if len(s.Ready) > 0 {
		if err := k.steadily(ctx, before, func() error { return k.fulfils(ctx, s.Ready) }); err != nil {
			return err
		}
	}
	sess.Artifacts.Note("stack %s ready", k.Name)
	return nil
}

// fulfils waits until the tasks of services fulfil their conditions.
func (k *Stack) fulfils(ctx context.Context, ready map[string]wait.Condition) error {
	for _, name := range slices.Sorted(maps.Keys(ready)) {
		service, err := k.named(ctx, name)
		if err == nil {
			err = service.ready(ctx, ready[name])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// command runs docker stack deploy. Its document goes to it alone: it has what
// the environment gave to services.
func (k *Stack) command(ctx context.Context, env map[string]string) error {
	dir, plan := k.session.Artifacts, k.current().plan
	document := plan.DocumentFor(stackParts{k}.labels, k.current().images)
	if err := planned.SaveText(dir.Dir, &plan.Plan); err != nil {
		return err
	}
	if err := dir.WriteJSON("stack.json", json.RawMessage(document)); err != nil {
		return err
	}
	log, err := dir.Create("stack-deploy.log")
	if err != nil {
		return err
	}
	defer log.Close()
	out := dir.RedactTo(log)
	defer out.Close()
	var heard bytes.Buffer
	addresses := session.PerEngine[addresses](k.session.On)
	addresses.RLock()
	defer addresses.RUnlock()
	began := time.Now()
	err = k.session.Engine.Deploy(ctx, k.Name, document, plan.Version, engine.Command{
		Dir: plan.Dir, Env: environ.List(env), Out: out, Err: &heard,
	})
	_, _ = out.Write(heard.Bytes())
	if err == nil {
		k.session.NoteSaid("docker stack deploy", heard.String())
	}
	dir.Note("docker stack deploy, in %v", time.Since(began).Round(time.Millisecond))
	if err != nil {
		k.session.Unsure.Store(true)
	}
	return err
}

// saveAll saves what is known of the stack, and the files that it was made of.
func (k *Stack) saveAll(ctx context.Context, dir *artifact.Dir) error {
	var err error
	if plan := k.current().plan; plan != nil { // else it was deployed by an earlier process
		err = planned.Save(dir, &plan.Plan)
	}
	return errors.Join(err, k.evidence(ctx, dir))
}

// labels says whose the things of a document are. Names may hold the stack's
// anywhere.
func (p stackParts) labels(kind, key string) map[string]string {
	name := p.k.Name + "_" + key
	switch kind {
	case owner.Container:
		name += ".*"
	case owner.Service:
	default:
		name = "*" + p.k.Name + "*"
	}
	whose := p.k.session.Owner
	if kind == owner.Volume {
		whose = whose.Data()
	}
	labels := whose.On(kind, name).Labels()
	for label, value := range labels {
		labels[label] = environ.Escape(value)
	}
	return labels
}

func checkStackReady(s spec.Stack, plan *tailor.StackPlan) error {
	var wrong report.Problems
	for _, name := range slices.Sorted(maps.Keys(s.Ready)) {
		if err := planned.CheckReady(&plan.Plan, name, s.Ready[name]); err != nil {
			wrong.Add("Ready: %w", err)
		}
		check.Condition(&wrong, fmt.Sprintf("Ready[%q]", name), s.Ready[name], s.TimeLimit)
	}
	return wrong.Joined()
}

func (k *Stack) named(ctx context.Context, name string) (*Service, error) {
	services, _, err := k.ask(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range services {
		if k.role(s.Name) == name {
			return k.service(name, s.ID), nil
		}
	}
	plan := &k.current().plan.Plan
	if slices.ContainsFunc(plan.Services, func(s tailor.Service) bool { return s.Name == name }) {
		return nil, errTakenAway
	}
	return nil, fmt.Errorf("there is none; there are services %s", planned.Names(plan))
}

// service returns the handle of a service, the same each time.
func (k *Stack) service(name, id string) *Service {
	k.naming.Lock()
	defer k.naming.Unlock()
	if k.services[id] == nil {
		k.services[id] = &Service{Name: name, ID: id, group: k.serviceGroup}
	}
	return k.services[id]
}

// Deploy deploys a stack, and waits until it is ready.
func Deploy(ctx context.Context, sess *session.Session, s spec.Stack, say session.Progress) (*Stack, error) {
	if len(s.Files) == 0 {
		return nil, errors.New("deploying a stack: Files is empty\n    hint: name a stack file")
	}
	k := newStack(sess, owner.Name(sess.Test, "", owner.NewID()), s)
	defer say.Every(ctx, k.progress)()
	if err := k.deploy(ctx, s, say); err != nil {
		return nil, k.failed("deploying", err)
	}
	return k, nil
}

func (k *Stack) resource() session.Resource {
	return session.Resource{Evidence: k.saveAll, Fates: k.fates, Remove: k.end, Enter: k.enter, Detach: k.follower.detach, Engines: k.follower.engines}
}

// progress says how far the services are, once there are any.
func (k *Stack) progress(ctx context.Context) string {
	if k.current().plan == nil {
		return ""
	}
	services, err := k.list(ctx)
	if err != nil || len(services) == 0 {
		return ""
	}
	var ids, words []string
	for _, s := range services {
		ids = append(ids, s.ID)
	}
	tasks, err := k.session.Engine.Tasks(ctx, ids...)
	if err != nil {
		return ""
	}
	for _, s := range services {
		states := map[string]int{}
		for _, t := range tasks {
			if t.Service == s.ID && (t.Desired == "running" || t.Desired == "complete") {
				states[t.State]++
			}
		}
		word := k.role(s.Name)
		for _, state := range slices.Sorted(maps.Keys(states)) {
			word += fmt.Sprintf(" %d %s", states[state], state)
		}
		words = append(words, word)
	}
	slices.Sort(words)
	return fmt.Sprintf("deploying %s: %s", strings.Join(k.current().files, ", "), strings.Join(words, ", "))
}

// Session is the session that the stack goes with.
func (k *Stack) Session() *session.Session { return k.session }

// Plan tells what was changed in the stack so that it runs isolated, a line for each.
func (k *Stack) Plan() string { return k.current().plan.Text() }

// Service returns a service, by its name in the file.
func (k *Stack) Service(ctx context.Context, name string) (*Service, error) {
	s, err := k.named(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("looking up service %q of %s: %w", name, strings.Join(k.current().files, ", "), err)
	}
	return s, nil
}

// Network returns the name in the swarm of a network, by its key in the file.
func (k *Stack) Network(key string) (string, error) {
	as := k.current()
	if !slices.Contains(as.plan.Networks, key) {
		return "", fmt.Errorf("looking up network %q of %s: there is none; %s", key, strings.Join(as.files, ", "), report.There(as.plan.Networks))
	}
	return k.Name + "_" + cmp.Or(as.plan.SameNetworks[key], key), nil
}

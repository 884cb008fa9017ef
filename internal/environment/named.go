// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/meant"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
)

// How long a named environment stays after its last use, if nobody says, and its data after
// that.
const (
	StayStandard = 8 * time.Hour
	StayMost     = 30 * 24 * time.Hour
	DataStays    = 14 * 24 * time.Hour
)

// A Record is what the engine has written down about a named environment. It holds no
// values of variables.
type Record struct {
	Version  int           `json:"version"`
	Name     string        `json:"name"`
	Checkout string        `json:"checkout"`
	Dir      string        `json:"dir"`             // of the project
	Files    []string      `json:"files"`           // as they were given, absolute
	Stack    bool          `json:"stack,omitempty"` // in a swarm; else a Compose project
	Machine  string        `json:"machine"`
	View     string        `json:"view,omitempty"` // of the machine's files, in which the checkout is
	Labelled time.Time     `json:"labelled"`       // the end that the labels of what runs name
	Created  time.Time     `json:"created"`
	Used     time.Time     `json:"used"`
	Stay     time.Duration `json:"stay"`
	Down     bool          `json:"down,omitempty"` // its owner took it down
	Copies   bool          `json:"copies,omitempty"`
	Passing  bool          `json:"passing,omitempty"` // its data goes with it
	Command  bool          `json:"command,omitempty"` // it goes with the command that seatrial run runs
	Shares   []string      `json:"shares,omitempty"`  // directories of the checkout that containers write to
	Ports    []FilePort    `json:"ports,omitempty"`
}

// A FilePort is a port as the files publish it.
type FilePort struct {
	Service  string `json:"service"`
	Number   int    `json:"number,omitempty"` // of the host, in the files
	Target   int    `json:"target"`
	Protocol string `json:"protocol"`
	Host     int    `json:"host,omitempty"` // the number that it has, if it is not the engine's to choose
}

// runOf returns the run of the environment of a name. An engine has one of each name.
func runOf(name string) string {
	sum := sha256.Sum256([]byte("seatrial environment\x00" + name))
	return owner.SharedRun(sum[:])
}

var goodName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// CheckName reports whether a name can be that of an environment.
func CheckName(name string) error {
	if !goodName.MatchString(name) {
		return fmt.Errorf("%q is not a name for an environment: up to 40 of a-z, 0-9, - and _, the first one a letter or a digit", name)
	}
	return nil
}

// A Named is a named environment, as the engine knows it.
type Named struct {
	Record
	Tuple      owner.Tuple // of what runs
	Until      time.Time   // when what runs goes, on the engine's clock
	DataUntil  time.Time
	Containers []engine.Object  // of a project
	Services   []engine.Service // of a stack
	Volumes    []engine.Object  // that hold data
	Working    string           // who is changing it now, if anybody is
	Library    bool             // tests share it: it is not a named one
	records    []engine.Object
	all        []engine.Task // of the services
}

// IsMine reports whether this user made it, on this machine.
func (n *Named) IsMine() bool {
	return !n.Library && n.Tuple.Process.User == process.Self().User && (n.Machine == process.Machine() || n.Machine == "" && process.Self().Sees(n.Tuple.Process))
}

// HasCommand reports whether it goes with the command of a seatrial run that can be seen from
// here, and lives.
func (n *Named) HasCommand() bool {
	return n.Command && process.Self().Sees(n.Tuple.Process) && process.Alive(n.Tuple.Process)
}

// IsNewer reports whether a newer seatrial made it, which knows more about it.
func (n *Named) IsNewer() bool { return n.Tuple.Environment() > owner.EnvironmentVersion }

// IsUp reports whether it has containers, or services.
func (n *Named) IsUp() bool { return len(n.Containers)+len(n.Services) > 0 }

// IsGone reports whether its checkout is not there any more, as far as that can be seen from
// here.
func (n *Named) IsGone() bool {
	return n.IsMine() && n.Checkout != "" && n.View == checkout.View() && checkout.IsGone(n.Checkout)
}

// goneFor is how long nobody may have used what is to be removed because its checkout is
// gone: a disk may be away for a while.
const goneFor = 24 * time.Hour

// Abandoned returns the environments of this user whose checkout is gone, and which nobody
// has used for a day.
func Abandoned(ctx context.Context, e *engine.Engine) ([]*Named, error) {
	all, err := List(ctx, e)
	if err != nil {
		return nil, err
	}
	now, err := e.Now(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(n *Named) bool { return !n.isAbandoned(now) }), nil
}

func (n *Named) isAbandoned(now time.Time) bool {
	return !n.IsNewer() && n.IsGone() && now.Sub(n.Used) >= goneFor
}

// MayChange returns why this user must leave it alone. For one that tests share, instead is the
// hint: what can be done there in the place of what the caller was to do.
func (n *Named) MayChange(instead string) error {
	switch {
	case n.Library:
		return fmt.Errorf("%s is shared by tests, which still may use it: seatrial does not change it\n    hint: %s", n.Name, instead)
	case n.IsNewer():
		return fmt.Errorf("environment %s was made by a newer seatrial, which writes records of version %d\n    hint: a newer version of this command can change it", n.Name, n.Tuple.Environment())
	case n.IsMine():
		return nil
	case n.Tuple.Process.User != process.Self().User:
		return fmt.Errorf("environment %s belongs to another user", n.Name)
	}
	return fmt.Errorf("environment %s was made on another machine", n.Name)
}

// Hints for what is not done to one that tests share: what looks at it without their knowing,
// and what removes it.
const lookInstead = "seatrial exec, logs, ps, port, url and env work on it"

func (n *Named) removeInstead() string {
	return "seatrial gc --run " + n.Tuple.Run + " --yes removes it"
}

// Project is the name that docker compose has for it: what tests share has another than that
// which they gave.
func (n *Named) Project() string {
	if len(n.Containers) == 0 {
		return n.Name
	}
	return n.Containers[0].Labels[engine.ComposeProject]
}

// Knows returns an error for services of which there is no container, or, of a stack, which it
// does not have.
func (n *Named) Knows(services ...string) error {
	all := n.ServiceNames()
	for _, service := range services {
		if !slices.Contains(all, service) {
			return unknownService(service, all)
		}
	}
	return nil
}

func unknownService(service string, all []string) error {
	text := fmt.Sprintf("no service %q; there are %s", service, strings.Join(all, ", "))
	if near := meant.Nearest(service, all); near != "" {
		text += ": did you mean " + near + "?"
	}
	return &UnknownError{text}
}

// State says in a word or two how it is.
func (n *Named) State() string { return n.state(endedInError) }

// serves reports whether those who share it can use it as it is: that a service of it is to end
// with another code than 0, they may expect.
func (n *Named) serves() bool {
	return n.state(func(engine.Object) bool { return false }) == "up"
}

func (n *Named) state(failed func(engine.Object) bool) string {
	running, starting, failing := 0, 0, 0
	for _, c := range n.Containers {
		switch {
		case strings.Contains(c.Status, "(unhealthy)"), c.State == "restarting", c.State == "dead", c.State == "created", failed(c): // created: it could not be started
			failing++
		case strings.Contains(c.Status, "(health: starting)"):
			starting++
		case c.State == "running":
			running++
		}
	}
	switch {
	case n.Working != "" && !n.Library: // processes that use what tests share do not change it
		return "changing"
	case !n.IsUp() && len(n.Volumes) > 0:
		return "down, data kept"
	case !n.IsUp():
		return "down"
	case n.Stack:
		return n.stackState()
	case failing > 0:
		return "failing"
	case starting > 0:
		return "starting"
	case running == 0:
		return "stopped"
	}
	return "up"
}

// stopCodes are the exit codes of what SIGINT, SIGKILL or SIGTERM ended: somebody stopped it.
var stopCodes = []int{130, 137, 143}

// endedInError reports whether the container of a service has ended as it was not to.
func endedInError(c engine.Object) bool {
	code, ended := exitCode(c)
	return ended && code != 0 && !slices.Contains(stopCodes, code) && !isOneOff(c)
}

// List returns the named environments of an engine, of all users, by their names.
func List(ctx context.Context, e *engine.Engine) ([]*Named, error) { return look(ctx, e, "") }

// Get returns the environment of a name, or nil if there is none.
func Get(ctx context.Context, e *engine.Engine, name string) (*Named, error) {
	all, err := look(ctx, e, runOf(name))
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		if n.Name == name && !n.Library {
			return n, nil
		}
	}
	return nil, nil
}

func look(ctx context.Context, e *engine.Engine, run string) ([]*Named, error) {
	volumes, containers, err := ask(ctx, e, run)
	if err != nil {
		return nil, err
	}
	byRun, begun := map[string]*Named{}, map[*Named]string{}
	of := func(t owner.Tuple) *Named {
		n := byRun[t.Run]
		if n == nil {
			n = &Named{Record: Record{Name: t.Test, Version: t.Environment()}, Tuple: t.Running(), Library: t.Environment() == 0}
			byRun[t.Run] = n
		}
		return n
	}
	for _, v := range volumes {
		kind := v.Labels[owner.LabelKind]
		t, ok := owner.Read(kind, v.Name, v.Labels)
		if !ok || !t.Shared() {
			continue
		}
		n := of(t)
		switch {
		case kind == owner.Record && t.IsData():
			n.records = append(n.records, v)
			if t.Until.After(n.DataUntil) {
				n.DataUntil, n.Tuple = t.Until, t.Running()
				_ = json.Unmarshal([]byte(v.Labels[owner.LabelEnvironment]), &n.Record) // a newer one may have another form
				n.Name, n.Tuple.Until = cmp.Or(n.Name, t.Test), n.Labelled
			}
		case kind == owner.Record:
			n.records = append(n.records, v)
			if t.Until.After(n.Until) {
				n.Until = t.Until
			}
		case kind == owner.Use && process.Self().Sees(t.Process) && t.Process != process.Self() && process.Alive(t.Process):
			n.Working = fmt.Sprintf("process %d", t.Process.PID)
			begun[n] = v.Labels[owner.LabelEnvironment]
		case kind == owner.Volume && t.IsData():
			n.Volumes = append(n.Volumes, v)
		}
	}
	for _, c := range containers {
		if t, ok := owner.Read(owner.Container, c.Name, c.Labels); ok && t.Shared() && c.Labels[engine.ComposeProject] != "" {
			of(t).Containers = append(of(t).Containers, c)
		}
	}
	for n, content := range begun {
		if n.DataUntil.IsZero() { // it is started for the first time, and no record says more
			_ = json.Unmarshal([]byte(content), &n.Record) // what tests share has none
			n.Name = cmp.Or(n.Name, n.Tuple.Test)
		}
	}
	if err := lookAtStacks(ctx, e, byRun); err != nil {
		return nil, err
	}
	var all []*Named
	for _, n := range byRun {
		if !n.IsUp() && len(n.Volumes) == 0 && n.Working == "" {
			continue // its records are for whoever cleans up
		}
		slices.SortFunc(n.Containers, func(a, b engine.Object) int {
			return cmp.Or(cmp.Compare(a.Labels[engine.ComposeService], b.Labels[engine.ComposeService]), cmp.Compare(a.Name, b.Name))
		})
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *Named) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// ask lists the volumes and the containers of a run, or of all, and finds out meanwhile where
// ports are reached, which is wanted next: an engine takes its time for each.
func ask(ctx context.Context, e *engine.Engine, run string) (volumes, containers []engine.Object, err error) {
	var others sync.WaitGroup
	var failed error
	others.Go(func() { volumes, failed = e.Volumes(ctx, owner.LabelRun, run) })
	others.Go(func() { _, _ = e.PublishAddress(ctx) })
	containers, err = e.Containers(ctx, owner.LabelRun, run)
	others.Wait()
	switch {
	case failed != nil:
		return nil, nil, fmt.Errorf("listing volumes: %w", failed)
	case err != nil:
		return nil, nil, fmt.Errorf("listing containers: %w", err)
	}
	return volumes, containers, nil
}

// write puts up records of what the environment is and until when it stays, and takes those
// away that it had before.
func (n *Named) write(ctx context.Context, e *engine.Engine, now time.Time, up bool) error {
	old := n.records
	n.records = nil
	n.Version, n.Used, n.Down = owner.EnvironmentVersion, now, !up
	content, err := json.Marshal(n.Record)
	if err != nil {
		return err
	}
	until := now
	if up {
		until = now.Add(n.Stay)
	}
	put := func(t owner.Tuple, kind string, until time.Time, more map[string]string) error {
		name := "seatrial-" + kind + "-" + t.Run + "-" + owner.NewID()
		record := t.On(owner.Record, name)
		record.Until = until.Add(time.Second) // labels have whole seconds
		labels := record.Labels()
		for key, value := range more {
			labels[key] = value
		}
		if err := e.CreateVolume(ctx, name, labels); err != nil {
			return fmt.Errorf("noting until when it stays: %w", err)
		}
		n.records = append(n.records, engine.Object{Name: name, Labels: labels})
		return nil
	}
	dataUntil := until
	if !n.Passing {
		dataUntil = until.Add(DataStays)
	}
	if err := put(n.Tuple.Data(), "data", dataUntil, map[string]string{owner.LabelEnvironment: string(content)}); err != nil {
		return err
	}
	n.DataUntil = dataUntil
	if up {
		if err := put(n.Tuple, "environment", until, nil); err != nil {
			return err
		}
		n.Until = until
	}
	for _, o := range old {
		_ = e.RemoveVolume(ctx, o.Name) // its time will be over, too
	}
	return nil
}

// seldom is how old a note of its use may be that suffices.
const seldom = 10 * time.Minute

// notedLately reports whether the note of an environment's last use suffices. One that stays for
// a short time is noted more often: it would end while it is used.
func notedLately(r Record, now time.Time) bool { return now.Sub(r.Used) < min(seldom, r.Stay/10) }

// Touch notes that the environment is used: it stays so much longer.
func (n *Named) Touch(ctx context.Context, e *engine.Engine) error {
	now, err := e.Now(ctx)
	if err != nil || !n.IsUp() || n.MayChange("") != nil || notedLately(n.Record, now) {
		return err
	}
	release, err := n.lock(ctx, "using it", func(string, ...any) {})
	if err != nil {
		return err
	}
	defer release()
	is, err := Get(ctx, e, n.Name)
	if err != nil || is == nil || !is.IsUp() {
		return err
	}
	return is.write(ctx, e, now, true)
}

// Keep has the environment stay for so long after each use.
func (n *Named) Keep(ctx context.Context, e *engine.Engine, stay time.Duration) error {
	if err := n.MayChange("Warm of seatrial.Shared says for how long it stays after its last test"); err != nil {
		return err
	}
	if !n.IsUp() {
		return fmt.Errorf("environment %s is down: what it holds stays until %s", n.Name, n.DataUntil.Local().Format(time.DateTime))
	}
	now, err := e.Now(ctx)
	if err != nil {
		return err
	}
	n.Stay, n.Passing, n.Command = stay, false, false
	return n.write(ctx, e, now, true)
}

// lock takes the lock of who changes an environment, and says for whom it waits.
func (n *Named) lock(ctx context.Context, doing string, say func(string, ...any)) (release func(), err error) {
	what := fmt.Sprintf("%s (%s, since %s)", n.Name, doing, time.Now().Format(time.TimeOnly))
	release, err = sweep.LockShared(ctx, runOf(n.Name), what, func(holder string) {
		say("waiting for another seatrial: %s", holder)
	})
	if err != nil && ctx.Err() == nil { // where there is no place for locks
		return func() {}, nil
	}
	return release, err
}

// command is how people know what this process does.
func command() string {
	if len(os.Args) > 1 {
		return "seatrial " + os.Args[1]
	}
	return "seatrial"
}

// An UnknownError says that there is nothing of a name.
type UnknownError struct{ Text string }

func (e *UnknownError) Error() string { return e.Text }

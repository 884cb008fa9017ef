// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// mostTasks bounds how many tasks that failed without a container are shown: the file has all of them.
const mostTasks = 12

// An attempt is one of the tasks that a swarm has started in one place, one after the other.
type attempt struct {
	Name, Node string
	Attempt    int
	Task       struct {
		ID, State, Message, Error string
	}
}

func (a attempt) failed() bool { return a.Task.State == "failed" || a.Task.State == "rejected" }

// state says what became of the task, if it failed.
func (a attempt) state() string {
	text := a.Task.State
	if a.Node != "" {
		text += " on " + a.Node
	}
	if why := cmp.Or(a.Task.Error, a.Task.Message); why != "" {
		text += ": " + why
	}
	return text
}

// readTasks reads NAME.tasks.json. What is something else is shown as a file alone.
func (r *reader) readTasks(content []byte) {
	var all struct{ Tasks []attempt }
	_ = json.Unmarshal(content, &all)
	for i, t := range all.Tasks {
		r.tasks[cmp.Or(t.Task.ID, fmt.Sprint("none", len(r.tasks), i))] = t
	}
}

// arrange puts together what several files say of one thing, and what went wrong first.
func (r *reader) arrange() {
	r.nameTasks()
	members := map[string][]string{}
	for _, s := range r.Services {
		for network, at := range s.members {
			members[network] = append(members[network], strings.TrimSpace(s.Name+" "+at))
		}
	}
	slices.SortStableFunc(r.Services, func(a, b Service) int {
		switch {
		case a.Bad() == b.Bad():
			return 0
		case a.Bad():
			return -1
		}
		return 1
	})
	for _, name := range slices.Sorted(maps.Keys(members)) {
		slices.Sort(members[name])
		r.Networks = append(r.Networks, Network{name, members[name]})
	}
	cause := r.Cause()
	for i := range r.Log.Lines { // what the failure quotes is bad news, whatever its words
		if l := &r.Log.Lines[i]; len(l.Text) >= 8 && l.Level != "error" && strings.Contains(cause, l.Text) {
			l.Level = "error"
		}
	}
}

// nameTasks gives containers of a swarm the names of their tasks, and adds tasks that failed
// before they had a container.
func (r *reader) nameTasks() {
	most := map[string]int{} // by the name of a task
	for _, t := range r.tasks {
		most[t.Name] = max(most[t.Name], t.Attempt)
	}
	name := func(t attempt) string {
		if most[t.Name] < 2 {
			return t.Name
		}
		return fmt.Sprintf("%s (attempt %d)", t.Name, t.Attempt)
	}
	for i := range r.Services {
		s := &r.Services[i]
		s.Usage, s.file = r.usage[s.Name], s.Name
		t, is := r.tasks[s.task]
		if !is {
			continue
		}
		delete(r.tasks, s.task)
		s.Name, s.order = name(t), t
		if t.failed() {
			s.State = t.state()
		} else if t.Node != "" {
			s.State += " on " + t.Node
		}
	}
	alone := slices.SortedFunc(maps.Values(r.tasks), newest)
	for _, t := range alone[:min(len(alone), mostTasks)] {
		if t.failed() {
			r.Services = append(r.Services, Service{Name: name(t), State: t.state(), order: t})
		}
	}
	if len(most) > 0 {
		slices.SortStableFunc(r.Services, func(a, b Service) int { return newest(a.order, b.order) })
	}
}

// newest sorts tasks by their names, and those of one name the newest first. What is no task comes last.
func newest(a, b attempt) int {
	if a.Name == "" || b.Name == "" {
		return cmp.Compare(b.Name, a.Name)
	}
	return cmp.Or(cmp.Compare(a.Name, b.Name), b.Attempt-a.Attempt)
}

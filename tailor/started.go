// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
)

// isStack tells a stack from a Compose project, where rules of both differ.
func (m *document) isStack() bool { return m.project == nil }

// kind is how messages name the whole.
func (m *document) kind() string {
	if m.isStack() {
		return "stack"
	}
	return "project"
}

// active tells whether a service is on under the profiles.
func (m *document) active(service string) bool {
	if m.isStack() { // which have no profiles
		return true
	}
	_, ok := m.project.Services[service]
	return ok
}

// isStarted tells whether a plain start of the files starts a container.
func (m *document) isStarted(c container) bool {
	if c.at[0] != "services" || !m.active(c.name) || c.body["provider"] != nil {
		return false
	}
	if m.isStack() {
		return true
	}
	typed := m.project.Services[c.name]
	return typed.GetScale() > 0
}

// startedFirst returns the containers of the files, first those that a plain start starts.
func (m *document) startedFirst() []container {
	return slices.SortedStableFunc(slices.Values(m.containers()), func(a, b container) int {
		switch is, other := m.isStarted(a), m.isStarted(b); {
		case is == other:
			return 0
		case is:
			return -1
		}
		return 1
	})
}

// started is a service that a plain start of the files starts, and how many
// containers it gets.
type started struct {
	container
	count int
}

func (m *document) started() []started {
	var all []started
	for _, c := range m.containers() {
		if m.isStarted(c) {
			typed := m.project.Services[c.name]
			all = append(all, started{c, typed.GetScale()})
		}
	}
	return all
}

// after tells whether a service starts only when another one has ended, and has
// given back what it took.
func (m *document) after(service, ended string) bool {
	seen := map[string]bool{}
	var look func(string) bool
	look = func(name string) bool {
		if seen[name] {
			return false
		}
		seen[name] = true
		for needed, how := range m.project.Services[name].DependsOn {
			if needed == ended && how.Condition == types.ServiceConditionCompletedSuccessfully || look(needed) {
				return true
			}
		}
		return false
	}
	return look(service)
}

// apart tells whether two services never run at the same time.
func (m *document) apart(a, b string) bool { return m.after(a, b) || m.after(b, a) }

// SPDX-License-Identifier: Apache-2.0

package page

import "cmp"

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

// newest sorts tasks by their names, and those of one name the newest first. What is no task comes last.
func newest(a, b attempt) int {
	if a.Name == "" || b.Name == "" {
		return cmp.Compare(b.Name, a.Name)
	}
	return cmp.Or(cmp.Compare(a.Name, b.Name), b.Attempt-a.Attempt)
}

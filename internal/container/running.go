// SPDX-License-Identifier: Apache-2.0

package container

import (
	"cmp"
	"slices"
)

// Running is what there is of a project on the engine, or of a stack in the swarm, by the names
// that its files use.
type Running struct {
	Containers []RunningContainer
	Networks   []RunningObject
	Volumes    []RunningObject
}

// A RunningContainer is a container of a project, which need not run, or that of a task.
type RunningContainer struct {
	Service string
	Number  int    // of the replica, from 1; 0 for one of Run; of a stack the slot
	Name    string // on the engine: for docker exec in a script
	ID      string
	State   string // Docker's word for the container, or, where its engine cannot be asked, for the task
	Node    string // of a stack's: its host name
}

// A RunningObject is a network or volume.
type RunningObject struct {
	Key    string // in the files; for the copy of a directory, its path in the project's directory
	Name   string // on the engine
	ID     string // a volume has none but its name
	Driver string
	Node   string // of a stack's volume
}

// Sort puts it in the order in which people look for something.
func (r *Running) Sort() {
	slices.SortFunc(r.Containers, func(a, b RunningContainer) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Name, b.Name))
	})
	for _, all := range [][]RunningObject{r.Networks, r.Volumes} {
		slices.SortFunc(all, func(a, b RunningObject) int {
			return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Node, b.Node), cmp.Compare(a.Name, b.Name))
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/moby/moby/client"
)

// An Object is a thing on the engine, as lists show it.
type Object struct {
	ID       string
	Name     string
	Labels   map[string]string
	Driver   string    // of a network or volume
	State    string    // of a container: running, exited, …
	Status   string    // of a container, in words: "Up 3 seconds (healthy)"
	Ports    []Binding // that a container publishes
	Networks []string  // that a container is in
	Writes   []string  // what a container may write to that is not its own: volumes by name, paths of the machine
	// Untagged says of an image that it has no name on the engine: Name is then
	// what [Engine.Commit] was to call it, or empty.
	Untagged bool
}

// labelled filters by a label's value, or, if that is empty, by the label alone.
func labelled(label, value string) client.Filters {
	if label == "" {
		return nil
	}
	if value != "" {
		label += "=" + value
	}
	return make(client.Filters).Add("label", label)
}

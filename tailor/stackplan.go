// SPDX-License-Identifier: Apache-2.0

package tailor

// StackPlan is what tailoring decided about a stack. It is data: nothing in it
// changes after [Stack] returned it. Its Override is empty, as what runs is the
// one [StackPlan.Document].
//
// Files are what docker stack deploy would be given as -c, and Env is what to
// give to it. Values that are only known when the stack runs stand in the plan
// and in the document as variables: the stack's name as ${SEATRIAL_STACK}, and
// those that the fields below name. All of them must have a value then.
type StackPlan struct {
	Plan

	// Version is the version of the file format that the document needs: 3.9 if
	// that is enough, which docker 20.10 knows. 3.10 needs docker 23, 3.12
	// needs 25, and 3.13 needs 27.
	Version string `json:"version,omitempty"`

	// Leases are the host ports that must be known before the stack is deployed.
	Leases []StackLease `json:"leases,omitempty"`

	// Secrets and Configs are to be created before, and removed after.
	Secrets []StackContent `json:"secrets,omitempty"`
	Configs []StackContent `json:"configs,omitempty"`

	// Builds are the images to be built before.
	Builds []StackBuild `json:"builds,omitempty"`

	// Copies are volumes of the stack that take the place of host paths. They are
	// to be made and filled before, on every node, under the stack's name, an
	// underscore and their key.
	Copies []StackVolume `json:"copies,omitempty"`

	document []byte
}

// Variable for the name of the stack.
const stackVariable = "SEATRIAL_STACK"

// Document returns what to deploy: one JSON document, for
//
//	docker stack deploy -c - NAME
//
// with Dir as the working directory and the plan's variables in its environment.
// It depends on the files and the spec alone: the same input gives the same
// bytes. It is nil if the stack was refused. What the environment and the env files give
// to the services is in it.
func (p *StackPlan) Document() []byte {
	if p.document == nil {
		return nil
	}
	return append([]byte(nil), p.document...)
}

// StackLease is a host port that the document has as a variable.
type StackLease struct {
	Variable string `json:"variable"`
	Service  string `json:"service"`
	// Published is the number in the file.
	Published int `json:"published"`
	// Protocols are those in which the number has to be free.
	Protocols []string `json:"protocols"`
}

// StackContent is a secret or config whose content the spec gives. The document
// refers to it as an external one, whose name is the variable.
type StackContent struct {
	Variable string `json:"variable"`
	// Key is its key in the file and Name the name that it has there, if it is
	// external. Given is its key in the spec.
	Key   string `json:"key"`
	Name  string `json:"name,omitempty"`
	Given string `json:"given"`
}

// StackVolume is a volume with a copy of a host path, or an empty one.
type StackVolume struct {
	Volume string `json:"volume"`
	Source string `json:"source"`
	// Empty says that nothing is to be copied. What does not exist is an empty
	// directory, too.
	Empty bool `json:"empty,omitempty"`
}

// StackBuild is an image that the file builds. docker stack deploy does not: the
// document has its name as a variable.
type StackBuild struct {
	Variable string `json:"variable"`
	// Service is the first that has it, and Image the tag that the file gives it.
	Service string `json:"service"`
	Image   string `json:"image,omitempty"`
	// Context is an absolute directory, or an address as the file has it.
	// Dockerfile is relative to it, and empty for the usual name.
	Context    string             `json:"context"`
	Dockerfile string             `json:"dockerfile,omitempty"`
	Target     string             `json:"target,omitempty"`
	Network    string             `json:"network,omitempty"`
	Args       map[string]*string `json:"args,omitempty"`
	Labels     map[string]string  `json:"labels,omitempty"`
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"regexp"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
)

// IsInUse reports whether an error says that an object cannot be removed now,
// because others use it or somebody is removing it already.
func IsInUse(err error) bool { return cerrdefs.IsConflict(err) }

// ignore returns err, or nil if err is of one of these kinds.
func ignore(err error, kinds ...func(error) bool) error {
	for _, is := range kinds {
		if is(err) {
			return nil
		}
	}
	return err
}

// IsNotFound reports whether an error says that there is no such object.
func IsNotFound(err error) bool { return cerrdefs.IsNotFound(err) }

// IsOutOfOrder reports whether an error says that the engine could not answer, for
// reasons of its own, such as a swarm without a leader.
func IsOutOfOrder(err error) bool { return cerrdefs.IsInternal(err) || cerrdefs.IsUnavailable(err) }

// inOneLine lets the first line of a message have the cause, which the engine
// may put on those after it.
func inOneLine(err error) error { return &oneLine{err} }

type oneLine struct{ error }

func (e *oneLine) Unwrap() error { return e.error }

func (e *oneLine) Error() string { return Innermost(e.error.Error()) }

// Innermost is what an engine says of a container that it could not start, in one line and
// without what its layers say before the one that knows.
func Innermost(text string) string {
	text = strings.ReplaceAll(text, "\n", " ")
	for _, layer := range layers {
		if before, after, ok := strings.Cut(text, layer); ok {
			text = before + after
		}
	}
	return endpointLayer.ReplaceAllString(text, "")
}

// layers are what the engine's layers say before the one that knows why a
// container did not start. They are left out where people read.
var layers = []string{
	"failed to create task for container: ", "failed to create shim task: ", "OCI runtime create failed: ", "runc create failed: ",
	"failed to set up container networking: ", "unable to start container process: ", "error during container init: ", "container_linux.go:380: starting container process caused: ",
}

// endpointLayer is one of them, too, with the container's name and its endpoint's id.
var endpointLayer = regexp.MustCompile(`driver failed programming external connectivity on endpoint \S+(?: \([0-9a-f]+\))?: `)

// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"encoding/base32"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Shared objects have no owning process. Their run is the key of their content, and
// their scope says that they are shared. They live while a process with a Use of
// this scope lives, and then as long as a Record says.
const sharedScope = "shared-"

// Labels of the record of shared objects.
const (
	LabelKey     = prefix + "key"     // the whole key
	LabelRunning = prefix + "running" // how many containers ran when it was ready
)

// NewSharedScope returns the scope for one start of shared objects.
func NewSharedScope() string { return sharedScope + NewID() }

// SharedRun returns the run of shared objects, which has the form of any other run.
func SharedRun(key []byte) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(key)[:8])
}

// Shared reports whether processes share the object.
func (t Tuple) Shared() bool { return strings.HasPrefix(t.Scope, sharedScope) }

// An environment is shared by the commands of its owner. It has two scopes: one for what
// runs, and one for its data, which outlasts the first. Both include the version of the
// format of its records, so that an older seatrial leaves alone what it does not
// understand.
const EnvironmentVersion = 1

// LabelEnvironment is on the record of an environment's data: it describes the
// environment in JSON, without values of variables.
const LabelEnvironment = prefix + "environment"

var environmentScope = regexp.MustCompile(`^` + sharedScope + `(env|data)([0-9]+)-([a-z2-7]{8})$`)

// NewEnvironmentScope returns the scope for what runs in a new environment.
func NewEnvironmentScope() string {
	return fmt.Sprintf("%senv%d-%s", sharedScope, EnvironmentVersion, NewID())
}

// Environment returns the version of the environment to which the object belongs, or 0.
func (t Tuple) Environment() int {
	parts := environmentScope.FindStringSubmatch(t.Scope)
	if parts == nil {
		return 0
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil || n == 0 {
		return 0
	}
	return n
}

// IsData reports whether the object is data of an environment, which outlasts what runs.
func (t Tuple) IsData() bool {
	parts := environmentScope.FindStringSubmatch(t.Scope)
	return parts != nil && parts[1] == "data"
}

// Data returns the tuple for objects with data: in an environment they have another
// scope.
func (t Tuple) Data() Tuple { return t.part("data") }

// Running is the inverse of Data.
func (t Tuple) Running() Tuple { return t.part("env") }

func (t Tuple) part(kind string) Tuple {
	if parts := environmentScope.FindStringSubmatch(t.Scope); parts != nil {
		t.Scope = sharedScope + kind + parts[2] + "-" + parts[3]
	}
	return t
}

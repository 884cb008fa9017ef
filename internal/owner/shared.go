// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"encoding/base32"
	"strings"
)

// What processes share has no owner among them. Its run is the key of what it is
// made of, and its scope tells that it is shared. It lives while a process lives
// that has a Use of this scope, and then as long as a Record says.
const sharedScope = "shared-"

// Labels of the record of what is shared.
const (
	LabelKey     = prefix + "key"     // the whole key
	LabelRunning = prefix + "running" // how many containers ran when it was ready
)

// NewSharedScope returns the scope of what is shared, for one start of it.
func NewSharedScope() string { return sharedScope + NewID() }

// SharedRun returns the run of what is shared, which has the form of any other.
func SharedRun(key []byte) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(key)[:8])
}

// Shared reports whether it is shared by processes.
func (t Tuple) Shared() bool { return strings.HasPrefix(t.Scope, sharedScope) }

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"github.com/moby/moby/api/types/container"
)

// The driver local keeps bytes, where json-file, which most engines have by
// themselves, keeps text; and it keeps as much as it is told to.
var keptBytes = container.LogConfig{Type: driverLocal, Config: map[string]string{"max-size": allOfIt}}

// allOfIt is more than anybody prints, in the options of logging drivers.
const allOfIt = "1t"

// Logging drivers, as the engine calls them.
const (
	driverNone     = "none"
	driverJSONFile = "json-file"
	driverLocal    = "local"
)

// SPDX-License-Identifier: Apache-2.0

package process

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"sync"
)

// Machine identifies this machine, also across reboots. A container with its own machine
// id counts as another machine.
var Machine = sync.OnceValue(func() string {
	name, _ := os.Hostname()
	id, _ := os.ReadFile("/etc/machine-id") // exists on Linux
	sum := sha256.Sum256([]byte(name + "\x00" + strings.TrimSpace(string(id))))
	return hex.EncodeToString(sum[:6])
})

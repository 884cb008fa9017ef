// SPDX-License-Identifier: Apache-2.0

package process

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"sync"
)

// Machine tells this machine from others, also after it was started anew: what a container
// has of its own is another machine.
var Machine = sync.OnceValue(func() string {
	name, _ := os.Hostname()
	id, _ := os.ReadFile("/etc/machine-id") // Linux has it
	sum := sha256.Sum256([]byte(name + "\x00" + strings.TrimSpace(string(id))))
	return hex.EncodeToString(sum[:6])
})

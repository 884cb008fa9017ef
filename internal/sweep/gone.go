// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Farewell is how long an engine that is gone for good is asked again.
const Farewell = 30 * time.Second

// SinceGone returns since when the directory of an engine's socket has been gone, or zero if
// it exists: a restarted engine makes its socket again, but not the directory. Since is what
// the look before returned.
func SinceGone(since time.Time, host string, now time.Time) time.Time {
	socket, ok := strings.CutPrefix(host, "unix://")
	if !ok {
		return time.Time{}
	}
	if _, err := os.Stat(filepath.Dir(socket)); !errors.Is(err, fs.ErrNotExist) {
		return time.Time{}
	}
	if since.IsZero() {
		return now
	}
	return since
}

// SPDX-License-Identifier: Apache-2.0

package watchdog

import (
	"path/filepath"
	"testing"
	"time"
)

func TestSinceGone(t *testing.T) {
	dir := t.TempDir()
	none, before, now := time.Time{}, time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range []struct {
		about, host string
		since, want time.Time
	}{
		{"a socket that is not there", "unix://" + filepath.Join(dir, "docker.sock"), none, none},
		{"a directory that is back", "unix://" + filepath.Join(dir, "docker.sock"), before, none},
		{"a directory that is gone", "unix://" + filepath.Join(dir, "gone", "docker.sock"), none, now},
		{"a directory that was gone before", "unix://" + filepath.Join(dir, "gone", "docker.sock"), before, before},
		{"another machine", "tcp://127.0.0.1:1", none, none},
	} {
		if got := sinceGone(c.since, c.host, now); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.about, got, c.want)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
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
		if got := SinceGone(c.since, c.host, now); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", c.about, got, c.want)
		}
	}
}

// Whoever waits for the end of shared objects does not outlive the engine that has them, but
// waits for one that may come back.
func TestCollectSharedOfAnEngineThatIsGone(t *testing.T) {
	for _, c := range []struct {
		about    string
		gone     bool
		min, max time.Duration
	}{
		{"the directory of its socket is gone", true, Farewell, 2 * nextLook},
		{"it may come back", false, trouble * nextLook, trouble*nextLook + time.Minute},
	} {
		t.Run(c.about, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			cache := t.TempDir()
			t.Setenv("XDG_CACHE_HOME", cache) // for the locks
			t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(dir, "docker.sock"))
			if c.gone {
				if err := os.Remove(dir); err != nil {
					t.Fatal(err)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				e, err := engine.Again(engine.Caller{})
				if err != nil {
					t.Fatal(err)
				}
				defer e.CloseIdle()
				began := time.Now()
				CollectShared(e, "abcdefgh")
				if took := time.Since(began); took < c.min || took > c.max {
					t.Errorf("it ended after %v, want %v to %v", took, c.min, c.max)
				}
			})
			if made, err := os.ReadDir(cache); err != nil || c.gone != (len(made) == 0) {
				t.Errorf("it made %v (%v) for its lock, and the engine is gone: %t", made, err, c.gone)
			}
		})
	}
}

// SPDX-License-Identifier: Apache-2.0

package leftovers_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/enginetest/private"
)

// unmounted runs the tests, and requires that the engine has the same mounts before
// and after.
type unmounted struct{ tests interface{ Run() int } }

// MayForget allows for tests that are killed while the engine makes a container for them.
func (unmounted) MayForget() int { return 1 }

func (u unmounted) Run() int {
	if enginetest.IsChild() {
		return u.tests.Run()
	}
	before := mounts()
	code := u.tests.Run()
	after := mounts()
	for end := time.Now().Add(30 * time.Second); !slices.Equal(after, before) && time.Now().Before(end); after = mounts() {
		time.Sleep(100 * time.Millisecond)
	}
	if !slices.Equal(after, before) {
		fmt.Fprintf(os.Stderr, "FAIL: mounted are\n%s\nbefore the tests there were\n%s\n", strings.Join(after, "\n"), strings.Join(before, "\n"))
		return max(code, 1)
	}
	return code
}

// mounts lists the engine's mounts, if it is private or in this mount namespace:
// layers of containers, and network namespaces.
func mounts() (all []string) {
	content, _ := os.ReadFile("/proc/" + cmp.Or(private.Daemon(), "self") + "/mountinfo")
	for line := range strings.Lines(string(content)) {
		at := strings.Fields(line)[4]
		if strings.HasSuffix(at, "/netns/default") { // the machine's own, which an engine keeps after its first use
			continue
		}
		if strings.Contains(at, "/netns/") || strings.Contains(at, "/overlay2/") || strings.Contains(at, "/rootfs/") {
			all = append(all, at)
		}
	}
	slices.Sort(all)
	return all
}

// SPDX-License-Identifier: Apache-2.0

package process

import (
	"os"
	"strconv"
	"sync"

	"github.com/seatrial/seatrial/internal/owner"
)

// Self returns this process.
var Self = sync.OnceValue(func() owner.Process {
	p := describe(os.Getpid())
	p.User = user()
	return p
})

// Run identifies this process's use of seatrial, in the labels of its objects.
var Run = owner.NewID()

// Of returns a process of this machine by its pid. User stays empty.
func Of(pid int) owner.Process { return describe(pid) }

// Alive reports whether a process of this machine and this pid namespace lives.
// Another process with the same pid does not count.
func Alive(p owner.Process) bool {
	now := describe(p.PID)
	return now.Start != "" && now.Start == p.Start && exists(p.PID)
}

func user() string {
	if uid := os.Getuid(); uid >= 0 {
		return strconv.Itoa(uid)
	}
	return os.Getenv("USERNAME") // Windows
}

// SPDX-License-Identifier: Apache-2.0

package process

import (
	"os"
	"strconv"
	"sync"

	"github.com/seatrial/seatrial/internal/owner"
)

// Self is this process.
var Self = sync.OnceValue(func() owner.Process {
	p := describe(os.Getpid())
	p.User = user()
	return p
})

// Run is this process's use of seatrial: its objects bear it.
var Run = owner.NewID()

// Of tells who a process of this machine is. User stays empty.
func Of(pid int) owner.Process { return describe(pid) }

// Alive reports whether a process lives, which must be one of this machine and
// of this pid namespace. Another process with its pid is not it.
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

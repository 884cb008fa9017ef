// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/moby/moby/api/types/container"
)

// keeping is what is known of how the engine keeps the log of a container.
type keeping struct {
	unread string // why nothing of it can be read; empty if it can
	json   bool   // it keeps text alone
	most   int64  // bytes that were read from which on older ones may be lost; 0 if none are
	how    string // why
	read   int64  // bytes that were read
	broken string // what the engine said last time, instead of all of it
	said   map[string]bool
	untold []string
}

// Unread says why nothing of what the container prints can be had, or nothing if it
// can.
func (f *Follower) Unread() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept.unread
}

// unreadable notes that there is no log, and ends a life that is over.
func (f *Follower) unreadable(l logSource, why string) {
	if !l.running {
		defer f.endLife()
	}
	defer f.tell()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept.unread = fmt.Sprintf("what it prints is not to be had: its logging driver %s %s", l.log.Type, why)
	f.kept.say(f.kept.unread)
	f.signal()
}

// say notes what is missing, once. The caller has the follower's lock, and calls tell
// without it.
func (k *keeping) say(what string) {
	if k.said[what] {
		return
	}
	if k.said == nil {
		k.said = map[string]bool{}
	}
	k.said[what] = true
	k.untold = append(k.untold, what)
}

// tell tells what was noted.
func (f *Follower) tell() {
	f.mu.Lock()
	all := f.kept.untold
	f.kept.untold = nil
	f.mu.Unlock()
	for _, what := range all {
		f.lacks(what)
	}
}

// brokenLife notes that the engine said, within the log, that it cannot read on. What
// it says twice stays so: a life that is over is read no further then.
func (f *Follower) brokenLife(said engineError, running bool) time.Duration {
	f.mu.Lock()
	again := f.kept.broken == said.Error()
	f.kept.broken = said.Error()
	if again {
		f.kept.say("the engine cannot read all of its log: " + said.Error())
	}
	f.mu.Unlock()
	f.tell()
	if again && !running {
		f.endLife()
		return 0
	}
	return lookAgain
}

// overhead is what the engine's files have for each message, beside its text.
const overhead = 100

// limits notes what the engine loses of a log. The caller has the follower's lock.
func (k *keeping) limits(log container.LogConfig) {
	driver, options := log.Type, log.Config
	size, files := options["max-size"], 1
	switch {
	case driver == driverLocal:
		if files = 5; size == "" {
			size = "20m"
		}
	case driver != driverJSONFile:
		size = ""
	}
	if n, err := strconv.Atoi(options["max-file"]); err == nil {
		files = n
	}
	k.json = driver == driverJSONFile
	if options["mode"] == "non-blocking" {
		k.say("its log is written without waiting (mode=non-blocking): lines are lost when it prints faster than the engine writes")
	}
	if size == allOfIt { // as Run and tailoring have it
		return
	}
	if most, err := units.RAMInBytes(size); err == nil && most > 0 {
		k.most = max(most*int64(files-1), 1)
		k.how = fmt.Sprintf("the logging driver %s keeps %d × %s of what it prints: lines may be missing", driver, files, size)
	}
}

// judge looks whether something may be missing before or in a message that was read. The
// caller has the follower's lock.
func (k *keeping) judge(m message) {
	if k.read += int64(len(m.text)) + overhead; k.most > 0 && k.read >= k.most {
		k.say(k.how)
	}
	if k.json && strings.Contains(m.text, "\uFFFD") {
		k.say("it prints bytes that are not UTF-8, in the place of which the logging driver json-file keeps U+FFFD; the driver local keeps them")
	}
}

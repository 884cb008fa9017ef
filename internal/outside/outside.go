// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// Pattern returns the pattern, for os.MkdirTemp, of the directories of a run's engines.
func Pattern(run string) string { return "seatrial-engine-" + run + "-*" }

var names = regexp.MustCompile(`^seatrial-engine-[a-z0-9]+-[0-9]+$`)

// A Note says what a private engine has outside of its directory. It is a file in that
// directory.
type Note struct {
	First owner.Process // process 1 of its namespaces, with its pid outside
	Link  Link          // its link, which also has firewall rules; 0 if it has none
}

const noteFile = ".seatrial-outside"

// Write writes the note into an engine's directory. It must be called before the
// things in the note exist.
func (n Note) Write(dir string) error {
	text := fmt.Sprintf("%s\n%d\n", n.First, n.Link)
	// Atomically, as this process may be killed.
	temp := filepath.Join(dir, noteFile+".new")
	if err := os.WriteFile(temp, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(temp, filepath.Join(dir, noteFile))
}

// Read reads the note in an engine's directory. It accepts only a file of this
// user, because the caller will kill the process in it.
func Read(dir string) (n Note, ok bool) {
	file := filepath.Join(dir, noteFile)
	if !ours(file) {
		return n, false
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return n, false
	}
	first, link, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	n.First, _ = owner.ParseProcess(first) // missing if it was never started
	number, err := strconv.Atoi(link)
	n.Link = Link(number)
	return n, err == nil && n.Link.valid()
}

// SocketDir returns the second directory of an engine in dir, for its socket.
func SocketDir(dir string) string { return filepath.Join("/run", filepath.Base(dir)) }

// Remove removes what the engine in dir has outside of dir; if dir is not an
// engine's, that is nothing. The directory itself is left to the caller.
func Remove(dir string) error {
	name := filepath.Base(dir)
	if !names.MatchString(name) {
		return nil
	}
	note, ok := Read(dir)
	if !ok {
		return nil // the engine never started
	}
	errs := []error{end(note.First)}
	if note.Link != 0 {
		errs = append(errs, note.Link.remove(name))
	}
	errs = append(errs, removeCgroups(name))
	if second := SocketDir(dir); ours(second) {
		errs = append(errs, os.RemoveAll(second))
	}
	return errors.Join(errs...)
}

// patience is how long the kernel may take for what it does asynchronously.
const patience = 10 * time.Second

// end waits until the engine's first process is gone, which is the last one to end.
// It ends by itself after the test that started it.
func end(first owner.Process) error {
	if !process.Self().Sees(first) {
		return nil
	}
	return await("ending the engine's processes", func() error {
		if process.Alive(first) {
			kill(first.PID)
			return fmt.Errorf("process %d is still there", first.PID)
		}
		return nil
	})
}

// await calls do until it returns nil, as there is no event for the kernel's work.
func await(what string, do func() error) error {
	for stop := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		err := do()
		if err == nil {
			return nil
		}
		if time.Now().After(stop) {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Dir is the artifact directory of one test. It is safe for concurrent use.
type Dir struct {
	path     string
	kept     bool
	redactor redactor
	over     atomic.Bool

	mu       sync.Mutex
	of       string // the first line of the time line
	timeline *os.File
	began    time.Time
	messages []Message // of the merged log
	shipped  map[[2]string]bool
}

// Open makes the artifact directory of a test.
//
// With a root, the directory is made there, named after the test (with a number if
// that name is in use), and stays. Without one it is a private temporary directory
// with the run in its name, which Discard removes.
func Open(root, test, run string) (*Dir, error) {
	name := fileName(test)
	if root == "" {
		parent, err := filepath.Abs(os.TempDir())
		var path string
		if err == nil {
			path, err = os.MkdirTemp(parent, "seatrial-"+name+"-"+run+"-")
		}
		if err != nil {
			return nil, fmt.Errorf("making the artifact directory of %s: %w", test, err)
		}
		return &Dir{path: path, began: time.Now()}, nil
	}
	root, err := filepath.Abs(root)
	if err == nil {
		err = os.MkdirAll(root, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("making the artifact directory of %s: %w", test, err)
	}
	path, err := number(filepath.Join(root, name), "", func(path string) error { return os.Mkdir(path, 0o700) })
	if err != nil {
		return nil, fmt.Errorf("making the artifact directory of %s: %w", test, err)
	}
	return &Dir{path: path, kept: true, began: time.Now()}, nil
}

// Use makes an existing directory the artifact directory, and keeps it.
func Use(path string) *Dir { return &Dir{path: path, kept: true, began: time.Now()} }

// Path returns the absolute path of the directory.
func (d *Dir) Path() string { return d.path }

// Kept reports whether Discard leaves the directory alone.
func (d *Dir) Kept() bool { return d.kept }

// Create makes a file, readable by its owner alone. A name that is in use gets a
// number: no file is ever overwritten.
func (d *Dir) Create(name string) (*os.File, error) {
	ext := filepath.Ext(name)
	base := filepath.Join(d.path, fileName(strings.TrimSuffix(name, ext)))
	var file *os.File
	_, err := number(base, ext, func(path string) (err error) {
		file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("creating artifact %q: %w", name, err)
	}
	return file, nil
}

// CreateAs makes a file of exactly this name, readable by its owner alone. A name
// that is in use is an error, and so is one that is not a plain file name.
func (d *Dir) CreateAs(name string) (*os.File, error) {
	if !IsName(name) {
		return nil, fmt.Errorf("creating artifact %q: it is not a plain file name", name)
	}
	file, err := os.OpenFile(filepath.Join(d.path, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("creating artifact %q: the test has a file of this name already", name)
	}
	if err != nil {
		return nil, fmt.Errorf("creating artifact %q: %w", name, err)
	}
	return file, nil
}

// IsName reports whether a name is a plain file name that is valid on every
// system.
func IsName(name string) bool { return name != "" && fileName(name) == name }

// TimelineName is the name of the file that Note writes to, and ReportName that of the
// page of the whole directory.
const (
	TimelineName = "timeline.txt"
	ReportName   = "report.html"
)

// Of has the time line begin with the test that the directory is of: its own name is made fit
// for a file, and two packages may have tests of one name.
func (d *Dir) Of(test, pkg string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.of = "test " + test + " of package " + pkg
}

// Over is the line of the time line that separates the test from its clean-up, Shared the one
// of what tests share, which the end of the process ends, and Up the one of an environment that
// outlives the command that started it. A time line with none of them is of what was cut off.
const (
	Over   = "the test has ended"
	Shared = "tests share this, until their process ends"
	Up     = "the environment is up"
)

// End notes that the test has ended, once.
func (d *Dir) End() {
	if !d.over.Swap(true) {
		d.Note(Over)
	}
}

// Ended reports whether the test has ended: containers that are killed from now on are
// killed by the clean-up.
func (d *Dir) Ended() bool { return d.over.Load() }

// IsTaken reports whether a file of this name is seatrial's own.
func IsTaken(name string) bool {
	for _, ours := range []string{TimelineName, FailureName, MergedName, ReportName} {
		if strings.EqualFold(name, ours) {
			return true
		}
	}
	return false
}

// Write makes a file with this content, and returns its path.
func (d *Dir) Write(name string, content []byte) (string, error) {
	file, err := d.Create(name)
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("writing artifact %q: %w", name, err)
	}
	return file.Name(), nil
}

// WriteShipped makes a copy of a shipped file, unless there is one with this name and
// content already: a test may build or start the same thing many times. The copy is not
// redacted, as nothing in a shipped file is secret.
func (d *Dir) WriteShipped(name, content string) error {
	d.mu.Lock()
	is := [2]string{name, content}
	written := d.shipped[is]
	if d.shipped == nil {
		d.shipped = map[[2]string]bool{}
	}
	d.shipped[is] = true
	d.mu.Unlock()
	if written {
		return nil
	}
	_, err := d.Write(name, []byte(content))
	return err
}

// Note adds a line to timeline.txt, with the time of day in UTC, as logs have it, and the
// time since the directory was made.
func (d *Dir) Note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.note(fmt.Sprintf(format, args...))
}

// note adds a line to the time line. The caller has the lock.
func (d *Dir) note(text string) {
	if d.timeline == nil {
		file, err := os.OpenFile(filepath.Join(d.path, TimelineName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return // no test should fail because the time line cannot be written
		}
		d.timeline = file
		if of := d.of; of != "" {
			d.of = ""
			d.note(of)
		}
	}
	now := time.Now()
	fmt.Fprintf(d.timeline, "%s %9.3fs  %s\n", now.UTC().Format("15:04:05.000"), now.Sub(d.began).Seconds(), d.Redact(text))
}

// Discard ends the use of the directory, and removes it if it is not a kept one.
func (d *Dir) Discard() error {
	err := d.Close()
	if d.kept {
		return err
	}
	return errors.Join(err, os.RemoveAll(d.path))
}

// DropEmpty removes empty output files, so that people need not open them. Files that the
// test made itself stay.
func (d *Dir) DropEmpty() error {
	entries, err := os.ReadDir(d.path)
	for _, entry := range entries {
		if ext := filepath.Ext(entry.Name()); ext != ".out" && ext != ".err" {
			continue
		}
		if info, failed := entry.Info(); failed == nil && info.Mode().IsRegular() && info.Size() == 0 {
			err = errors.Join(err, os.Remove(filepath.Join(d.path, entry.Name())))
		}
	}
	return err
}

// Close ends the use of the directory.
func (d *Dir) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timeline == nil {
		return nil
	}
	err := d.timeline.Close()
	d.timeline = nil
	return err
}

// number calls try with base+ext, base~2+ext, base~3+ext and so on, until it no
// longer says that the name is taken. (web-2 would be the second replica of web.)
func number(base, ext string, try func(path string) error) (string, error) {
	path := base + ext
	for n := 2; ; n++ {
		err := try(path)
		if err == nil || !errors.Is(err, fs.ErrExist) || n > 10000 {
			return path, err
		}
		path = fmt.Sprintf("%s~%d%s", base, n, ext)
	}
}

var odd = regexp.MustCompile(`[^A-Za-z0-9._=+,-]+`)

// fileName makes a file name that is valid on every system from any string.
func fileName(s string) string {
	s = strings.Trim(odd.ReplaceAllString(s, "_"), "._")
	if len(s) > 100 {
		s = s[:100]
	}
	if s == "" {
		return "artifact"
	}
	return s
}

// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"os"
	"path/filepath"
	"strings"
)

// FailureName is the name of the file that says why the test failed.
const FailureName = "failure.txt"

// AddFailure adds a reason why the test failed to failure.txt, and its first line to the
// time line.
func (d *Dir) AddFailure(text string) error {
	text = d.Redact(strings.TrimRight(text, "\n"))
	d.Note("FAILED: %s", shortened(text))
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.appendFailure(text + "\n")
}

// Failure returns the content of failure.txt so far.
func (d *Dir) Failure() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, _ := os.ReadFile(filepath.Join(d.path, FailureName)) // the file may not exist yet
	return string(text)
}

// AddToFailure adds more information to failure.txt. If no reason was added, none
// takes its place.
func (d *Dir) AddToFailure(none, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := os.Stat(filepath.Join(d.path, FailureName)); err != nil {
		d.note("FAILED: " + shortened(none))
		if err := d.appendFailure(none + "\n"); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	return d.appendFailure("\n" + d.Redact(strings.TrimRight(text, "\n")) + "\n")
}

// shortened returns the first line of a text, or its beginning; the whole text is in
// another file.
func shortened(text string) string {
	const most = 160
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > most {
		line = strings.ToValidUTF8(line[:most], "") + " …"
	}
	return line
}

func (d *Dir) appendFailure(text string) error {
	file, err := os.OpenFile(filepath.Join(d.path, FailureName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.WriteString(text)
	return err
}

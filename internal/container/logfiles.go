// SPDX-License-Identifier: Apache-2.0

package container

import (
	"io"
	"os"

	"github.com/seatrial/seatrial/internal/artifact"
)

// logFiles are the files of a container's stdout and stderr, in this order. The follower
// writes them, and nobody else does.
type logFiles struct {
	files     [2]*os.File
	redactors [2]io.WriteCloser // before them, if the log may tell what is hidden
}

// open creates the files, under the names that are given or, where one is empty, under the
// container's.
func (l *logFiles) open(dir *artifact.Dir, container string, names [2]string) (err error) {
	for i, ext := range []string{".out", ".err"} {
		if names[i] != "" {
			l.files[i], err = dir.CreateAs(names[i])
		} else {
			l.files[i], err = dir.Create(container + ext)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// redact hides the test's secrets in the files: services often print what they were given.
func (l *logFiles) redact(dir *artifact.Dir) {
	for i := range l.redactors {
		l.redactors[i] = dir.RedactTo(l.files[i])
	}
}

// writers returns what to write to.
func (l *logFiles) writers() (to [2]io.Writer) {
	for i := range to {
		if to[i] = l.files[i]; l.redactors[i] != nil {
			to[i] = l.redactors[i]
		}
	}
	return to
}

// close closes the files once the follower has ended.
func (l *logFiles) close() {
	for i, file := range l.files {
		if l.redactors[i] != nil {
			l.redactors[i].Close()
		}
		if file != nil {
			file.Close()
		}
	}
}

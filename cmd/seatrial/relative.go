// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/hostpath"
)

// forPeople returns a call that prints places in files of a project, such as
// /src/shop/compose.yaml:7, relative to the project's directory: a plan has many of them, and
// they are all alike. Programs, which read JSON, get whole paths.
func (c *call) forPeople(at checkout.Place) *call {
	first := at.Files[0]
	if !hostpath.IsDir(first) {
		first = filepath.Dir(first)
	}
	people := *c
	people.stdout, people.stderr = relative(c.stdout, at.Dir, first), relative(c.stderr, at.Dir, first)
	return &people
}

// placeWriter takes the directories off the places in a text, each of which is written by one
// call of Write.
type placeWriter struct {
	to     io.Writer
	places *regexp.Regexp
}

func relative(to io.Writer, dirs ...string) io.Writer {
	for i, dir := range dirs {
		dirs[i] = regexp.QuoteMeta(filepath.Clean(dir) + string(filepath.Separator))
	}
	return placeWriter{to, regexp.MustCompile(`(^|[\s("])(?:` + strings.Join(dirs, "|") + `)([^\s:]+:)`)}
}

func (w placeWriter) Write(text []byte) (int, error) {
	if _, err := w.to.Write(w.places.ReplaceAll(text, []byte("$1$2"))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
)

// FileCondition is the condition that [File] makes.
type FileCondition struct {
	Path    string
	Pattern string // regular expression that the content must match; empty means any
}

// File is the condition that a path exists in the container; a directory or a
// socket counts, too. Nothing is run in the container. Volumes and host directories
// are searched, but not tmpfs mounts, which the engine does not show. The condition
// can also hold in a container that has ended.
func File(path string) FileCondition { return FileCondition{Path: path} }

// Matches returns the condition that the path is a regular file whose content, up
// to 1 MiB, matches a regular expression.
func (c FileCondition) Matches(pattern string) FileCondition { c.Pattern = pattern; return c }

func (c FileCondition) String() string {
	if c.Pattern != "" {
		return fmt.Sprintf("file %s with %q", c.Path, c.Pattern)
	}
	return "file " + c.Path
}

func (c FileCondition) check() error {
	if !path.IsAbs(c.Path) {
		return fmt.Errorf("path %q does not begin with /", c.Path)
	}
	_, err := regexp.Compile(c.Pattern)
	return err
}

func (c FileCondition) goal() goal { return named("have", "having", c) }

func (c FileCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &fileWatcher{FileCondition: c, re: regexp.MustCompile(c.Pattern)})
}

type fileWatcher struct {
	asks
	FileCondition
	re *regexp.Regexp
}

func (w *fileWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*tryLimit)
	defer cancel()
	most := 0
	if w.Pattern != "" {
		most = 1 << 20
	}
	content, err := t.Read(ctx, w.Path, most)
	if err == nil && (w.Pattern == "" || w.re.Match(content)) {
		return true, sight{}, nil
	}
	now := saw("that its content is %q", abridged(string(content)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		now = saw("no such file")
	case err != nil:
		now = saw("%v", err)
	}
	if s.Ended() {
		return false, now, &ExitError{State: s, saw: now}
	}
	return false, now, nil
}

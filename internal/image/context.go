// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/buildcontext"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/owner"
)

// walk lists the present entries of the context. Linked is when hard links to its files
// may first have been made; zero means never.
func (in *input) walk(linked time.Time) ([]buildcontext.Entry, error) {
	if in.context == "" {
		return nil, nil
	}
	return ReadContext(in.context, in.patterns, linked)
}

// ReadContext lists the entries of a directory that the patterns do not exclude,
// and remembers their hashes for the next time.
func ReadContext(dir string, patterns []string, linked time.Time) ([]buildcontext.Entry, error) {
	var memo *buildcontext.Memo
	if cache := hostpath.Cache("contexts"); cache != "" {
		memo = buildcontext.OpenMemo(cache, dir)
		if !linked.IsZero() {
			memo.Linked(linked)
		}
	}
	entries, err := buildcontext.Read(dir, patterns, memo)
	if err != nil {
		return nil, fmt.Errorf("reading the context: %w", err)
	}
	_ = memo.Save() // if that fails, the next time reads all files again
	return entries, nil
}

// changed returns the name of a file that has changed since it was read, or "". Began is the
// start of the build.
func (in *input) changed(began time.Time) (string, error) {
	if len(in.extras) == 0 {
		began = time.Time{} // nothing was linked
	}
	entries, err := in.walk(began)
	if err != nil {
		return "", err
	}
	if e, differs := difference(entries, in.entries); differs {
		return e.Path, nil
	}
	for _, c := range in.contexts {
		entries, err := c.read()
		if err != nil {
			return "", err
		}
		if e, differs := difference(entries, c.entries); differs {
			return path.Join(c.from, e.Path), nil
		}
	}
	added, err := in.readAdded()
	if err != nil {
		return "", err
	}
	for i, x := range in.extras {
		if e, differs := difference(added[i], in.added[i]); differs {
			return path.Join(x.Name, e.Path), nil
		}
	}
	return "", nil
}

// difference returns the first entry in which two lists differ.
func difference(a, b []buildcontext.Entry) (e buildcontext.Entry, differs bool) {
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return b[i], true
		case i >= len(b) || a[i] != b[i]:
			return a[i], true
		}
	}
	return e, false
}

// prepare writes the files for the build into a directory: the Dockerfile with its
// substitutions and, if files are added, a context of links.
func (in *input) prepare(scratch string, note func(string, ...any)) (_ engine.Build, done func(), err error) {
	b := engine.Build{Context: in.context, Args: in.spec.Args, Target: in.spec.Target, Platform: in.platform, NoCache: in.spec.NoCache,
		Secrets: in.secrets, SSH: in.spec.SSH, Labels: owner.ImageLabels(), Flags: in.flags, Scratch: scratch}
	for _, c := range in.contexts {
		b.Contexts = append(b.Contexts, c.name+"="+c.from)
	}
	if in.remote != "" {
		b.Context, b.Dockerfile = in.remote, in.spec.Dockerfile
		return b, func() {}, nil
	}
	dir, err := os.MkdirTemp(scratch, in.name+"-") // the name is shown in the list of builds
	if err != nil {
		return engine.Build{}, nil, err
	}
	unstage := sync.OnceFunc(func() {
		if err := buildcontext.Unstage(dir); err != nil {
			note("removing %s: %v", dir, err)
		}
	})
	defer func() {
		if err != nil {
			unstage()
		}
	}()
	b.Dockerfile = filepath.Join(dir, "Dockerfile")
	if err := writeDated(b.Dockerfile, in.content); err != nil {
		return engine.Build{}, nil, err
	}
	ignore := in.ignore
	if len(in.extras) > 0 {
		b.Context = filepath.Join(dir, "files")
		if err := os.Mkdir(b.Context, 0o700); err != nil {
			return engine.Build{}, nil, err
		}
		copied, err := buildcontext.Stage(b.Context, in.context, in.entries, in.extras)
		if err != nil {
			return engine.Build{}, nil, fmt.Errorf("adding Files to the context: %w", err)
		}
		if copied > 0 {
			note("%d bytes copied to add Files to the context of %s", copied, in.dockerfile)
		}
		ignore = []byte("# nothing: it was applied before\n")
	}
	if ignore != nil {
		err = writeDated(b.Dockerfile+".dockerignore", append(bytes.Clone(ignore), '\n'))
	}
	return b, unstage, err
}

// writeDated writes a file whose modification time is derived from its content.
// BuildKit reuses the Dockerfile of another build of the same context if size and time
// are equal, and the kernel's clock may stand still for ten milliseconds, so that two
// builds sometimes got the same Dockerfile.
// https://github.com/tonistiigi/fsutil/blob/master/diff_containerd.go
func writeDated(name string, content []byte) error {
	if err := os.WriteFile(name, content, 0o600); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	number := binary.BigEndian.Uint64(sum[:8])
	changed := time.Unix(int64(number>>34), int64(number%1e9)) // a time before 2005
	return os.Chtimes(name, changed, changed)
}

// leadsOut names a link that a line of the Dockerfile copies, and whose target is
// not in the context. BuildKit treats the context as the whole file system: for a
// link to /etc it looks for etc in the context.
func (in *input) leadsOut(line int) string {
	if in.file == nil {
		return ""
	}
	links, there := map[string]string{}, map[string]bool{".": true}
	for _, e := range in.entries {
		there[e.Path] = true
		if e.Link != "" {
			links[e.Path] = filepath.ToSlash(e.Link)
		}
	}
	for _, s := range in.file.Sources() {
		if s.Line != line {
			continue
		}
		for at := strings.TrimPrefix(path.Clean("/"+s.Path), "/"); at != "." && at != ""; at = path.Dir(at) {
			to := links[at]
			inside := path.Join(path.Dir(at), to)
			out := path.IsAbs(to) || inside == ".." || strings.HasPrefix(inside, "../")
			if path.IsAbs(to) {
				inside = to
			}
			switch inside = strings.TrimPrefix(path.Clean("/"+inside), "/"); {
			case to == "" || there[cmp.Or(inside, ".")]:
			case out:
				return fmt.Sprintf("it copies %s, which leads out of the context, to %s", at, to)
			default:
				return fmt.Sprintf("it copies %s, a link to %s, which is not in the context", at, to)
			}
		}
	}
	return ""
}

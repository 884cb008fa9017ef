// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostfiles"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Mounts says what to mount, and as which user to run, if nobody says so: with a
// writable directory of this machine as ourselves, so that its files stay ours. One that the
// raw flags mount counts, too.
func Mounts(ctx context.Context, sess *session.Session, s spec.Container) (mounts []engine.Mount, user string, err error) {
	hosts, err := hostPaths(s.Mounts)
	if err != nil {
		return nil, "", err
	}
	unseen, err := hostfiles.Unseen(ctx, sess, hosts)
	if err != nil {
		return nil, "", err
	}
	var wrong report.Problems
	ours := false
	for i, m := range s.Mounts {
		path := hosts[i]
		to := engine.Mount{Target: m.Target, ReadOnly: m.ReadOnly}
		switch {
		case m.Tmpfs:
			to.Type, to.Size = "tmpfs", m.Size
		case m.Volume != "":
			to.Type, to.Source = "volume", m.Volume
		case !slices.Contains(unseen, path):
			to.Type, to.Source = "bind", path
			ours = ours || !m.ReadOnly && hostpath.IsDir(path)
		case m.Copy:
			if to, err = copyToEngine(ctx, sess, to, path); err != nil {
				return nil, "", fmt.Errorf("copying %s to the engine: %w", path, err)
			}
		default:
			wrong.Add("Mounts: the engine (%s) does not have %s as this machine has it\n    hint: Copy gives the container a copy", sess.Engine.Host(), path)
		}
		mounts = append(mounts, to)
	}
	flags, _ := readFlags(s.Flags) // what is wrong with them was said
	if !ours {
		if ours, err = writesHere(ctx, sess, flags); err != nil {
			return nil, "", err
		}
	}
	if err := wrong.Joined(); err != nil || !ours || s.User != "" || flags.has("--user") {
		return mounts, "", err
	}
	same, err := sess.Engine.SharesUsers(ctx)
	if err != nil || !same {
		return mounts, "", err
	}
	return mounts, fmt.Sprintf("%d:%d", os.Getuid(), os.Getgid()), nil
}

// writesHere reports whether raw flags mount a directory of this machine that can be written to.
func writesHere(ctx context.Context, sess *session.Session, flags flagList) (bool, error) {
	var dirs []string
	for _, f := range flags {
		if dir, err := filepath.Abs(f.writable()); err == nil && f.writable() != "" && hostpath.IsDir(dir) {
			dirs = append(dirs, dir)
		}
	}
	if len(dirs) == 0 {
		return false, nil
	}
	unseen, err := hostfiles.Unseen(ctx, sess, dirs)
	return len(unseen) < len(dirs), err
}

// hostPaths returns, for each mount that has one, the absolute path on this
// machine. It must be there: nothing is made in its place.
func hostPaths(mounts []spec.Mount) ([]string, error) {
	paths := make([]string, len(mounts))
	var wrong report.Problems
	for i, m := range mounts {
		if m.Host == "" {
			continue
		}
		paths[i] = check.Absolute(m.Host, &wrong)
		if _, err := os.Stat(paths[i]); err != nil {
			wrong.Add("Mounts: Host: %w", err)
		}
	}
	return paths, wrong.Joined()
}

// copyToEngine mounts a volume of the test with a copy of a path.
func copyToEngine(ctx context.Context, sess *session.Session, m engine.Mount, path string) (engine.Mount, error) {
	began := time.Now()
	v, err := CreateVolume(ctx, sess, spec.Volume{Name: "copy"})
	if err != nil {
		return m, err
	}
	if !hostpath.IsDir(path) {
		facts, err := sess.Engine.Facts(ctx)
		if err == nil && !facts.Speaks(hostfiles.SubpathAPI) {
			err = fmt.Errorf("the file %s cannot be copied to this engine (%s, API %s): that takes API %s", path, sess.Engine.Host(), facts.API, hostfiles.SubpathAPI)
		}
		if err != nil {
			return m, err
		}
	}
	if err := sess.Engine.Fill(ctx, hostfiles.Helper(sess, sess.Engine), engine.Filling{Volume: v.Name, Path: path}); err != nil {
		return m, err
	}
	sess.Artifacts.Note("%s copied to the engine, in %v", path, time.Since(began).Round(time.Millisecond))
	m.Type, m.Source = "volume", v.Name
	if !hostpath.IsDir(path) {
		m.Subpath = filepath.Base(path)
	}
	return m, nil
}

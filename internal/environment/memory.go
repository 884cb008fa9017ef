// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/spec"
)

// A Memory is what this machine knows of an environment of its own, which is no business of
// others who use the engine: values of variables are among it.
type Memory struct {
	Project  spec.Project // as it was given
	EnvFiles []string     // likewise

	Constraints map[string]string // of a stack, likewise

	State    compose.State // of the project
	Stack    swarm.State   // of a stack
	Dir      string        // the project directory, where docker is called
	Args     []string      // of docker, up to the name of a verb of docker compose
	Environ  []string      // for it
	Overlays string        // the directory of the overrides that Args name
	Written  []Written     // env files that lead plain docker compose here
}

// stateDir is where this user's programs keep what is to outlast them.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "seatrial"), nil
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, "seatrial"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state", "seatrial"), err
}

// place is the directory for what is remembered of an environment of an engine.
func place(engineID, name string) (string, error) {
	dir, err := stateDir()
	if err != nil {
		return "", fmt.Errorf("finding a place for what is to be remembered: %w\n    hint: XDG_STATE_HOME names one", err)
	}
	return filepath.Join(dir, "environments", name+"@"+short(engineID)), nil
}

func short(id string) string {
	var b []byte
	for _, c := range []byte(id) {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b = append(b, c)
		}
	}
	return string(b[:min(len(b), 12)])
}

const memoryFile = "environment.json"

// recall returns what is remembered, or nil if nothing is.
func recall(dir string) (*Memory, error) {
	content, err := os.ReadFile(filepath.Join(dir, memoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	m := &Memory{}
	if err := json.Unmarshal(content, m); err != nil {
		return nil, fmt.Errorf("reading %s: %w", filepath.Join(dir, memoryFile), err)
	}
	return m, nil
}

// remember replaces what is remembered, in one step.
func (m *Memory) remember(dir string) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	temporary := filepath.Join(dir, memoryFile+".new")
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, filepath.Join(dir, memoryFile))
}

// Options returns what was given, as options of the command, without values of variables.
func (m *Memory) Options() []string {
	var all []string
	p := m.Project
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		all = append(all, "--env "+name)
	}
	for _, file := range m.EnvFiles {
		all = append(all, "--env-file "+file)
	}
	for _, name := range p.Profiles {
		all = append(all, "--profile "+name)
	}
	for _, part := range []struct {
		flag string
		of   map[string]string
	}{{"image", p.Images}, {"stand-in", p.StandIns}, {"network", p.Networks}, {"volume", p.Volumes}, {"secret", p.Secrets}, {"config", p.Configs}, {"path", p.Paths}, {"replace", p.Replace}, {"constraint", m.Constraints}} {
		for _, key := range slices.Sorted(maps.Keys(part.of)) {
			all = append(all, fmt.Sprintf("--%s %s=%s", part.flag, key, part.of[key]))
		}
	}
	for _, n := range p.KeepPorts {
		all = append(all, fmt.Sprintf("--keep-port %d", n))
	}
	for _, name := range p.Allow {
		all = append(all, "--allow "+name)
	}
	for _, name := range p.Lock {
		all = append(all, "--lock "+name)
	}
	if p.Isolate {
		all = append(all, "--isolate")
	}
	return all
}

// A Forgotten is the directory of an environment that the engine does not have, with why that is
// to go.
type Forgotten struct {
	Dir     string
	Why     string
	Removed bool
}

// Tidy forgets environments that an engine does not have any more: their time was over, and nobody
// took them down; or they never were ready, and somebody killed the start. There may be values of
// variables in it. What is known of a start that failed stays for as long as that of a failed
// test. With dry it removes nothing, and says what would go.
func Tidy(ctx context.Context, on *session.Handle, dry bool) ([]Forgotten, error) {
	e, err := on.Connect(ctx)
	if err != nil {
		return nil, err
	}
	id, err := on.Identity(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := stateDir()
	if err != nil {
		return nil, nil // there is none
	}
	end := "@" + short(id)
	dirs, err := filepath.Glob(filepath.Join(dir, "environments", "*"+end))
	if err != nil {
		return nil, err
	}
	var all []Forgotten
	var failed error
	for _, dir := range dirs {
		f, err := tidy(ctx, e, strings.TrimSuffix(filepath.Base(dir), end), dir, dry)
		failed = errors.Join(failed, err)
		if f != nil {
			all = append(all, *f)
		}
	}
	return all, failed
}

// tidy returns nil if the directory is to stay: also if a process may be about to start or to
// change the environment.
func tidy(ctx context.Context, e *engine.Engine, name, dir string, dry bool) (*Forgotten, error) {
	why := whyForget(dir, time.Now())
	if why == "" {
		return nil, nil
	}
	release, free := sweep.TryLockShared(runOf(name))
	if !free {
		return nil, nil
	}
	defer release()
	if n, err := Get(ctx, e, name); n != nil || err != nil {
		return nil, err
	}
	f := &Forgotten{Dir: dir, Why: why}
	if dry {
		return f, nil
	}
	err := os.RemoveAll(dir)
	f.Removed = err == nil
	return f, err
}

// whyForget says why a directory goes whose environment is not there, or nothing if it stays.
func whyForget(dir string, now time.Time) string {
	entries, err := os.ReadDir(dir)
	switch {
	case err != nil:
		return ""
	case len(entries) == 0:
		return "the start of its environment was cut off"
	case slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == memoryFile }):
		return "the engine has its environment no more"
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || now.Sub(info.ModTime()) < sweep.Unused {
			return ""
		}
	}
	return "a start that failed left it, five days ago or more"
}

// Forget removes what is known of starts that failed of an environment that the engine does not
// have, and returns where that was, if there was any.
func Forget(ctx context.Context, on *session.Handle, name string, say session.Progress) (dir string, err error) {
	e, err := on.Connect(ctx)
	if err != nil {
		return "", err
	}
	id, err := on.Identity(ctx)
	if err != nil {
		return "", err
	}
	if dir, err = place(id, name); err != nil {
		return "", nil // it had none either
	}
	release, err := (&Named{Record: Record{Name: name}}).lock(ctx, command(), say)
	if err != nil {
		return "", err
	}
	defer release()
	if n, err := Get(ctx, e, name); n != nil || err != nil { // somebody has started it meanwhile
		return "", err
	}
	if _, err := os.Lstat(dir); err != nil {
		return "", nil
	}
	return dir, os.RemoveAll(dir)
}

// forget removes what this machine remembers of an environment.
func forget(ctx context.Context, on *session.Handle, name string) error {
	id, err := on.Identity(ctx)
	if err != nil {
		return err
	}
	dir, err := place(id, name)
	if err != nil {
		return nil // it had none either
	}
	return os.RemoveAll(dir)
}

// Recall returns what this machine remembers of an environment, or nil if it remembers
// nothing.
func Recall(ctx context.Context, on *session.Handle, n *Named) (*Memory, error) {
	if !n.IsMine() {
		return nil, nil
	}
	id, err := on.Identity(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := place(id, n.Name)
	if err != nil {
		return nil, err
	}
	return recall(dir)
}

// A Written is an env file that has a block of ours.
type Written struct {
	File  string
	Fresh bool // it was not there before
}

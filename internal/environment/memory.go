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

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm"
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

// Tidy removes what this machine remembers of environments that an engine does not have any
// more: their time was over, and nobody took them down. There are values of variables in it.
func Tidy(ctx context.Context, on *session.Handle) error {
	e, err := on.Connect(ctx)
	if err != nil {
		return err
	}
	id, err := on.Identity(ctx)
	if err != nil {
		return err
	}
	dir, err := stateDir()
	if err != nil {
		return nil // there is none
	}
	end := "@" + short(id)
	files, err := filepath.Glob(filepath.Join(dir, "environments", "*"+end, memoryFile))
	if err != nil {
		return err
	}
	var failed error
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(filepath.Dir(file)), end)
		failed = errors.Join(failed, tidy(ctx, on, e, name))
	}
	return failed
}

func tidy(ctx context.Context, on *session.Handle, e *engine.Engine, name string) error {
	if n, err := Get(ctx, e, name); n != nil || err != nil {
		return err
	}
	n := &Named{Record: Record{Name: name}}
	release, err := n.lock(ctx, "looking whether it is there", func(string, ...any) {})
	if err != nil {
		return err
	}
	defer release()
	if n, err := Get(ctx, e, name); n != nil || err != nil { // somebody has started it meanwhile
		return err
	}
	return forget(ctx, on, name)
}

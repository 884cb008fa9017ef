// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/tailor"
)

// bring makes sure that the engine has what the project mounts of this machine.
// Otherwise containers would see an empty directory, or what happens to lie there
// on the engine's machine. What it lacks is copied into volumes if that is wanted.
func (p *Project) bring(ctx context.Context, copies bool) error {
	var paths []string
	for _, m := range p.plan.HostPaths {
		if !slices.Contains(paths, m.Source) {
			paths = append(paths, m.Source)
		}
	}
	sc := p.scope
	unseen, err := sc.engine.Unseen(ctx, sc.shelf(), paths)
	if err != nil || len(unseen) == 0 {
		return err
	}
	var refused []error
	var copied []mountedCopy
	for _, m := range p.plan.HostPaths {
		if !slices.Contains(unseen, m.Source) {
			continue
		}
		info, err := os.Stat(m.Source)
		missing := errors.Is(err, fs.ErrNotExist)
		if copies && m.Target != "" && (err == nil || missing) {
			copied = append(copied, mountedCopy{HostPath: m, file: !missing && !info.IsDir(), missing: missing})
			continue
		}
		err = fmt.Errorf("%s:%d service %s: mounts %s, which the engine (%s) does not have as this machine has it",
			m.File, m.Line, m.Service, m.Source, sc.engine.Host())
		if !copies && m.Target != "" {
			err = fmt.Errorf("%w\n    hint: CopyMounts gives the container a copy", err)
		}
		refused = append(refused, err)
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	if err := p.mountsFiles(ctx, copied); err != nil {
		return err
	}
	return p.mountCopies(ctx, copied)
}

// shelf names a shelf of the test's.
func (sc *scope) shelf() engine.Shelf {
	name := owner.Name(sc.test, "shelf", owner.NewID())
	image := owner.Building("shelf", sc.owner)
	sc.own(&building{sc.engine, image})
	return engine.Shelf{Name: name, Image: image, Labels: sc.owner.On(owner.Container, name).Labels()}
}

// A mountedCopy is a mount of the file for which there is a volume instead.
type mountedCopy struct {
	tailor.HostPath
	file    bool
	missing bool // Compose would make an empty directory
	volume  string
}

// mountsFiles refuses single files on an engine that cannot mount one out of a
// volume: it would mount the whole of the volume, as a directory.
func (p *Project) mountsFiles(ctx context.Context, copied []mountedCopy) error {
	i := slices.IndexFunc(copied, func(c mountedCopy) bool { return c.file })
	if i < 0 {
		return nil
	}
	facts, err := p.scope.engine.Facts(ctx)
	if err == nil && !facts.Speaks(subpathAPI) {
		c := copied[i]
		err = fmt.Errorf("%s:%d service %s: mounts the file %s, of which this engine (%s, API %s) cannot be given a copy: that takes API %s",
			c.File, c.Line, c.Service, c.Source, p.scope.engine.Host(), facts.API, subpathAPI)
	}
	return err
}

// subpathAPI knows volumes' subpaths: that of engine 26.
const subpathAPI = "1.45"

// mountCopies makes a volume for each path, and the override that mounts them.
func (p *Project) mountCopies(ctx context.Context, copied []mountedCopy) error {
	volumes := map[string]string{}
	for i, c := range copied {
		name := volumes[c.Source]
		if name == "" {
			name = fmt.Sprintf("%s-copy-%d", p.Name, len(volumes)+1)
			volumes[c.Source] = name
			if err := p.copyInto(ctx, name, c); err != nil {
				return fmt.Errorf("copying %s to the engine: %w", c.Source, err)
			}
		}
		copied[i].volume = name
	}
	p.copies = copiesFile(copied)
	return nil
}

// copyInto makes a volume of the project, and fills it.
func (p *Project) copyInto(ctx context.Context, volume string, c mountedCopy) error {
	began := time.Now()
	sc := p.scope
	labels := sc.owner.On(owner.Volume, volume).Labels()
	labels[composeProject] = p.Name // by which the project's end finds it
	if err := sc.engine.CreateVolume(ctx, volume, labels); err != nil {
		return err
	}
	if c.missing {
		return nil
	}
	if err := sc.engine.Fill(ctx, sc.shelf(), volume, c.Source); err != nil {
		return err
	}
	sc.dir.Note("%s copied to the engine, in %v", c.Source, time.Since(began).Round(time.Millisecond))
	return nil
}

// literal protects a text from Compose, which would look for variables in it.
func literal(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// copiesFile returns a Compose file, in JSON, that mounts the volumes where the
// project's files mount the paths: Compose takes the later of two mounts at one
// place.
func copiesFile(copied []mountedCopy) []byte {
	type mount struct {
		Type     string         `json:"type"`
		Source   string         `json:"source"`
		Target   string         `json:"target"`
		ReadOnly bool           `json:"read_only,omitempty"`
		Volume   map[string]any `json:"volume"`
	}
	type service struct {
		Volumes []mount `json:"volumes"`
	}
	type volume struct {
		External bool `json:"external"`
	}
	file := struct {
		Services map[string]service `json:"services"`
		Volumes  map[string]volume  `json:"volumes"`
	}{map[string]service{}, map[string]volume{}}
	for _, c := range copied {
		m := mount{Type: "volume", Source: c.volume, Target: literal(c.Target), ReadOnly: c.ReadOnly, Volume: map[string]any{"nocopy": true}}
		if c.file {
			m.Volume["subpath"] = literal(filepath.Base(c.Source))
		}
		s := file.Services[c.Service]
		s.Volumes = append(s.Volumes, m)
		file.Services[c.Service] = s
		file.Volumes[c.volume] = volume{External: true}
	}
	content, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic(err) // strings and maps of them
	}
	return content
}

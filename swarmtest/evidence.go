// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seatrial/seatrial"
)

// saveLimit bounds the requests to the managers.
const saveLimit = 5 * time.Second

// save writes artifacts for a failure: the logs of the nodes' daemons, and the
// nodes and tasks as the managers know them.
func (s *Swarm) save(t seatrial.T) {
	t.Helper()
	var errs []error
	for _, n := range s.nodes {
		errs = append(errs, copyLog(n.private.Log(), filepath.Join(s.artifacts, n.Hostname+".dockerd.log")))
	}
	ctx, cancel := limit(t, saveLimit)
	defer cancel()
	if err := errors.Join(append(errs, s.saveState(ctx))...); err != nil {
		t.Logf("saving the evidence of the swarm: %v", err)
	}
}

func (s *Swarm) saveState(ctx context.Context) error {
	nodes, via, err := s.look(ctx)
	if err != nil {
		return err
	}
	tasks, err := via.api.Tasks(ctx)
	if err != nil {
		return err
	}
	content, err := json.MarshalIndent(map[string]any{"nodes": nodes, "tasks": tasks}, "", "  ")
	if err != nil {
		return err
	}
	file, err := create(filepath.Join(s.artifacts, "swarm.json"))
	if err != nil {
		return err
	}
	_, err = file.Write(append(content, '\n'))
	return errors.Join(err, file.Close())
}

// create makes a file. Nodes of several swarms in one test have the same names, so
// a name that is in use gets a number.
func create(path string) (*os.File, error) {
	ext := filepath.Ext(path)
	for name, n := path, 2; ; n++ {
		file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if !errors.Is(err, fs.ErrExist) {
			return file, err
		}
		name = fmt.Sprintf("%s~%d%s", strings.TrimSuffix(path, ext), n, ext)
	}
}

// copyLog copies a log if it exists.
func copyLog(from, to string) error {
	in, err := os.Open(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// pluginVersions are those of the docker command and its plugins: asked for once, since docker starts
// each plugin for that.
type pluginVersions struct {
	sync.Mutex
	known [][2]string
}

// Versions says which versions the docker command and its plugins have.
func (e *commands) Versions(ctx context.Context) ([][2]string, error) {
	e.versions.Lock()
	defer e.versions.Unlock()
	if e.versions.known != nil {
		return e.versions.known, nil
	}
	var out bytes.Buffer
	if err := e.Docker(ctx, Command{Verb: "info", Args: []string{"info", "--format", "{{json .ClientInfo}}"}, Out: &out}); err != nil {
		return nil, err
	}
	var info struct {
		Version string
		Plugins []struct{ Name, Version string }
	}
	if err := json.Unmarshal(out.Bytes(), &info); err != nil {
		return nil, fmt.Errorf("reading what docker info says: %w", err)
	}
	said := [][2]string{{"docker", info.Version}}
	for _, p := range info.Plugins {
		if p.Name == "compose" || p.Name == "buildx" {
			said = append(said, [2]string{"docker " + p.Name, strings.TrimPrefix(p.Version, "v")})
		}
	}
	e.versions.known = said
	return said, nil
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// currentContext reads what `docker context use` wrote. A file that cannot be
// read names none: the docker command warns about it, and goes on.
func currentContext(dir string) (name, from string) {
	file := filepath.Join(dir, "config.json")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", ""
	}
	var config struct {
		CurrentContext string `json:"currentContext"`
	}
	if json.Unmarshal(content, &config) != nil {
		return "", ""
	}
	return config.CurrentContext, file
}

// fromContext reads a docker context from the docker command's own store, so
// that it is found without the command. A context lies in
// contexts/meta/ID/meta.json, its keys in contexts/tls/ID/docker/, and ID is
// the SHA-256 of its name:
// https://github.com/docker/cli/blob/v28.2.2/cli/context/store/store.go
func fromContext(dir, name, from string) (endpoint, error) {
	broken := func(err error, hint string) (endpoint, error) {
		return endpoint{}, fmt.Errorf("reading the docker context %q (from %s): %w\n    hint: %s", name, from, err, hint)
	}
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	file := filepath.Join(dir, "contexts", "meta", id, "meta.json")
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return broken(fmt.Errorf("there is no such context in %s", filepath.Join(dir, "contexts")), "docker context ls lists those that there are")
	}
	const rewrite = "docker context rm and docker context create make it anew"
	if err != nil {
		return broken(err, rewrite)
	}
	var meta struct {
		Endpoints map[string]struct {
			Host          string
			SkipTLSVerify bool
		}
	}
	if err := json.Unmarshal(content, &meta); err != nil {
		return broken(fmt.Errorf("%s: %w", file, err), rewrite)
	}
	docker := meta.Endpoints["docker"]
	if docker.Host == "" {
		return broken(errors.New("it has no docker endpoint"), "docker context use names another")
	}
	keys, err := contextMaterial(filepath.Join(dir, "contexts", "tls", id, "docker"), docker.SkipTLSVerify)
	if err != nil {
		return broken(err, rewrite)
	}
	e, err := newEndpoint(docker.Host, fmt.Sprintf("the docker context %q, from %s", name, from), keys)
	if e.tls != nil {
		e.context = name
	}
	return e, err
}

// contextMaterial is nil if a context has none. Each file is optional.
func contextMaterial(dir string, skipVerify bool) (*material, error) {
	m := &material{dir: dir, skipVerify: skipVerify}
	any := skipVerify
	for name, file := range map[string]*string{caFile: &m.ca, certFile: &m.cert, keyFile: &m.key} {
		path := filepath.Join(dir, name)
		_, err := os.Stat(path)
		if err == nil {
			*file, any = path, true
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	if !any {
		return nil, nil
	}
	return m, nil
}

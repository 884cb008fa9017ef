// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/moby/moby/client/pkg/versions"
)

// oldestCompose is the oldest that knows !override and !reset, which came with
// 2.24.4, and lets a file override what an earlier one includes.
const oldestCompose = "2.24.6"

const composeHint = "\n    hint: https://docs.docker.com/compose/install/linux/ says how to install the plugin"

// Compose reports whether docker compose is there and recent enough.
func (e *commands) Compose() error {
	have, err := e.compose()
	if err == nil && older(have, oldestCompose) {
		return fmt.Errorf("docker compose is %s, and %s is the oldest that can override all that files have%s", have, oldestCompose, composeHint)
	}
	return err
}

// ComposeSince reports whether docker compose is at least of this version.
func (e *commands) ComposeSince(version string) error {
	have, err := e.compose()
	if err == nil && older(have, version) {
		return fmt.Errorf("docker compose %s; there is %s", version, have)
	}
	return err
}

// older compares versions. One that is not made of three numbers, a build of
// somebody's own, is trusted.
func older(have, want string) bool {
	var n [3]int
	if _, err := fmt.Sscanf(have, "%d.%d.%d", &n[0], &n[1], &n[2]); err != nil {
		return false
	}
	return versions.LessThan(fmt.Sprintf("%d.%d.%d", n[0], n[1], n[2]), want)
}

// composeVersion asks for the version. The engine remembers it for the process.
func (e *commands) composeVersion() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var out bytes.Buffer
	err := e.Docker(ctx, Command{Args: []string{"compose", "version", "--format", "json"}, Out: &out})
	if err != nil {
		return "", fmt.Errorf("docker compose is needed and does not work: %w%s", err, composeHint)
	}
	var answer struct{ Version string }
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		return "", fmt.Errorf("reading what docker compose version says: %w", err)
	}
	return strings.TrimPrefix(answer.Version, "v"), nil
}

// KeepingBytes returns a Compose file that has the log of a service kept byte for byte,
// whatever others say of it.
func KeepingBytes(service string) []byte {
	name, _ := json.Marshal(service)             // a string
	options, _ := json.Marshal(keptBytes.Config) // and strings
	return fmt.Appendf(nil, "services:\n  %s:\n    logging: !override\n      driver: %s\n      options: %s\n", name, keptBytes.Type, options)
}

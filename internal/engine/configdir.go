// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"os"
	"path/filepath"
)

// configDir is the directory of the docker command's configuration, absolute:
// our processes work in other directories.
func configDir() (string, error) {
	if dir := os.Getenv("DOCKER_CONFIG"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".docker"), err
}

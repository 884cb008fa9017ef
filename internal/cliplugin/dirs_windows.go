// SPDX-License-Identifier: Apache-2.0

package cliplugin

import (
	"os"
	"path/filepath"
)

const suffix = ".exe"

// system are the directories that no user has to name.
var system = []string{filepath.Join(os.Getenv("ProgramFiles"), "Docker", "cli-plugins")}

// SPDX-License-Identifier: Apache-2.0

//go:build !windows

package cliplugin

const suffix = ""

// system are the directories that no user has to name.
var system = []string{
	"/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
	"/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins",
}

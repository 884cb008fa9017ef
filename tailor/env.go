// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"maps"
	"slices"
	"strings"
)

// baseNames are the variables that docker and docker compose need to find
// themselves, their configuration, the engine and the way out of the building.
// None of them says anything about a project.
var baseNames = []string{
	"HOME", "PATH", "USER", "LOGNAME", "TMPDIR",
	"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "SSH_AUTH_SOCK",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "FTP_PROXY",
	"http_proxy", "https_proxy", "no_proxy", "all_proxy", "ftp_proxy",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
	// Windows
	"SystemRoot", "SystemDrive", "USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH",
	"APPDATA", "LOCALAPPDATA", "ProgramData", "ProgramFiles", "PATHEXT", "ComSpec", "TEMP", "TMP",
}

// BaseEnv returns those variables of environ, in the form of [os.Environ], that may
// reach a project though its spec does not name them, for [Options.Base]: HOME, PATH,
// USER, the temporary and XDG directories, SSH_AUTH_SOCK, the proxies, SSL_CERT_FILE
// and SSL_CERT_DIR, DOCKER_*, and what Windows needs to start a process. COMPOSE_* is
// never among them, because it would change which files are loaded.
func BaseEnv(environ []string) map[string]string {
	base := map[string]string{}
	for _, entry := range environ {
		name, value, ok := strings.Cut(entry, "=")
		if ok && (strings.HasPrefix(name, "DOCKER_") || slices.Contains(baseNames, name)) {
			base[name] = value
		}
	}
	return base
}

// processEnv is what docker compose will be started with: .env is not in it,
// as Compose reads that itself. Compose's own switches are left out, because
// files, profiles and the project's name come from the spec.
func processEnv(base, own map[string]string, dir string) map[string]string {
	env := map[string]string{"PWD": dir}
	maps.Copy(env, base)
	maps.Copy(env, own)
	maps.DeleteFunc(env, func(name, _ string) bool { return composeSwitch(name) })
	return env
}

// composeSwitch tells whether Compose takes the variable as an instruction. A
// project may well have variables of its own that begin with COMPOSE_.
func composeSwitch(name string) bool {
	switch name {
	case "COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME",
		"COMPOSE_ENV_FILES", "COMPOSE_DISABLE_ENV_FILE", "COMPOSE_CONVERT_WINDOWS_PATHS",
		"COMPOSE_PARALLEL_LIMIT", "COMPOSE_IGNORE_ORPHANS", "COMPOSE_REMOVE_ORPHANS",
		"COMPOSE_ANSI", "COMPOSE_STATUS_STDOUT", "COMPOSE_PROGRESS", "COMPOSE_MENU",
		"COMPOSE_EXPERIMENTAL", "COMPOSE_BAKE", "COMPOSE_COMPATIBILITY", "COMPOSE_DOCKER_CLI_BUILD":
		return true
	}
	return false
}

// profilesOf splits the value of COMPOSE_PROFILES.
func profilesOf(value string) []string {
	var profiles []string
	for p := range strings.SplitSeq(value, ",") {
		if p = strings.TrimSpace(p); p != "" {
			profiles = append(profiles, p)
		}
	}
	return profiles
}

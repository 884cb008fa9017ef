// SPDX-License-Identifier: Apache-2.0

package cliplugin

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Variable tells a plugin that the docker command runs it. Its value is the command:
// https://pkg.go.dev/github.com/docker/cli/cli-plugins/metadata#ReexecEnvvar
const Variable = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"

// Find returns the program of a plugin (compose, buildx) of the docker command, whose
// configuration is in a directory. A docker command that is a script decides by itself what
// it runs, as the one of Podman does: then there is no answer.
func Find(docker, configDir, name string) (program string, ok bool) {
	return find(docker, append(ofUser(configDir), system...), name)
}

func find(docker string, dirs []string, name string) (program string, ok bool) {
	docker, err := exec.LookPath(docker)
	if err != nil || isScript(docker) {
		return "", false
	}
	for _, dir := range dirs {
		program := filepath.Join(dir, "docker-"+name+suffix)
		info, err := os.Stat(program)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil || !info.Mode().IsRegular() {
			return "", false
		}
		_, err = exec.LookPath(program) // can it be run?
		return program, err == nil
	}
	return "", false
}

// ofUser are the directories in which the docker command looks first; the first that has a
// plugin counts: https://github.com/docker/cli/blob/v29.0.0/cli-plugins/manager/manager.go
func ofUser(configDir string) []string {
	var config struct {
		Extra []string `json:"cliPluginsExtraDirs"`
	}
	if content, err := os.ReadFile(filepath.Join(configDir, "config.json")); err == nil {
		_ = json.Unmarshal(content, &config) // the docker command warns of it, and goes on
	}
	return append(config.Extra, filepath.Join(configDir, "cli-plugins"))
}

func isScript(program string) bool {
	if suffix != "" && !strings.EqualFold(filepath.Ext(program), suffix) { // docker.cmd
		return true
	}
	f, err := os.Open(program)
	if err != nil {
		return true
	}
	defer f.Close()
	var head [2]byte
	_, err = f.Read(head[:])
	return err != nil || string(head[:]) == "#!"
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/docker/cli/cli/connhelper/ssh"
)

// sshArgs are ssh's, to reach the engine as the docker command does. The user's
// ~/.ssh/config counts, but for what would get in the way.
func sshArgs(to *ssh.Spec, more ...string) ([]string, error) {
	flags := append(more,
		"-T",
		"-o", "BatchMode=yes", // never ask on the terminal
		"-o", "ConnectTimeout=10",
		"-o", "ServerAliveInterval=30", // a followed log sends nothing, and would wait for ever
		"-o", "ControlPersist=no", // nothing outlives us
		"-o", "RemoteCommand=none",
		"-o", "ClearAllForwardings=yes",
		"-o", "LogLevel=ERROR", // what it says is said to the user
	)
	docker := []string{"docker"}
	if strings.Trim(to.Path, "/") != "" {
		docker = append(docker, "--host", "unix://"+to.Path)
	}
	return to.Command(flags, append(docker, "system", "dial-stdio")...)
}

// sshHostname returns the host that ssh connects to: that of the address may be an
// alias of the user's ~/.ssh/config. Ports of the engine are reached there, unless
// it takes a jump to get there.
func sshHostname(ctx context.Context, a *ssh.Spec, env []string) string {
	args := []string{"-G", "--", a.Host}
	if a.User != "" {
		args = append([]string{"-l", a.User}, args...)
	}
	cmd := exec.CommandContext(ctx, "ssh", args...)
	cmd.Env = env
	out, err := cmd.Output()
	if err != nil {
		return a.Host // ssh older than 6.8 does not know -G
	}
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "hostname "); ok {
			return name
		}
	}
	return a.Host
}

// quoted protects a word from a shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// An sshError says that ssh ended before the engine answered.
type sshError struct {
	code  int
	ended string
	said  []string // its last lines; of a changed host key, the last but one says so
}

// ssh's own exit code, and a shell's for a command that is not there: ssh(1),
// and sh(1) of POSIX.
const (
	sshFailed       = 255
	commandNotFound = 127
)

func (e *sshError) Error() string {
	said := "it ended with " + e.ended
	if len(e.said) > 0 {
		said = strings.Join(e.said[max(0, len(e.said)-2):], "; ")
	}
	switch e.code {
	case sshFailed:
		return "ssh does not get there: " + said
	case commandNotFound:
		return "there is no docker command there: " + said
	}
	return fmt.Sprintf("docker system dial-stdio there: %s", said)
}

func (e *sshError) hint() string {
	switch e.code {
	case sshFailed:
		return "ssh must get there without asking for anything: try it with -o BatchMode=yes"
	case commandNotFound:
		return "docker must be in the PATH of a shell that is not interactive: ssh HOST docker version"
	}
	return "ssh HOST docker version must work"
}

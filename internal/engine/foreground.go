// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
)

// Foreground runs a docker command in the terminal of this process, which passes its
// signals on to both, and returns its exit code. It is in this process's group, since one
// in the background cannot read from the terminal.
func (e *Engine) Foreground(ctx context.Context, c Command) (code int, err error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "docker", c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(append(e.Environ(), c.Env...), e.own()...)
	if e.ssh != nil {
		cmd.Env = e.ssh.sharing(cmd.Env)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.In, c.Out, c.Err
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() < 0:
		return 0, fmt.Errorf("docker %s ended with %s", c.verb(), exit)
	case errors.As(err, &exit):
		return exit.ExitCode(), nil
	case errors.Is(err, exec.ErrNotFound):
		return 0, fmt.Errorf("%w\n    hint: this verb needs the docker command: https://docs.docker.com/engine/install/", err)
	}
	return 0, err
}

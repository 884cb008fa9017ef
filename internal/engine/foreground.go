// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/seatrial/seatrial/internal/child"
)

// foregroundGrace is what a docker command has to end after SIGTERM.
const foregroundGrace = 10 * time.Second

// Foreground runs a docker command in the place of this process, with its terminal and its
// signals, and returns its exit code. docker leaves its plugins running when it alone gets a
// signal: they get it, too.
func (e *commands) Foreground(ctx context.Context, c Command) (code int, err error) {
	env := append(append(e.Environ(), c.Env...), e.own()...)
	if e.ssh != nil {
		env = e.ssh.sharing(env)
	}
	code, err = child.Command{Args: append([]string{"docker"}, c.Args...), Dir: c.Dir, Environ: env, In: c.In, Out: c.Out, Err: c.Err, Grace: foregroundGrace, Group: true}.Run(ctx)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return 0, fmt.Errorf("%w\n    hint: this verb needs the docker command: https://docs.docker.com/engine/install/", err)
	case err != nil:
		return 0, fmt.Errorf("docker %s: %w", c.verb(), err)
	}
	return code, nil
}

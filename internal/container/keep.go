// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// Resource is the container on its way to the end of the test.
func (c *Container) Resource() session.Resource {
	return session.Resource{Evidence: c.Evidence, Fates: func(ctx context.Context, passed bool) []string { return []string{c.Fate(ctx, passed)} }, Remove: c.Remove, Enter: c.Enter, Detach: func() { c.Close(session.NoWait) }, Handle: c}
}

// Enter returns a command with which people get into the container, or see why
// they can't.
func (c *Container) Enter(ctx context.Context) []string {
	inspected, err := c.Engine.Inspect(ctx, c.ID)
	if err != nil {
		return nil
	}
	name := strings.TrimPrefix(inspected.Name, "/")
	switch {
	case !inspected.State.Running:
		return []string{"docker logs " + name}
	case !hasShell(ctx, c.Engine, c.ID):
		return []string{"docker logs -f " + name + "  # it has no shell"}
	}
	shell := "docker exec -it " + name + " sh"
	if inspected.State.Paused {
		shell = "docker unpause " + name + " && " + shell
	}
	return []string{shell}
}

// hasShell reports whether a container has sh, or may have one, where it cannot be told.
func hasShell(ctx context.Context, e *engine.Engine, id string) bool {
	for _, dir := range []string{"/bin", "/usr/bin", "/usr/local/bin", "/busybox"} {
		if _, err := e.Stat(ctx, id, dir+"/sh"); !engine.IsNotFound(err) {
			return true
		}
	}
	return false
}

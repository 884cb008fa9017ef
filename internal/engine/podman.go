// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	machine "github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
)

// IsPodman reports whether the engine is Podman, behind Docker's API.
func (e *connection) IsPodman(ctx context.Context) (bool, error) {
	version, err := e.api.ServerVersion(ctx, client.ServerVersionOptions{})
	return isPodman(version), err
}

func isPodman(version client.ServerVersionResult) bool {
	return slices.ContainsFunc(version.Components, func(c machine.ComponentVersion) bool { return c.Name == "Podman Engine" })
}

// BuildKit reports whether the engine has BuildKit. On one that does not, buildx
// starts it in a privileged container, which nobody removes.
func (e *connection) BuildKit(ctx context.Context) error {
	podman, err := e.IsPodman(ctx)
	if podman {
		return errors.New("images are built with BuildKit, and this engine is Podman, which has none\n    hint: build the image with podman build, and name it in the test")
	}
	return err
}

// insist asks a question again, a moment later, to which the engine has no answer for
// reasons of its own: Podman reads files of a process that may just have ended.
func insist[X any](ctx context.Context, question func() (X, error)) (X, error) {
	for again := 2; ; again-- {
		answer, err := question()
		if again == 0 || !cerrdefs.IsInternal(err) {
			return answer, err
		}
		select {
		case <-time.After(askAgain):
		case <-ctx.Done():
			return answer, err
		}
	}
}

const askAgain = 50 * time.Millisecond

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"slices"
	"strings"

	machine "github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
	"github.com/moby/moby/client/pkg/versions"
	"github.com/seatrial/seatrial/internal/parallel"
)

// Facts are what a test may want to know of an engine before it begins.
type Facts struct {
	ID       string // its own, which it keeps
	API      string // the newest version that it speaks
	Platform string // what it runs by itself: linux/amd64
	Manager  bool   // it manages a swarm
	Root     bool   // it runs as root, and root in a container is the host's
	Podman   bool   // it is Podman, behind Docker's API
}

// Speaks reports whether the engine speaks a version of the API.
func (f Facts) Speaks(api string) bool { return !versions.LessThan(f.API, api) }

// Facts asks the engine. It has two answers of some 15 ms each to give, and gives them at once.
func (e *connection) Facts(ctx context.Context) (Facts, error) {
	var version client.ServerVersionResult
	var info client.SystemInfoResult
	ask := []func() error{
		func() (err error) { version, err = e.api.ServerVersion(ctx, client.ServerVersionOptions{}); return err },
		func() (err error) { info, err = e.info(ctx); return err },
	}
	if err := parallel.First(ask, func(ask func() error) error { return ask() }); err != nil {
		return Facts{}, err
	}
	return Facts{
		ID: info.Info.ID, API: version.APIVersion, Platform: version.Os + "/" + version.Arch,
		Manager: info.Info.Swarm.ControlAvailable, Root: !mapsUsers(info.Info), Podman: isPodman(version),
	}, nil
}

// mapsUsers reports whether root in a container is another user outside of it.
func mapsUsers(info machine.Info) bool {
	return slices.ContainsFunc(info.SecurityOptions, func(o string) bool {
		return strings.HasPrefix(o, "name=rootless") || strings.HasPrefix(o, "name=userns")
	})
}

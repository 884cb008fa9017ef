// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os/exec"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

var rows = []row{
	{"29, containerd store", "the pinned engine as it comes, in a network of its own",
		func(t *testing.T, k kit) *exec.Cmd { return k.on(modern(t)) }},
	{"29, classic store", "the same with `--feature containerd-snapshotter=false`, as most users have it",
		func(t *testing.T, k kit) *exec.Cmd {
			return k.on(swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd), ClassicStore: true}))
		}},
	{"20.10", "Debian 12's `docker.io`, the oldest that we support",
		func(t *testing.T, k kit) *exec.Cmd {
			return k.on(swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.OldDockerd)}))
		}},
	{"TCP and TLS", "another machine (a network namespace), by `DOCKER_HOST=tcp://` and keys", overTLS},
	{"ssh", "another machine, by `DOCKER_HOST=ssh://` and Debian's sshd", overSSH},
	{"from a container", "the test runs in a container that has the engine's socket mounted", fromContainer},
	{"docker in docker", "the engine runs in a container, the test in another one beside it", dockerInDocker},
	{"foreign builder", "the current builder of buildx is a container", foreignBuilder},
	{"unprivileged", "the test's user may use the socket, and nothing else", unprivileged},
	{"rootless", "the engine and the test are the same user's, who is not root", rootless},
	{"Podman 4.3", "Debian 12's `podman` through its Docker API, run by root; what systemd runs there, health checks, a loop runs here", podman},
}

func modern(t *testing.T, args ...string) *swarmtest.Engine {
	t.Helper()
	return swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd), Args: args})
}

// on returns a command that runs the checks here, on a private engine.
func (k kit) on(e *swarmtest.Engine) *exec.Cmd {
	return k.here("DOCKER_HOST="+e.Host(), "SEATRIAL_ADDRESS="+e.Address())
}

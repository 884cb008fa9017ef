// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// sampled are the rows that make test runs: one for each kind of engine, and at random
// one of those that only connect in another way. The suite itself runs on the containerd
// store. make matrix runs all rows.
var sampled = []string{"29, classic store", "20.10", "Podman 4.3", []string{"ssh", "rootless"}[rand.IntN(2)]}

var rows = []row{
	{"29, containerd store", "the pinned engine with its defaults, in the same network as the test",
		func(t *testing.T, k kit) *exec.Cmd { return k.on(t, modern(t)) }},
	{"29, classic store", "the same with `--feature containerd-snapshotter=false`, as most users run it",
		func(t *testing.T, k kit) *exec.Cmd {
			return k.on(t, swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd), ClassicStore: true}))
		}},
	{"20.10", "Debian 12's `docker.io`, the oldest that we support",
		func(t *testing.T, k kit) *exec.Cmd {
			return k.on(t, swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.OldDockerd)}))
		}},
	{"TCP and TLS", "an engine in another network, by `DOCKER_HOST=tcp://` and keys; it has the same disk as the test, so it sees most files", overTLS},
	{"ssh", "the same, by `DOCKER_HOST=ssh://` and Debian's sshd", overSSH},
	{"from a container", "the test runs in a container that has the engine's socket mounted", fromContainer},
	{"docker in docker", "the engine runs in a container, the test in another one beside it", dockerInDocker},
	{"foreign builder", "the current builder of buildx is a container", foreignBuilder},
	{"unprivileged", "the test runs as a user who may use the socket, and nothing else", unprivileged},
	{"rootless", "the engine and the test run as the same user, who is not root", rootless},
	{"Podman 4.3", "Debian 12's `podman` through its Docker API, run by root; its health checks, which systemd runs elsewhere, are run by a loop here", podman},
}

func modern(t *testing.T, args ...string) *swarmtest.Engine {
	t.Helper()
	return swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd), Args: args})
}

// on returns a command that runs the checks in a private engine's network and under
// its host name, as if on its machine.
func (k kit) on(t *testing.T, e *swarmtest.Engine) *exec.Cmd {
	t.Helper()
	forms := ""
	// Engines of one version have the same builder. The suite runs on the newer version,
	// so only 20.10 checks all forms here, unless all rows are run.
	if strings.HasSuffix(t.Name(), "/20.10") || os.Getenv("SEATRIAL_MATRIX") == "all" {
		forms = "all"
	}
	return beside(t, e, k.here("DOCKER_HOST="+e.Host(), "SEATRIAL_CONFORMANCE_HIDDEN="+hidden(t, 0), "SEATRIAL_CONFORMANCE_FORMS="+forms))
}

// beside makes a command run in the network of a private engine.
func beside(t *testing.T, e *swarmtest.Engine, cmd *exec.Cmd, more ...string) *exec.Cmd {
	t.Helper()
	pid := processOf(t, e)
	args := append([]string{"--net=/proc/" + pid + "/ns/net", "--uts=/proc/" + pid + "/ns/uts"}, more...)
	there := exec.Command("nsenter", append(args, cmd.Args...)...)
	there.Env, there.Dir = cmd.Env, cmd.Dir
	return there
}

// hidden makes a directory that a private engine does not see, because it has its
// own /run.
func hidden(t *testing.T, owner int) string {
	t.Helper()
	dir, err := os.MkdirTemp("/run", "seatrial-conformance-")
	if err == nil {
		err = os.Chown(dir, owner, owner)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

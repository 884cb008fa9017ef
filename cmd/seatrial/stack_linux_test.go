// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// Scripts of environments that are stacks, on a swarm of their own.
func TestStackScripts(t *testing.T) {
	enginetest.Need(t)
	t.Parallel()
	engines := swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd)}
	manager := swarmtest.Start(t, swarmtest.Spec{Engine: engines}).Nodes()[0]
	params := engineScripts(t, "swarm")
	setup := params.Setup
	params.Setup = func(env *testscript.Env) error {
		err := setup(env)
		env.Setenv("DOCKER_HOST", manager.Host())
		env.Setenv("SEATRIAL_ADDRESS", manager.Address())
		env.Setenv("ENGINE", os.Getenv("DOCKER_HOST")) // which is in no swarm
		return err
	}
	testscript.Run(t, params)
}

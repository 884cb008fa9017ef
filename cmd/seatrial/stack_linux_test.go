// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"strings"
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
	const all = 20
	kills := enginetest.Sample(t, "SEATRIAL_RUN_KILLS", 2, all, "kills of seatrial run on a stack")
	var moments strings.Builder
	for i := range kills {
		fmt.Fprintf(&moments, "%.1f ", float64(i*all/kills)*0.3)
	}
	params := engineScripts(t, "swarm")
	setup := params.Setup
	params.Setup = func(env *testscript.Env) error {
		err := setup(env)
		env.Setenv("DOCKER_HOST", manager.Host())
		env.Setenv("SEATRIAL_ADDRESS", manager.Address())
		env.Setenv("MOMENTS", moments.String())
		env.Setenv("ENGINE", os.Getenv("DOCKER_HOST")) // an engine outside of any swarm
		return err
	}
	testscript.Run(t, params)
}

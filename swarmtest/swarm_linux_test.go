// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

func TestSwarmStart(t *testing.T) {
	began := time.Now()
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2, Engine: swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, enginetest.Dockerd)}})
	t.Logf("ready after %v", time.Since(began))
	t.Log(docker(t, s.Nodes()[0].Host(), "node", "ls"))
	began = time.Now()
	s.Stop(t)
	t.Logf("stopped after %v", time.Since(began))
}

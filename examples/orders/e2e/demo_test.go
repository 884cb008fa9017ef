// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the orders as they are shipped: ../compose.yaml, with the
// images that it names and builds.
package e2e

import (
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// TestDemo runs the shipped project twice at once. Each copy must keep its own
// orders through a restart of its database, see nothing of the other, and be
// gone when its test ends.
func TestDemo(t *testing.T) {
	needEngine(t)
	worker := buildWorker(t) // the step of the pipeline that comes before the Compose file

	var (
		began   = time.Now()
		plan    sync.Once
		made    = make([][]string, 2) // what each copy consists of
		ids     = make([]string, 2)   // the order of each copy
		copies  sync.WaitGroup
		waiting sync.WaitGroup // copies whose order is not packed yet
	)
	waiting.Add(2)
	for i, sku := range []string{"A1", "B2"} {
		// Not t.Parallel, which on one processor would run one after the other.
		copies.Go(func() {
			t.Run(sku, func(t *testing.T) {
				packed := sync.OnceFunc(waiting.Done)
				defer packed() // if this copy fails, the other one goes on
				step := func(format string, args ...any) {
					t.Helper()
					t.Logf("%5.1fs  "+format, append([]any{time.Since(began).Seconds()}, args...)...)
				}

				app := seatrial.Up(t, spec.Project{
					Files:  []string{"../compose.yaml"}, // fixed ports, container_name and all
					Images: images(worker),
					Env:    buildArgs(),
				})
				made[i] = objects(t, app.Name)
				plan.Do(func() { t.Logf("what lets copies of ../compose.yaml run side by side:\n%s", app.Plan()) })
				step("%s is up: api at %s, db at %s, cache at %s", app.Name, app.Service(t, "api").URL(t, 8080),
					app.Service(t, "db").Addr(t, 5432), app.Service(t, "cache").Addr(t, 6379))
				step("its logs: %s", seatrial.Artifacts(t))

				shop := client{app.Service(t, "api").URL(t, 8080)} // 8080 as the file says it
				ids[i] = shop.place(t, sku).ID
				app.Service(t, "worker").Wait(t, wait.Log("packed id="+ids[i]))
				if got := shop.find(t, ids[i]); got.SKU != sku || got.Status != "packed" {
					t.Errorf("order = %+v, want %s packed", got, sku)
				}
				step("order %s for %s is stored, and packed by the worker", ids[i], sku)

				packed()
				waiting.Wait() // from here on, both copies run and hold an order

				db := app.Service(t, "db")
				db.Restart(t)
				db.Wait(t, wait.Log("ready to accept connections"))
				step("database restarted, now at %s", db.Addr(t, 5432))

				if got := shop.list(t); len(got) != 1 || got[0].ID != ids[i] || got[0].SKU != sku {
					t.Errorf("orders after the restart = %+v, want %s for %s and no other", got, ids[i], sku)
				}
				if other := ids[1-i]; other != "" && shop.has(t, other) {
					t.Errorf("order %s of the other copy is in this one", other)
				}
				step("the order is still there, the other copy's is not")
			})
		})
	}
	copies.Wait()

	for _, list := range made {
		if left := still(t, list); len(left) > 0 {
			t.Errorf("left on the engine: %q", left)
		}
	}
	t.Logf("%5.1fs  nothing is left of %d containers, networks and volumes", time.Since(began).Seconds(), len(made[0])+len(made[1]))
}

func buildWorker(t *testing.T) *seatrial.Image {
	t.Helper()
	return seatrial.Build(t, spec.Image{Context: "..", Dockerfile: "worker.Dockerfile", Args: buildArgs()})
}

// objects returns the ids of the containers and networks of a Compose project,
// and the names of its volumes, the anonymous ones too.
func objects(t *testing.T, project string) []string {
	t.Helper()
	label := "label=com.docker.compose.project=" + project
	containers := docker(t, "ps", "--all", "--quiet", "--no-trunc", "--filter", label)
	networks := docker(t, "network", "ls", "--quiet", "--no-trunc", "--filter", label)
	volumes := docker(t, append([]string{"inspect", "--type", "container", "--format",
		`{{range .Mounts}}{{if eq .Type "volume"}}{{println .Name}}{{end}}{{end}}`}, containers...)...)
	return append(append(containers, networks...), volumes...)
}

// still returns the names of those objects that the engine has.
func still(t *testing.T, objects []string) []string {
	t.Helper()
	if len(objects) == 0 {
		return nil
	}
	cmd := exec.CommandContext(t.Context(), "docker", append([]string{"inspect", "--format", "{{.Name}}"}, objects...)...)
	out, _ := cmd.Output() // it fails because of those that are gone
	return strings.Fields(string(out))
}

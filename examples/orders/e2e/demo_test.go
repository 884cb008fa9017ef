// SPDX-License-Identifier: Apache-2.0

// Package e2e tests the orders as they are shipped: ../compose.yaml, with the
// images that it names and builds.
package e2e

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A copy is what one of the two copies of TestDemo came to.
type copied struct {
	sku, project, api, db, cache string
	objects                      []string // that it consists of
	order                        string   // its number
	kept, apart                  bool     // after a restart of its database: its order is there, the other copy's is not
}

// TestDemo runs the shipped project twice at once. Each copy must keep its own
// orders through a restart of its database, see nothing of the other, and be
// gone when its test ends.
func TestDemo(t *testing.T) {
	needEngine(t)
	worker := buildWorker(t) // the step of the pipeline that comes before the Compose file

	var (
		began   = time.Now()
		two     = []*copied{{sku: "A1"}, {sku: "B2"}}
		copies  sync.WaitGroup
		waiting sync.WaitGroup // copies whose order is not packed yet
	)
	waiting.Add(2)
	for i, c := range two {
		// Not t.Parallel, which on one processor would run one after the other.
		copies.Go(func() {
			t.Run(c.sku, func(t *testing.T) {
				packed := sync.OnceFunc(waiting.Done)
				defer packed() // if this copy fails, the other one goes on

				app := seatrial.Up(t, spec.Project{
					Files:  []string{"../compose.yaml"}, // fixed ports, container_name and all
					Images: images(worker),
					Env:    buildArgs(),
				})
				api, db := app.Service(t, "api"), app.Service(t, "db")
				c.project, c.objects = app.Name, objects(t, app.Name)
				c.api, c.db, c.cache = api.Addr(t, 8080), db.Addr(t, 5432), app.Service(t, "cache").Addr(t, 6379)

				shop := client{api.URL(t, 8080)} // 8080 as the file says it
				c.order = shop.place(t, c.sku).ID
				app.Service(t, "worker").Wait(t, wait.Log("packed id="+c.order))
				if got := shop.find(t, c.order); got.SKU != c.sku || got.Status != "packed" {
					t.Errorf("order = %+v, want %s packed", got, c.sku)
				}

				packed()
				waiting.Wait() // from here on, both copies run and hold an order

				db.Restart(t)
				db.Wait(t, wait.Log("ready to accept connections"))

				got := shop.list(t)
				if c.kept = len(got) == 1 && got[0].ID == c.order && got[0].SKU == c.sku; !c.kept {
					t.Errorf("orders after the restart = %+v, want %s for %s and no other", got, c.order, c.sku)
				}
				other := two[1-i].order
				if c.apart = other == "" || !shop.has(t, other); !c.apart {
					t.Errorf("order %s of the other copy is in this one", other)
				}
			})
		})
	}
	copies.Wait()

	left := still(t, slices.Concat(two[0].objects, two[1].objects))
	if len(left) > 0 {
		t.Errorf("left on the engine: %q", left)
	}
	show(t, two, len(left), time.Since(began))
}

// show prints what the copies came to, side by side.
func show(t *testing.T, two []*copied, left int, took time.Duration) {
	t.Helper()
	w := tabwriter.NewWriter(t.Output(), 0, 0, 3, ' ', 0)
	row := func(what string, of func(*copied) string) {
		fmt.Fprintf(w, "%s\t%s\t%s\n", what, of(two[0]), of(two[1]))
	}
	yes := func(is bool) string { return map[bool]string{true: "yes", false: "NO"}[is] }
	row("", func(c *copied) string { return c.project })
	row("api, 8080 in the file", func(c *copied) string { return c.api })
	row("db, 5432", func(c *copied) string { return c.db })
	row("cache, 6379", func(c *copied) string { return c.cache })
	row("an order is stored, and packed", func(c *copied) string { return c.sku })
	row("its database is restarted: its order is there", func(c *copied) string { return yes(c.kept) })
	row("the other copy's order is not", func(c *copied) string { return yes(c.apart) })
	w.Flush()
	fmt.Fprintf(t.Output(), "%d containers, networks and volumes were made, %d are left; both copies took %.1fs\n",
		len(two[0].objects)+len(two[1].objects), left, took.Seconds())
}

// TestDemoFails shows what a mistake looks like, the one that everybody makes with this image.
// The first line must have the container's own words, and not that it is not ready.
func TestDemoFails(t *testing.T) {
	needEngine(t)
	if os.Getenv("SEATRIAL_ARTIFACTS") == "" {
		t.Setenv("SEATRIAL_ARTIFACTS", t.TempDir()) // what is kept of a test that is to fail is for the demo alone
	}
	const image = "postgres:17-bookworm"
	f := &failing{T: t}
	if !seatrialFails(f, func() {
		seatrial.Run(f, spec.Container{
			Image: cmp.Or(standIns()[image], image), Name: "db", Ports: []int{5432},
			Ready: wait.Log("ready to accept connections").Times(2), // once for its own set-up
		})
	}) {
		t.Fatal("PostgreSQL starts without a password")
	}
	first, rest, _ := strings.Cut(f.text, "\n")
	if !strings.Contains(first, "db exited with code 1 before logging") || !strings.Contains(strings.ToLower(first), "password") {
		t.Errorf("the first line is %q, want db's exit code and its own words", first)
	}
	fmt.Fprintf(t.Output(), "%s\n%s\n", first, rest)
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

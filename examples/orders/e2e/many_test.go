// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// TestManyCopies runs the shipped project twice at once, or as often as
// ORDERS_COPIES says. Each copy tells its customers an address that leads to itself,
// and writes its slips into a directory of its own: none into the checkout.
func TestManyCopies(t *testing.T) {
	needEngine(t)
	worker := buildWorker(t)
	copies := 2
	if n, err := strconv.Atoi(os.Getenv("ORDERS_COPIES")); err == nil {
		copies = n
	}
	var all sync.WaitGroup // of copies that run, or have failed
	all.Add(copies)
	var running sync.WaitGroup
	for i := range copies {
		sku := fmt.Sprintf("S%d", i)
		running.Go(func() {
			t.Run(sku, func(t *testing.T) {
				up := sync.OnceFunc(all.Done)
				defer up()
				app := seatrial.Up(t, spec.Project{Files: []string{"../compose.yaml"}, Images: images(worker), Env: buildArgs()})
				up()
				all.Wait() // from here on, all of them run

				shop := client{app.Service(t, "api").URL(t, 8080)}
				id, location := shop.placeAt(t, sku)
				var o order
				client{}.want(t, 200, "GET", location, "", &o)
				if o.ID != id || o.SKU != sku {
					t.Errorf("at %s, where the order is said to be, there is %+v", location, o)
				}
				packer := app.Service(t, "worker")
				packer.Wait(t, wait.Log("packed id="+id))
				if got := shop.list(t); len(got) != 1 {
					t.Errorf("orders = %+v, want that for %s alone", got, sku)
				}
				dir := filepath.Join(t.TempDir(), "slips")
				packer.CopyOut(t, "/slips", dir)
				slips, err := filepath.Glob(filepath.Join(dir, "*.txt"))
				if want := filepath.Join(dir, id+".txt"); err != nil || len(slips) != 1 || slips[0] != want {
					t.Errorf("slips = %q, %v, want %s alone", slips, err, want)
				}
			})
		})
	}
	running.Wait()
	if there, err := os.ReadDir("../slips"); err != nil || len(there) != 1 {
		t.Errorf("in the checkout there are slips %v, %v, want .gitignore alone", there, err)
	}
}

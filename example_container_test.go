// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"database/sql"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Run a program to its end, and check its output and an expected exit code.
func ExampleRunToEnd() {
	got := seatrial.RunToEnd(t, spec.Container{
		Image: "example/lint:1", Command: []string{"--format", "text", "/src"},
		Mounts:    []spec.Mount{{Host: "testdata/wrong", Target: "/src", ReadOnly: true}},
		ExitCodes: []int{1},
	})
	if !strings.Contains(got.Stdout, "main.go:3: unused variable") {
		t.Errorf("lint says %q", got.Stdout)
	}
}

// Run a command in a running container, with standard input.
func ExampleContainer_Exec() {
	db := seatrial.Run(t, spec.Container{Image: "example/db:1"})
	got := db.Exec(t, spec.Exec{Command: []string{"psql", "-At"}, Stdin: "SELECT count(*) FROM orders;"})
	if strings.TrimSpace(got.Stdout) != "0" {
		t.Errorf("a new database has %s orders", got.Stdout)
	}
}

// Copy files into a container, and out of it, even after it has ended.
func ExampleContainer_CopyOut() {
	job := seatrial.Run(t, spec.Container{Image: "example/export:1"})
	job.CopyIn(t, "testdata/orders.csv", "/in/orders.csv")
	job.Wait(t, wait.Exit(0))
	file := filepath.Join(t.TempDir(), "orders.json")
	job.CopyOut(t, "/out/orders.json", file)
	if content, err := os.ReadFile(file); err != nil || len(content) == 0 {
		t.Errorf("orders.json: %d bytes, %v", len(content), err)
	}
}

// Make a server read its configuration again.
func ExampleContainer_Kill() {
	proxy := seatrial.Run(t, spec.Container{Image: "example/proxy:1"})
	proxy.CopyIn(t, "testdata/proxy.conf", "/etc/proxy.conf")
	proxy.Kill(t, "HUP")
	proxy.Wait(t, wait.Log("configuration reloaded"))
}

// Follow the log of a container line by line.
func ExampleContainer_Lines() {
	job := seatrial.Run(t, spec.Container{Image: "example/import:1"})
	for line := range job.Lines(t) {
		if strings.Contains(line, "skipped") {
			t.Errorf("the import says %q", line)
		}
	}
}

// Reach a port of UDP.
func ExampleContainer_AddrOf() {
	dns := seatrial.Run(t, spec.Container{Image: "example/dns:1", OtherPorts: []string{"53/udp"}})
	conn, err := net.Dial("udp", dns.AddrOf(t, "53/udp"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// Simulate a fault while the container serves requests.
func ExampleContainer_Pause() {
	cache := seatrial.Run(t, spec.Container{Image: "example/cache:1"})
	cache.Pause(t) // it stops answering, and its connections stay open
	resp, err := http.Get("http://127.0.0.1:8080/orders")
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("without a cache: %v, %v", resp, err)
	}
	cache.Unpause(t)
}

// Two containers find each other by name in a network of the test.
func ExampleCreateNetwork() {
	inside := seatrial.CreateNetwork(t, spec.Network{Internal: true}) // without access to other networks
	seatrial.Run(t, spec.Container{Image: "example/db:1", Networks: []spec.Endpoint{{Network: inside.Name, Aliases: []string{"db"}}}})
	seatrial.RunToEnd(t, spec.Container{Image: "example/migrate:2", Env: map[string]string{"DB": "db:5432"}, Networks: []spec.Endpoint{{Network: inside.Name}}})
}

// A volume keeps data when a container is removed, until the end of the test.
func ExampleCreateVolume() {
	data := seatrial.CreateVolume(t, spec.Volume{Name: "data"})
	mounts := []spec.Mount{{Volume: data.Name, Target: "/data"}}
	seatrial.RunToEnd(t, spec.Container{Image: "example/orders:1", Command: []string{"fill", "/data"}, Mounts: mounts})
	seatrial.Run(t, spec.Container{Image: "example/orders:2", Mounts: mounts, Ready: wait.Log("migrated")})
}

// Use a container that existed before the test, and stays.
func ExampleWrapContainer() {
	broker := seatrial.WrapContainer(t, spec.Existing{Name: "ci-broker"})
	broker.Wait(t, wait.Healthy())
	t.Log("the broker is at", broker.Addr(t, 5672))
}

// The container calls a server of the test in place of the real one.
func ExampleRun_reach() {
	called := make(chan string, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called <- r.URL.Path }))
	defer srv.Close()
	seatrial.Run(t, spec.Container{
		Image: "example/orders:2",
		Env:   map[string]string{"HOOK": "http://hooks.example.com/paid"},
		Reach: map[string]string{"hooks.example.com:80": srv.URL},
	})
	if path := <-called; path != "/paid" {
		t.Errorf("it called %s", path)
	}
}

// Start independent containers at the same time.
func ExampleTogether() {
	var db, cache *seatrial.Container
	seatrial.Together(t,
		func(t seatrial.T) { db = seatrial.Run(t, spec.Container{Image: "example/db:1"}) },
		func(t seatrial.T) { cache = seatrial.Run(t, spec.Container{Image: "example/cache:1"}) },
	)
	t.Log(db.Addr(t, 5432), cache.Addr(t, 6379))
}

// Make a unique name, for a bucket in a store say.
func ExampleName() {
	bucket := seatrial.Name(t, "uploads")
	seatrial.Docker(t, spec.Command{Program: "mc", Args: []string{"mb", "store/" + bucket}})
}

// Let the end of the test remove a volume that a docker command makes.
func ExampleOwn() {
	name, flags := seatrial.Own(t, "volume", "archive")
	args := append([]string{"volume", "create", "--driver", "example/nfs"}, flags...)
	seatrial.Docker(t, spec.Command{Args: append(args, name)})
}

// Check that a server shuts down by itself when it is stopped.
func ExampleContainer_Stop() {
	api := seatrial.Run(t, spec.Container{Image: "example/orders:2"})
	api.Stop(t) // its stop signal, and ten seconds later SIGKILL
	if code := api.ExitCode(t); code != 0 {
		t.Errorf("it ended with exit code %d", code)
	}
}

// Start a container again that was killed, and see whether it recovers.
func ExampleContainer_Start() {
	worker := seatrial.Run(t, spec.Container{Image: "example/worker:1"})
	worker.Kill(t, "") // SIGKILL
	worker.Wait(t, wait.Exit(137))
	worker.Start(t)
	worker.Wait(t, wait.Log("recovered 1 order")) // only lines since this start count
}

// Restart a server, and find it at its new port.
func ExampleContainer_Restart() {
	api := seatrial.Run(t, spec.Container{Image: "example/orders:2", Ports: []int{8080}, Ready: wait.HTTP(8080, "/health")})
	api.Restart(t)
	api.Wait(t, wait.HTTP(8080, "/health")) // Restart does not wait until it is ready
	resp, err := http.Get(api.URL(t, 8080) + "/orders")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// Check that a server that was frozen for a while answers again.
func ExampleContainer_Unpause() {
	api := seatrial.Run(t, spec.Container{Image: "example/orders:2", Ports: []int{8080}})
	api.Pause(t)
	client := http.Client{Timeout: time.Second}
	if resp, err := client.Get(api.URL(t, 8080)); err == nil {
		t.Errorf("it answers while it is paused: %s", resp.Status)
	}
	api.Unpause(t)
	api.Wait(t, wait.HTTP(8080, "/health"))
}

// Put a configuration into a container, and start it again with that. The second path is
// that of the file in the container, not of its directory.
func ExampleContainer_CopyIn() {
	proxy := seatrial.Run(t, spec.Container{Image: "example/proxy:1", Ports: []int{80}})
	proxy.CopyIn(t, "testdata/proxy.conf", "/etc/proxy/proxy.conf")
	proxy.CopyIn(t, "testdata/site", "/var/www") // adds the files of a directory
	proxy.Restart(t)
	proxy.Wait(t, wait.HTTP(80, "/"))
}

// Look for a secret in everything that a container has printed. Output arrives a moment
// late, so wait for a line first.
func ExampleContainer_Logs() {
	api := seatrial.Run(t, spec.Container{Image: "example/orders:2", Env: map[string]string{"TOKEN": "only-for-tests"}})
	api.Wait(t, wait.Log("listening"))
	if strings.Contains(api.Logs(t), "only-for-tests") {
		t.Error("the log has the token")
	}
}

// Compare the output of a job byte for byte, without what it says on stderr.
func ExampleContainer_Stdout() {
	job := seatrial.Run(t, spec.Container{Image: "example/export:1", Command: []string{"--format", "csv"}})
	job.Wait(t, wait.Exit(0))
	want, err := os.ReadFile("testdata/orders.csv")
	if err != nil || job.Stdout(t) != string(want) {
		t.Errorf("the export differs from testdata/orders.csv: %v", err)
	}
}

// Give the address of a database to a driver.
func ExampleContainer_Addr() {
	db := seatrial.Run(t, spec.Container{Image: "postgres:17", Ports: []int{5432}, Env: map[string]string{"POSTGRES_PASSWORD": "only-for-tests"}})
	pool, err := sql.Open("pgx", "postgres://postgres:only-for-tests@"+db.Addr(t, 5432)+"/postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
}

// Check that a program that needs too much memory is ended by the kernel.
func ExampleContainer_State() {
	job := seatrial.Run(t, spec.Container{Image: "example/import:1", Limits: spec.Limits{Memory: 64 << 20}, ExitCodes: []int{137}})
	job.Wait(t, wait.Exit(137))
	if !job.State(t).OOMKilled {
		t.Errorf("it ended for another reason: %v", job.State(t))
	}
}

// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// OldCompose is the variable that names the oldest docker compose that is supported.
const OldCompose = "SEATRIAL_TEST_COMPOSE_OLD"

// NeedOldCompose returns a directory, for DOCKER_CONFIG, by which docker compose is
// the oldest that is supported, and buildx what it is now. It is built at the first
// call, which takes minutes; make test does that before. Like Need, it skips the test
// if there is none, or fails it if SEATRIAL_REQUIRE=1.
func NeedOldCompose(t TB) string {
	t.Helper()
	program := os.Getenv(OldCompose)
	if _, err := os.Stat(program); program != "" && err != nil {
		_, here, _, _ := runtime.Caller(0)
		build := exec.Command(filepath.Join(filepath.Dir(here), "..", "..", "tools", "build.sh"), "docker-compose-old")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("building the oldest docker compose: %v\n%s", err, out)
		}
	}
	if _, err := os.Stat(program); err != nil {
		const why = "the oldest docker compose, which tools/build.sh docker-compose-old builds and " + OldCompose + " names"
		if os.Getenv("SEATRIAL_REQUIRE") == "1" {
			t.Fatal("required is", why)
		}
		t.Skip("needs", why)
	}
	out, err := exec.Command("docker", "info", "--format", "{{json .ClientInfo.Plugins}}").Output()
	var plugins []struct{ Name, Path string }
	if err == nil {
		err = json.Unmarshal(out, &plugins)
	}
	if err != nil {
		t.Fatal("looking for docker's plugins: ", err)
	}
	dir := t.TempDir()
	links := map[string]string{"docker-compose": program}
	for _, p := range plugins {
		if p.Name == "buildx" {
			links["docker-buildx"] = p.Path
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "cli-plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, path := range links {
		if err := os.Symlink(path, filepath.Join(dir, "cli-plugins", name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

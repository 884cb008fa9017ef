// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
)

// standIns returns what official images are called on an engine that cannot
// pull them: SEATRIAL_TEST_IMAGES="postgres:17-bookworm=localhost/…,…", as
// make engine-env prints it. It is empty where they can be pulled.
func standIns() map[string]string {
	all := map[string]string{}
	for pair := range strings.SplitSeq(os.Getenv("SEATRIAL_TEST_IMAGES"), ",") {
		if official, ref, ok := strings.Cut(pair, "="); ok {
			all[official] = ref
		}
	}
	return all
}

// images says what to run in place of the images that the Compose file names.
func images(worker *seatrial.Image) map[string]string {
	all := map[string]string{"example/orders-worker:2": worker.Ref}
	for _, official := range []string{"postgres:17-bookworm", "redis:7-bookworm"} {
		if ref, ok := standIns()[official]; ok {
			all[official] = ref
		}
	}
	return all
}

// buildArgs says what the Dockerfiles build with: the variable has the same
// name in them and in the Compose file.
func buildArgs() map[string]string {
	if ref, ok := standIns()["golang:1.26-bookworm"]; ok {
		return map[string]string{"GO_IMAGE": ref}
	}
	return nil
}

// needEngine skips a test that has no engine to run on. With SEATRIAL_REQUIRE=1
// that is a failure, so that a green CI is never an empty one.
func needEngine(t *testing.T) {
	t.Helper()
	_, err := exec.CommandContext(t.Context(), "docker", "version", "--format", "{{.Server.Version}}").Output()
	if err != nil {
		skip(t, "no Docker engine: %s", reason(err))
	}
}

func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("SEATRIAL_REQUIRE") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// docker runs a command that must succeed, and returns the words it prints.
func docker(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", args...).Output()
	if err != nil {
		t.Fatalf("docker %s: %s", strings.Join(args, " "), reason(err))
	}
	return strings.Fields(string(out))
}

// reason is what a command printed about its failure, if it printed anything.
func reason(err error) string {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && len(exit.Stderr) > 0 {
		return strings.TrimSpace(string(exit.Stderr))
	}
	return err.Error()
}

// SPDX-License-Identifier: Apache-2.0

package firstline_test

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/buildlog"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// kinds are the chapters of the catalogue, in its order.
var kinds = []struct {
	name string
	read func(t *testing.T) []failure
}{
	{"Build: a step fails, or BuildKit refuses", func(t *testing.T) []failure { return read(t, "builds", ofBuild) }},
	{"Run: a program ends", func(t *testing.T) []failure { return read(t, "runs", ofRun) }},
	{"Run: a server ends", func(t *testing.T) []failure { return read(t, "servers", ofRun) }},
	{"Run: a health check fails", func(t *testing.T) []failure { return read(t, "healthchecks", ofHealthCheck) }},
	{"Up: a project cannot be started", func(t *testing.T) []failure { return read(t, "projects", ofProject) }},
	{"Deploy: a service cannot become what it is to be", ofDeploys},
	{"Waits", ofWaits},
	{"The test asks for what there cannot be", ofSpecs},
	{"The engine cannot be used", ofEngines},
}

// ofRun is a container that ended with a code other than 0.
func ofRun(t *testing.T, r rules, printed map[string]string) string {
	return said(t, &target{
		state:  wait.State{Status: "exited", ExitCode: r.Exit, StartID: "1"},
		stdout: lines(printed["stdout"]), stderr: lines(printed["stderr"]),
	}, wait.Ready())
}

// ofHealthCheck is a container whose health check fails.
func ofHealthCheck(t *testing.T, r rules, printed map[string]string) string {
	to := &target{state: wait.State{Status: "running", Health: "unhealthy", HealthOutput: printed["output"], StartID: "1"}, listens: []wait.Listener{}}
	if r.Listens != "" {
		to.listens = append(to.listens, wait.Listener{Addr: netip.MustParseAddrPort(r.Listens)})
	}
	return said(t, to, wait.Ready())
}

// said is how a wait fails.
func said(t *testing.T, to *target, c wait.Condition) string {
	t.Helper()
	err := wait.Until(t.Context(), to, c)
	if err == nil {
		t.Fatalf("%v holds", c)
	}
	return err.Error()
}

// ofBuild is a build that failed: by a step, of which BuildKit tells in its way, or by
// BuildKit itself.
func ofBuild(t *testing.T, r rules, printed map[string]string) string {
	log, ok := printed["log"]
	if !ok {
		log = failedStep(r.Step, r.Exit, lines(printed["output"]))
	}
	failed := buildlog.Failed(lines(log))
	switch {
	case failed == nil:
		return ""
	case failed.Line > 0:
		return fmt.Sprintf("building Dockerfile:%d: %v", failed.Line, failed)
	}
	return fmt.Sprintf("building Dockerfile: %v", failed)
}

// failedStep is what docker buildx prints of a build whose third step fails.
func failedStep(step string, code int, output []string) string {
	var b strings.Builder
	command := strings.TrimPrefix(step, "RUN ")
	fmt.Fprintf(&b, "#1 [internal] load build definition from Dockerfile\n#1 DONE 0.0s\n#6 [2/3] COPY . /src\n#6 CACHED\n#7 [3/3] %s\n", step)
	for i, line := range output {
		fmt.Fprintf(&b, "#7 %d.%03d %s\n", 1+i/100, i%100, line)
	}
	fmt.Fprintf(&b, "#7 ERROR: process \"/bin/sh -c %s\" did not complete successfully: exit code: %d\n------\n > [3/3] %s:\n", command, code, step)
	for i, line := range output[max(0, len(output)-10):] {
		fmt.Fprintf(&b, "%d.%03d %s\n", 1+i/100, i%100, line)
	}
	fmt.Fprintf(&b, "------\nDockerfile:4\n--------------------\n   2 |     FROM base\n   3 |     COPY . /src\n   4 | >>> %s\n   5 |     \n--------------------\n", step)
	fmt.Fprintf(&b, "ERROR: failed to solve: process \"/bin/sh -c %s\" did not complete successfully: exit code: %d\n", command, code)
	return b.String()
}

// ofProject is a Compose file that is not started.
func ofProject(t *testing.T, _ rules, files map[string]string) string {
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := tailor.Compose(t.Context(), spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}}, tailor.Options{})
	if err == nil {
		return ""
	}
	return regexp.MustCompile(regexp.QuoteMeta(dir)+"/?").ReplaceAllString(err.Error(), "")
}

func lines(text string) []string { return strings.Split(strings.TrimRight(text, "\n"), "\n") }

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// An elsewhere is an engine and a docker compose on which the tests of projects
// must pass as they do here.
type elsewhere struct {
	name       string
	dockerd    string
	classic    bool // image store
	oldCompose bool
	always     bool // even if not all are requested
	noSubpath  string
}

const (
	noSubpathCompose = "cannot be given a copy: that takes docker compose 2.26.0; there is 2.24.6"
	noSubpathEngine  = "cannot be given a copy: that takes API 1.45"
)

var elsewheres = []elsewhere{
	{name: "20.10, oldest compose", dockerd: enginetest.OldDockerd, oldCompose: true, always: true, noSubpath: noSubpathCompose},
	{name: "20.10", dockerd: enginetest.OldDockerd, noSubpath: noSubpathEngine},
	{name: "29, containerd store, oldest compose", dockerd: enginetest.Dockerd, oldCompose: true, noSubpath: noSubpathCompose},
	{name: "29, containerd store", dockerd: enginetest.Dockerd},
	{name: "29, classic store, oldest compose", dockerd: enginetest.Dockerd, classic: true, oldCompose: true, noSubpath: noSubpathCompose},
	{name: "29, classic store", dockerd: enginetest.Dockerd, classic: true},
}

// TestUpElsewhere runs tests of projects on private engines: a selection on the
// oldest engine with the oldest docker compose, or, if SEATRIAL_TEST_ELSEWHERE is
// "all" as in make elsewhere, all tests on all engines with both versions of docker
// compose.
func TestUpElsewhere(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	all := enginetest.Sample(t, "SEATRIAL_TEST_ELSEWHERE", 1, len(elsewheres), "engines with a docker compose, with two of the tests of projects") == len(elsewheres)
	for _, there := range elsewheres {
		if !there.always && !all {
			continue
		}
		t.Run(there.name, func(t *testing.T) {
			tests, only := "TestUpCopiesStayApart|TestUpdate", "storage,pieces,subnet"
			if all {
				tests, only = "TestUp[ABFPSTW].*|TestUpCopies.*|TestUpCutOff.*|TestUpOf.*|TestUpEnvironmentOfFiles|TestUpdate|TestUpdateOfContents|TestUpdateRenumbersPorts|"+
					"TestScale|TestRunService|TestRunning|TestStopAndStartOfProject|TestAddProfiles", ""
			}
			there.run(t, tests, onlyApart+"="+only)
		})
	}
}

// run runs tests of this package in a private engine's network, under its host
// name.
func (there elsewhere) run(t *testing.T, tests string, env ...string) {
	t.Helper()
	e := swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: enginetest.NeedDockerd(t, there.dockerd), ClassicStore: there.classic})
	pid := daemonOf(t, e.Host())
	cmd := exec.Command("nsenter", "--net=/proc/"+pid+"/ns/net", "--uts=/proc/"+pid+"/ns/uts", "--",
		os.Args[0], "-test.run=^("+tests+")$", "-test.v", "-test.timeout=30m")
	cmd.Env = append(os.Environ(), "DOCKER_HOST="+e.Host(), "SEATRIAL_REQUIRE=1", noSubpath+"="+there.noSubpath)
	cmd.Env = append(cmd.Env, env...)
	if there.oldCompose {
		cmd.Env = append(cmd.Env, "DOCKER_CONFIG="+enginetest.NeedOldCompose(t))
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%d tests passed there", bytes.Count(out, []byte("--- PASS: ")))
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for one := range strings.SplitSeq(tests, "|") {
		if !regexp.MustCompile(`(?m)^--- PASS: ` + one + ` `).Match(out) {
			t.Errorf("no test %s passed", one)
		}
	}
}

// daemonOf returns the process id of the dockerd that listens at host.
func daemonOf(t *testing.T, host string) string {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		line, _ := os.ReadFile(file)
		if program, _, _ := bytes.Cut(line, []byte{0}); filepath.Base(string(program)) == "dockerd" && bytes.Contains(line, []byte(host+"\x00")) {
			return filepath.Base(filepath.Dir(file))
		}
	}
	t.Fatalf("no dockerd listens at %s", host)
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

func TestOwn(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		docker := func(args ...string) string {
			t.Helper()
			return seatrial.Docker(t, spec.Command{Args: args}).Stdout
		}
		network, labels := seatrial.Own(t, "network", "")
		docker(append(append([]string{"network", "create"}, labels...), network)...)
		volume, labels := seatrial.Own(t, "volume", "data")
		docker(append(append([]string{"volume", "create"}, labels...), volume)...)
		container, labels := seatrial.Own(t, "container", "box")
		docker(append(append([]string{"run", "--detach", "--name", container, "--network", network, "--volume", volume + ":/data", "--volume", "/anonymous"}, labels...), img.Ref, "-after", "5m")...)
		seatrial.Own(t, "container", "never made")
		for _, kind := range []string{"network", "volume", "container"} {
			if got := docker(kind, "ls", "--quiet", "--filter", "label=io.github.seatrial.kind="+kind, "--filter", "label=io.github.seatrial.test="+t.Name()); strings.Count(got, "\n") != 1 {
				t.Errorf("objects of kind %s: %q", kind, got)
			}
		}
		if !strings.Contains(container, "-box-") || len(container) > 63 {
			t.Errorf("the container is called %s", container)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	r.Discard(t)
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
	mustFail(t, `owning a "service"`, func(t seatrial.T) { seatrial.Own(t, "service", "") })
}

func TestName(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, role := range []string{"", "db", "A long role with ÜMLÄUTS and spaces", "-", "x"} {
		name := seatrial.Name(t, role)
		if seen[name] || len(name) > 40 || !form.MatchString(name) || !strings.HasPrefix(name, "name-") {
			t.Errorf("Name(%q) = %q, want a new one of at most 40 characters that begins with the test's name", role, name)
		}
		seen[name] = true
	}
}

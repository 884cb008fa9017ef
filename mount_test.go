// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

func TestMounts(t *testing.T) {
	img := probe(t)
	t.Chdir(t.TempDir())
	writeFile(t, "dir/f", "1")
	writeFile(t, "conf,x=1", "2") // the docker command splits at commas
	vol := seatrial.CreateVolume(t, spec.Volume{Name: "data", Labels: map[string]string{"mine": "1"}})
	mounts := []spec.Mount{
		{Target: "/dir", Host: "dir"},
		{Target: "/ro", Host: "dir", ReadOnly: true},
		{Target: "/conf", Host: "conf,x=1", ReadOnly: true},
		{Target: "/vol", Volume: vol.Name},
		{Target: "/tmp", Tmpfs: true, Size: 1 << 20},
	}
	for _, flags := range [][]string{nil, {"--read-only"}} {
		s := spec.Container{Image: img.Ref, Name: "files", User: "0", Mounts: mounts, Flags: flags}
		s.Command = []string{"-stat", "/ro/f", "-stat", "/conf", "-write", "/dir/new=3", "-write", "/vol/new=4", "-write", "/tmp/new=5", "-stat", "/tmp/new"}
		if r := seatrial.RunToEnd(t, s); strings.Count(r.Stdout, "\n") != 3 {
			t.Errorf("flags %v: it printed %q", flags, r.Stdout)
		}
		s.Command, s.ExitCodes = []string{"-write", "/ro/new=3"}, []int{2}
		if r := seatrial.RunToEnd(t, s); !strings.Contains(r.Stderr, "read-only file system") {
			t.Errorf("flags %v: writing to what is read-only: %q", flags, r.Stderr)
		}
		if content, err := os.ReadFile("dir/new"); err != nil || string(content) != "3" {
			t.Errorf("flags %v: on the host there is %q, %v", flags, content, err)
		}
	}
	again := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Mounts: mounts[3:4], Command: []string{"-stat", "/vol/new"}})
	if !strings.HasSuffix(again.Stdout, " 4\n") {
		t.Errorf("another container sees %q in the volume", again.Stdout)
	}
}

func TestContainerMisuse(t *testing.T) {
	t.Parallel()
	img := probe(t)
	mount := func(m spec.Mount) spec.Container { return spec.Container{Mounts: []spec.Mount{m}} }
	flags := func(f ...string) spec.Container { return spec.Container{Flags: f} }
	tests := map[string]spec.Container{
		"Mounts: Host: stat /no/such: no such file or directory": mount(spec.Mount{Target: "/x", Host: "/no/such"}),
		`Target "x" is no absolute path`:                         mount(spec.Mount{Target: "x", Tmpfs: true}),
		`"/x" has 0 of Host, Volume and Tmpfs`:                   mount(spec.Mount{Target: "/x"}),
		`"/x" has 2 of Host, Volume and Tmpfs`:                   mount(spec.Mount{Target: "/x", Tmpfs: true, Volume: "v"}),
		`has no volume "nobodys"`:                                mount(spec.Mount{Target: "/x", Volume: "nobodys"}),
		`"/x/" is the Target of two`:                             {Mounts: []spec.Mount{{Target: "/x", Tmpfs: true}, {Target: "/x/", Tmpfs: true}}},
		"Copy is for Host":                                       mount(spec.Mount{Target: "/x", Tmpfs: true, Copy: true}),
		"Size is for Tmpfs":                                      mount(spec.Mount{Target: "/x", Host: ".", Size: 1}),
		`has no network "nobodys"`:                               {Networks: []spec.Endpoint{{Network: "nobodys"}}},
		"Networks: one has no name":                              {Networks: []spec.Endpoint{{}}},
		`Networks: "a" is given twice`:                           {Networks: []spec.Endpoint{{Network: "a"}, {Network: "a"}}},
		"Stdout: timeline.txt is a file of seatrial's own":       {Stdout: "timeline.txt"},
		"TimeLimit is -1s, which is less than nothing":           {TimeLimit: -time.Second},
		"is less than nothing":                                   {Limits: spec.Limits{CPUs: -1}},
		"only one of Command, Shell and None":                    {Healthcheck: &spec.Healthcheck{Shell: "x", None: true}},
		"does not go with Flags; Shell does":                     {Healthcheck: &spec.Healthcheck{Command: []string{"x"}}, Flags: []string{"--init"}},
		`Labels: "io.github.seatrial.kind" is one of seatrial's`: {Labels: map[string]string{"io.github.seatrial.kind": "x"}},
		`Labels: "a=b" is no name of a label`:                    {Labels: map[string]string{"a=b": "x"}},

		"Flags: --name is refused: the container's name says whose it is": flags("--name", "mine"),
		"Flags: --name is refused":                                        flags("--name=mine"),
		"Flags: --rm is refused":                                          flags("--rm"),
		"--rm is refused: the container goes":                             flags("--rm=true"),
		"Flags: --detach is refused":                                      flags("-d"),
		"--detach is refused: Run always":                                 flags("-itd"),
		"Flags: --cidfile is refused":                                     flags("--cidfile", "x"),
		"Flags: --label io.github.seatrial.run is refused":                flags("-l", "io.github.seatrial.run=x"),
		"--label io.github.seatrial.test is refused":                      flags("-lio.github.seatrial.test"),
		`Flags: "other-image" is no flag`:                                 flags("--privileged", "other-image"),
		`Flags: "--" is no flag`:                                          flags("--"),
		"Flags: --env has no value":                                       flags("--env"),
		"Flags: --volume /no/such:/x: stat /no/such: no such file":        flags("-v", "/no/such:/x"),
		`has no volume "unknown1"`:                                        flags("-v", "unknown1:/x"),
		`has no volume "unknown2"`:                                        flags("--mount", "target=/x,source=unknown2"),
		"docker create: unknown flag: --no-such":                          flags("--no-such=1"),
	}
	for want, s := range tests {
		s.Image, s.Name = img.Ref, "bad"
		mustFail(t, want, func(t seatrial.T) { seatrial.Run(t, s) })
	}
	mustFail(t, `creating a network: Labels: "io.github.seatrial.x" is one of`, func(t seatrial.T) {
		seatrial.CreateNetwork(t, spec.Network{Labels: map[string]string{"io.github.seatrial.x": ""}})
	})
	mustFail(t, `creating a volume: Labels: "" is no name`, func(t seatrial.T) {
		seatrial.CreateVolume(t, spec.Volume{Labels: map[string]string{"": ""}})
	})
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left are\n%s", left)
	}
}

// A value that looks like a refused flag is one nevertheless.
func TestFlagsAreReadAsDockerReadsThem(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, flags := range [][]string{
		{"--env", "--name=x"}, {"-e", "--rm", "--hostname", "-d"}, {"-itP", "--privileged", "--env=-d"}, {"-v/data", "--tmpfs", "/t"}, {"--label", "a=io.github.seatrial.run"},
	} {
		seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "ok", Flags: flags})
	}
}

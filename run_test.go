// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestRun(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{
		Image: img.Ref, Name: "server", Command: []string{"-print", "!to stderr", "-serve", ":8080", "-farewell", "bye"},
		Env: map[string]string{"GREETING": "hello $USER"}, Ports: []int{8080},
		Ready: wait.HTTP(8080, "/health"),
	})
	if got, want := enginetest.GetNow(t, c.URL(t, 8080)+"/env?GREETING"), "hello $USER"; got != want {
		t.Errorf("GREETING inside = %q, want %q", got, want)
	}
	if !strings.HasPrefix(c.Addr(t, 8080), "127.0.0.1:") {
		t.Errorf("Addr = %q, want one on 127.0.0.1", c.Addr(t, 8080))
	}

	// A line of the first life does not count in the second.
	c.Wait(t, wait.Log("listening"))
	c.Restart(t)
	c.Wait(t, wait.Log("listening"), wait.HTTP(8080, "/health"))
	enginetest.GetNow(t, c.URL(t, 8080)+"/say?line=second+life")
	c.Wait(t, wait.Log("second life"))
	c.Restart(t)
	fails := mustFailIn(t, 7*time.Second, `server did not log "second life" within`, func(t seatrial.T) {
		c.Wait(t, wait.Log("second life"))
	})
	if !strings.Contains(fails.Errors(), "| second life") {
		t.Errorf("the error does not show the last lines:\n%s", fails.Errors())
	}
	dir := seatrial.Artifacts(t)
	for _, file := range []struct{ name, want string }{
		{"server.out", "listening on :8080\nbye\nlistening on :8080\nsecond life\nbye\nlistening on :8080\n"},
		{"server.err", "to stderr\nto stderr\nto stderr\n"},
	} {
		c.Wait(t, wait.Log("listening"))
		got, err := os.ReadFile(filepath.Join(dir, file.name))
		if err != nil || string(got) != file.want {
			t.Errorf("%s = %q, %v, want %q", file.name, got, err, file.want)
		}
	}
}

func TestRunForeground(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "0041 ok", "-exit", "0"}})
	c.Wait(t, wait.Exit(0))
	if got, want := c.Logs(t), "0041 ok\n"; got != want {
		t.Errorf("Logs = %q, want %q", got, want)
	}
	mustFail(t, "migrate exited with code 3, not 0", func(t seatrial.T) {
		c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "0042 exists", "-exit", "3"}, ExitCodes: []int{3}})
		c.Wait(t, wait.Exit(0))
	})
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	img := probe(t)
	tests := []struct {
		about, want string
		spec        spec.Container
	}{
		{"exits while waited for", "srv exited with code 7 before answering http :8080/health",
			spec.Container{Command: []string{"-after", "300ms", "-exit", "7"}, Ports: []int{8080}, Ready: wait.HTTP(8080, "/health")}},
		{"log never comes", `srv exited with code 0 before logging "never"`,
			spec.Container{Command: []string{"-print", "x"}, Ready: wait.Log("never")}},
		{"command missing", "running srv: ", spec.Container{Entrypoint: []string{"/no/such"}}},
		{"no health check", "srv did not become healthy: it has no health check",
			spec.Container{Command: []string{"-after", "1m"}, Ready: wait.Healthy()}},
		{"port not published", "running a container: Ready: http :8080/health: port 8080 is asked where it is published, and is not among Ports",
			spec.Container{Command: []string{"-serve", ":8080"}, Ready: wait.HTTP(8080, "/health")}},
		{"bad pattern", `running a container: Ready: log "(": error parsing regexp`, spec.Container{Command: []string{"-serve", ":8080"}, Ready: wait.Log("(")}},
		{"bad port", "running a container: Ports: 70000 is not from 1 to 65535", spec.Container{Ports: []int{70000}}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			s := test.spec
			s.Image, s.Name = img.Ref, "srv"
			mustFail(t, test.want, func(t seatrial.T) { seatrial.Run(t, s) })
		})
	}
	t.Run("image of ours missing", func(t *testing.T) {
		mustFail(t, "does not have it", func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: "localhost/seatrial/none:0"})
		})
	})
}

func TestRunAwaitsHealthcheck(t *testing.T) {
	t.Parallel()
	context := enginetest.ProbeContext(t)
	enginetest.Need(t)
	enginetest.WriteFile(t, filepath.Join(context, "Dockerfile"), `FROM scratch
COPY probe /probe
HEALTHCHECK --interval=200ms --retries=3 CMD ["/probe", "-check", "http://127.0.0.1:8080/health"]
ENTRYPOINT ["/probe"]
`)
	img := seatrial.Build(t, spec.Image{Context: context})
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-after", "500ms", "-serve", ":8080"}, Ports: []int{8080}})
	if got, want := enginetest.GetNow(t, c.URL(t, 8080)+"/health"), "ok\n"; got != want {
		t.Errorf("after Run of an image with a health check, /health = %q, want %q", got, want)
	}
	mustFail(t, "srv is unhealthy; its health check (CMD /probe -check http://127.0.0.1:8080/health) printed: ", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-after", "1m"}})
	})
}

// A Run that is interrupted while its container is being created leaves none.
func TestRunCutOffLeavesNothing(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, n := range rand.Perm(25)[:enginetest.Sample(t, "SEATRIAL_CUTOFFS", 8, 25, "moments at which a run is cut off")] {
		limit := time.Duration(1+4*n) * time.Millisecond
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			seatrial.Run(r, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-after", "1m"}, Ready: wait.Exit(0), TimeLimit: limit})
		})
		r.Discard(t)
		if !r.Failed() || strings.Contains(r.Errors(), "removing") {
			t.Errorf("limit %v: failed = %v with\n%s", limit, r.Failed(), r.Errors())
		}
	}
	if left := enginetest.Docker(t, "ps", "--all", "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{.Names}} {{.Status}}"); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

func TestPortOfWhatHasEnded(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "no config", "-exit", "4"}, Ports: []int{80}, Ready: wait.Exit(4)})
	r := mustFail(t, "looking up port 80 of srv: it has no ports: it exited with code 4", func(t seatrial.T) { c.Port(t, 80) })
	if !strings.Contains(r.Errors(), "| no config") {
		t.Errorf("the last lines are missing:\n%s", r.Errors())
	}
}

func TestRunChecksKeepFirst(t *testing.T) {
	img := probe(t)
	t.Setenv("SEATRIAL_KEEP", "failed:x")
	mustFail(t, `SEATRIAL_KEEP="failed:x": "x" is not a time like 30m`, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref})
	})
	if left := enginetest.Docker(t, "ps", "--all", "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{.Names}}"); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

func TestRunWithRelativeTemporaryDirectory(t *testing.T) {
	img := probe(t)
	t.Chdir(t.TempDir())
	if err := os.Mkdir("tmp [1]", 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", "tmp [1]")
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		if dir := seatrial.Artifacts(r); !filepath.IsAbs(dir) {
			r.Errorf("Artifacts = %q, want an absolute path", dir)
		}
		seatrial.Run(r, spec.Container{Image: img.Ref})
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
}

func TestRunMounts(t *testing.T) {
	img := probe(t)
	t.Chdir(t.TempDir())
	enginetest.WriteFile(t, "dir/f", "1")
	enginetest.WriteFile(t, "conf,x=1", "2") // the docker command splits at commas
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

func TestRunMisuse(t *testing.T) {
	t.Parallel()
	img := probe(t)
	mount := func(m spec.Mount) spec.Container { return spec.Container{Mounts: []spec.Mount{m}} }
	flags := func(f ...string) spec.Container { return spec.Container{Flags: f} }
	tests := map[string]spec.Container{
		"Mounts: Host: stat /no/such: no such file or directory": mount(spec.Mount{Target: "/x", Host: "/no/such"}),
		`Target "x" is not an absolute path`:                     mount(spec.Mount{Target: "x", Tmpfs: true}),
		`"/x" sets 0 of Host, Volume and Tmpfs`:                  mount(spec.Mount{Target: "/x"}),
		`"/x" sets 2 of Host, Volume and Tmpfs`:                  mount(spec.Mount{Target: "/x", Tmpfs: true, Volume: "v"}),
		`has no volume "nobodys"`:                                mount(spec.Mount{Target: "/x", Volume: "nobodys"}),
		`"/x/" is the Target of two`:                             {Mounts: []spec.Mount{{Target: "/x", Tmpfs: true}, {Target: "/x/", Tmpfs: true}}},
		"Copy is for Host":                                       mount(spec.Mount{Target: "/x", Tmpfs: true, Copy: true}),
		"Size is for Tmpfs":                                      mount(spec.Mount{Target: "/x", Host: ".", Size: 1}),
		`has no network "nobodys"`:                               {Networks: []spec.Endpoint{{Network: "nobodys"}}},
		"Networks: one has no name":                              {Networks: []spec.Endpoint{{}}},
		`Networks: "a" is given twice`:                           {Networks: []spec.Endpoint{{Network: "a"}, {Network: "a"}}},
		"Stdout: timeline.txt is a file of seatrial's own":       {Stdout: "timeline.txt"},
		"TimeLimit (-1s) is negative":                            {TimeLimit: -time.Second},
		"is negative":                                            {Limits: spec.Limits{CPUs: -1}},
		"only one of Command, Shell and None":                    {Healthcheck: &spec.Healthcheck{Shell: "x", None: true}},
		"does not go with Flags; Shell does":                     {Healthcheck: &spec.Healthcheck{Command: []string{"x"}}, Flags: []string{"--init"}},
		`Labels: "io.github.seatrial.kind" is one of seatrial's`: {Labels: map[string]string{"io.github.seatrial.kind": "x"}},
		`Labels: "a=b" is not a name for a label`:                {Labels: map[string]string{"a=b": "x"}},

		"Flags: --name is refused: the container's name says whose it is": flags("--name", "mine"),
		"Flags: --name is refused":                                        flags("--name=mine"),
		"Flags: --rm is refused":                                          flags("--rm"),
		"--rm is refused: the container goes":                             flags("--rm=true"),
		"Flags: --detach is refused":                                      flags("-d"),
		"--detach is refused: Run always":                                 flags("-itd"),
		"Flags: --cidfile is refused":                                     flags("--cidfile", "x"),
		"Flags: --label io.github.seatrial.run is refused":                flags("-l", "io.github.seatrial.run=x"),
		"--label io.github.seatrial.test is refused":                      flags("-lio.github.seatrial.test"),
		`Flags: "other-image" is not a flag`:                              flags("--privileged", "other-image"),
		`Flags: "--" is not a flag`:                                       flags("--"),
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
	mustFail(t, `creating a volume: Labels: "" is not a name`, func(t seatrial.T) {
		seatrial.CreateVolume(t, spec.Volume{Labels: map[string]string{"": ""}})
	})
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

func TestRunToEnd(t *testing.T) {
	t.Parallel()
	img := probe(t)
	got := *seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "out", "-print", "!err", "-exit", "3"}, ExitCodes: []int{0, 3}})
	if diff := cmp.Diff(seatrial.Result{ExitCode: 3, Stdout: "out\n", Stderr: "err\n"}, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	named := spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "out", "-print", "!err"}, Stdout: "plan.txt", Stderr: "moans.txt"}
	seatrial.RunToEnd(t, named)
	for name, want := range map[string]string{named.Stdout: "out\n", named.Stderr: "err\n"} {
		if got, err := os.ReadFile(filepath.Join(seatrial.Artifacts(t), name)); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	r := mustFail(t, "migrate exited with code 3, not 0", func(t seatrial.T) {
		seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-print", "column exists", "-exit", "3"}})
	})
	if !strings.Contains(r.Errors(), "| column exists") {
		t.Errorf("the last lines are missing:\n%s", r.Errors())
	}
	mustFailIn(t, 5*time.Second, "migrate did not exit with code 0 within", func(t seatrial.T) {
		seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "migrate", Command: []string{"-after", "10m"}})
	})
}

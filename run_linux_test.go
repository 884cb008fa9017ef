// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// A container with a writable directory of this machine runs as the test's user.
func TestRunUserWithWritableDirectory(t *testing.T) {
	t.Parallel()
	img := probe(t)
	seatrial.Need(t, spec.Need{HostFiles: true, Root: true})
	context := enginetest.ProbeContext(t)
	enginetest.WriteFile(t, filepath.Join(context, "Dockerfile"), "FROM scratch\nCOPY probe /probe\nUSER 4711:4712\nENTRYPOINT [\"/probe\"]\n")
	other := seatrial.Build(t, spec.Image{Context: context})
	dir, us := t.TempDir(), fmt.Sprintf("%d:%d /\n", os.Getuid(), os.Getgid())
	file := filepath.Join(dir, "f")
	enginetest.WriteFile(t, file, "")
	writable := spec.Mount{Target: "/d", Host: dir}
	tests := []struct {
		about, want string
		spec        spec.Container
	}{
		{"writable directory", us, spec.Container{Mounts: []spec.Mount{writable}}},
		{"by a raw flag", us, spec.Container{Flags: []string{"-v", dir + ":/d"}}},
		{"by a raw flag, read-only", "4711:4712 /\n", spec.Container{Flags: []string{"--mount", "type=bind,src=" + dir + ",dst=/d,readonly"}}},
		{"read-only", "4711:4712 /\n", spec.Container{Mounts: []spec.Mount{{Target: "/d", Host: dir, ReadOnly: true}}}},
		{"file", "4711:4712 /\n", spec.Container{Mounts: []spec.Mount{{Target: "/d", Host: file}}}},
		{"user given", "8:9 /\n", spec.Container{User: "8:9", Mounts: []spec.Mount{writable}}},
		{"user given by a flag", "8:9 /\n", spec.Container{Flags: []string{"-u", "8:9"}, Mounts: []spec.Mount{writable}}},
		{"nothing", "4711:4712 /\n", spec.Container{}},
	}
	for _, test := range tests {
		s := test.spec
		s.Image, s.Command = other.Ref, []string{"-id"}
		if got := seatrial.RunToEnd(t, s).Stdout; got != test.want {
			t.Errorf("%s: runs as %q, want %q", test.about, got, test.want)
		}
	}
	if os.Chmod(dir, 0o777) != nil {
		t.Fatal("chmod")
	}
	seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Command: []string{"-write", "/d/made=x"}, Mounts: []spec.Mount{writable}})
	info, err := os.Stat(filepath.Join(dir, "made"))
	if err != nil {
		t.Fatal(err)
	}
	if sys := info.Sys().(*syscall.Stat_t); int(sys.Uid) != os.Getuid() {
		t.Errorf("the file belongs to %d, want %d", sys.Uid, os.Getuid())
	}
}

// A server that listens only in an IP family in which nothing leads to it gives a
// warning, like one that does not listen.
func TestRunServersInTheOtherFamily(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		seatrial.Up(r, project(t, img, `services:
  old: {image: "example/probe:1", command: ["-serve", "4::80"], ports: ["18080:80"], networks: [six]}
  new: {image: "example/probe:1", command: ["-serve", "6::80"], ports: ["18081:80"]}
networks:
  six: {enable_ipv4: false, enable_ipv6: true}
`))
	})
	r.Discard(t)
	want := []string{"it listens on 0.0.0.0:80 only; a published port reaches the container's IPv6 address"}
	if os.Getuid() == 0 { // the kernel tells only root
		want = append(want, "it listens on [::]:80 only; a published port reaches the container's IPv4 address")
	}
	for _, w := range want {
		if r.Failed() || !strings.Contains(r.Logs(), w) {
			t.Errorf("the log is\n%s%s\nwant in it %q", r.Logs(), r.Errors(), w)
		}
	}
}

// needIPv6 skips a test if this machine has no IPv6.
func needIPv6(t *testing.T) {
	t.Helper()
	if off, err := os.ReadFile("/proc/sys/net/ipv6/conf/all/disable_ipv6"); err != nil || strings.TrimSpace(string(off)) != "0" {
		t.Skip("this machine has no IPv6")
	}
}

// On networks without IPv4, ports are published over IPv6: for a container, and for
// a project, on its own network or on the container's.
func TestRunOnNetworksWithoutIPv4(t *testing.T) {
	t.Parallel()
	needIPv6(t)
	img := probe(t)
	name, labels := seatrial.Own(t, "network", "six")
	seatrial.Docker(t, spec.Command{Args: slices.Concat([]string{"network", "create", "--ipv4=false", "--ipv6"}, labels, []string{name})})
	c := spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ports: []int{80}}
	c.Networks = []spec.Endpoint{{Network: name}}
	alone := seatrial.Run(t, c)

	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), `services:
  own: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["18080:80"], networks: [six]}
  joins: {image: "example/probe:1", command: ["-serve", ":80"], ports: ["18081:80"], networks: [theirs]}
networks:
  six: {enable_ipv4: false, enable_ipv6: true}
  theirs: {external: true}
`)
	app := seatrial.Up(t, spec.Project{Files: []string{dir}, Images: map[string]string{"example/probe:1": img.Ref}, Networks: map[string]string{"theirs": name}})
	for _, url := range []string{alone.URL(t, 80), app.Service(t, "own").URL(t, 18080), app.Service(t, "joins").URL(t, 18081)} {
		if got := enginetest.Get(t, url+"/health"); got != "ok\n" || !strings.HasPrefix(url, "http://[::1]:") {
			t.Errorf("%s answers %q, want ok, at ::1", url, got)
		}
	}

	// A port that can never be published fails at once.
	inside := seatrial.CreateNetwork(t, spec.Network{Internal: true})
	c.Networks = []spec.Endpoint{{Network: inside.Name}}
	hidden := seatrial.Run(t, c)
	err := seatrial.Try(t, func(t seatrial.T) { hidden.Port(t, 80) })
	if err == nil || !strings.Contains(err.Error(), "the engine publishes none: nothing leads out of its networks ("+inside.Name+")") {
		t.Errorf("port on an internal network: %v", err)
	}
}

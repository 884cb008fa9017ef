// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A value that looks like a refused flag is one nevertheless.
func TestRunFlagsAreReadAsDockerReadsThem(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, flags := range [][]string{
		{"--env", "--name=x"}, {"-e", "--rm", "--hostname", "-d"}, {"-itP", "--privileged", "--env=-d"}, {"-v/data", "--tmpfs", "/t"}, {"--label", "a=io.github.seatrial.run"},
	} {
		seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Name: "ok", Flags: flags})
	}
}

// inspect returns what the engine knows of a container, without values that differ
// between any two containers.
func inspect(t *testing.T, c *seatrial.Container) map[string]any {
	t.Helper()
	var all []map[string]any
	if err := json.Unmarshal([]byte(enginetest.Docker(t, "inspect", c.ID)), &all); err != nil {
		t.Fatal(err)
	}
	one := all[0]
	for _, key := range []string{"Id", "Created", "Name", "State", "ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "GraphDriver", "Storage"} {
		delete(one, key)
	}
	config, host := one["Config"].(map[string]any), one["HostConfig"].(map[string]any)
	delete(config, "Hostname")
	maps.DeleteFunc(config["Labels"].(map[string]any), func(key string, _ any) bool { return strings.HasPrefix(key, "io.github.seatrial.") })
	// docker create sets the streams for an attached client, and the size of its terminal.
	for _, key := range []string{"AttachStdout", "AttachStderr"} {
		delete(config, key)
	}
	delete(host, "ConsoleSize")
	settings := one["NetworkSettings"].(map[string]any)
	aliases := map[string]any{}
	for name, endpoint := range settings["Networks"].(map[string]any) {
		aliases[name] = endpoint.(map[string]any)["Aliases"]
	}
	one["NetworkSettings"] = aliases
	prune(one)
	return one
}

// prune removes empty values, as one client sends null and the other {} or [], and
// sorts mounts, which have no order.
func prune(m map[string]any) {
	for key, value := range m {
		if inner, ok := value.(map[string]any); ok {
			prune(inner)
		}
		if items, ok := value.([]any); ok && (key == "Mounts" || key == "Env") {
			for _, item := range items {
				if inner, ok := item.(map[string]any); ok {
					prune(inner)
				}
			}
			slices.SortFunc(items, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		}
		v := reflect.ValueOf(m[key])
		if !v.IsValid() || (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0 {
			delete(m, key)
		}
	}
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// A field and the equivalent flags of docker run give the same container, even if
// the docker command makes it because the spec has other flags.
func TestRunTypedAndRawGiveTheSame(t *testing.T) {
	t.Parallel()
	img := probe(t)
	net := seatrial.CreateNetwork(t, spec.Network{Name: "net"})
	net2 := seatrial.CreateNetwork(t, spec.Network{Name: "net2"})
	vol := seatrial.CreateVolume(t, spec.Volume{Name: "vol"})
	dir := t.TempDir()
	wait1m := []string{"-print", "up", "-after", "1m"}
	tests := map[string]struct {
		typed, raw spec.Container
	}{
		"process": {
			spec.Container{Entrypoint: []string{"/probe"}, Command: []string{"-print", "up", "-print", "a b'\"$x", "-after", "1m"},
				Env: map[string]string{"A": "b=c\nd", "E": ""}, User: "7:8", Dir: "/w", Ports: []int{80, 81}, OtherPorts: []string{"53/udp"}, Labels: map[string]string{"a": "b=c"},
				Limits:      spec.Limits{Memory: 64 << 20, CPUs: 0.25, PIDs: 99},
				Healthcheck: &spec.Healthcheck{Shell: "true", Interval: time.Minute, Timeout: 1500 * time.Millisecond, StartPeriod: time.Hour, Retries: 5}},
			spec.Container{Command: []string{"-print", "up", "-print", "a b'\"$x", "-after", "1m"}, Flags: []string{"--entrypoint", "/probe",
				"-e", "A=b=c\nd", "--env", "E=", "-u7:8", "-w=/w", "-p", "127.0.0.1::80", "--publish=127.0.0.1::81/tcp", "-p", "127.0.0.1::53/udp", "-l", "a=b=c",
				"-m", "64m", "--cpus=.25", "--pids-limit", "99",
				"--health-cmd", "true", "--health-interval=1m", "--health-timeout", "1.5s", "--health-start-period=1h", "--health-retries", "5"}}},
		"mounts": {
			spec.Container{User: "1", Mounts: []spec.Mount{{Host: dir, Target: "/host", ReadOnly: true}, {Host: dir, Target: "/writable"},
				{Volume: vol.Name, Target: "/volume"}, {Tmpfs: true, Size: 1 << 20, Target: "/tmpfs"}}},
			spec.Container{User: "1", Flags: []string{"--mount", "type=bind,source=" + dir + ",target=/host,readonly", "--mount", "type=bind,src=" + dir + ",dst=/writable",
				"--mount", "source=" + vol.Name + ",target=/volume", "--mount", "type=tmpfs,target=/tmpfs,tmpfs-size=1m"}}},
		"one network": {spec.Container{Networks: []spec.Endpoint{{Network: net.Name, Aliases: []string{"db", "pg"}}}},
			spec.Container{Flags: []string{"--network", net.Name, "--network-alias", "db", "--network-alias", "pg"}}},
		"two networks, no health check": {
			spec.Container{Networks: []spec.Endpoint{{Network: net.Name, Aliases: []string{"db"}}, {Network: net2.Name}}, Healthcheck: &spec.Healthcheck{None: true}},
			spec.Container{Flags: []string{"--network", "name=" + net.Name + ",alias=db", "--network", net2.Name, "--no-healthcheck"}}},
	}
	for about, test := range tests {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			mixed := test.typed
			mixed.Flags = []string{"--init=false"}
			var got []map[string]any
			for _, s := range []spec.Container{test.typed, test.raw, mixed} {
				s.Image = img.Ref
				s.Ready = wait.Log("up")
				if s.Command == nil {
					s.Command = wait1m
				}
				one := inspect(t, seatrial.Run(t, s))
				delete(one["HostConfig"].(map[string]any), "Init")
				got = append(got, one)
			}
			if diff := cmp.Diff(got[0], got[1]); diff != "" {
				t.Errorf("the field (-) and the flag (+) give different containers:\n%s", diff)
			}
			if diff := cmp.Diff(got[0], got[2]); diff != "" {
				t.Errorf("the field alone (-) and with other flags (+) gives different containers:\n%s", diff)
			}
		})
	}
}

// Every field of the spec is compared above, unless it has no flag.
func TestRunTypedAndRawKnowsAllFields(t *testing.T) {
	t.Parallel()
	other := []string{"Image", "Name", "Flags", "Ready", "ExitCodes", "TimeLimit", "Stdout", "Stderr", "Reach"}
	compared := []string{"Entrypoint", "Command", "Env", "User", "Dir", "Ports", "OtherPorts", "Mounts", "Networks", "Limits", "Healthcheck", "Labels"}
	for field := range reflect.TypeFor[spec.Container]().Fields() {
		if !slices.Contains(append(other, compared...), field.Name) {
			t.Errorf("nothing compares spec.Container.%s with the flag of docker run", field.Name)
		}
	}
}

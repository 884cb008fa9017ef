// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

// swarmObjects lists what a swarm has, and what its nodes have beside networks of
// their own.
func swarmObjects(t *testing.T, s *swarmtest.Swarm) []string {
	t.Helper()
	manager := s.Nodes()[0].Host()
	var all []string
	for _, list := range [][]string{
		{"service", "ls", "--format", "service {{.Name}}"}, {"secret", "ls", "--format", "secret {{.Name}}"},
		{"config", "ls", "--format", "config {{.Name}}"}, {"network", "ls", "--filter", "scope=swarm", "--format", "network {{.Name}}"},
	} {
		all = append(all, strings.Fields(strings.ReplaceAll(docker(t, manager, list...), " ", ":"))...)
	}
	for _, n := range s.Nodes() {
		all = append(all, strings.Fields(docker(t, n.Host(), "ps", "--all", "--format", "container:{{.Names}}"))...)
		all = append(all, strings.Fields(docker(t, n.Host(), "volume", "ls", "--format", "volume:{{.Name}}"))...)
	}
	slices.Sort(all)
	return all
}

// The scenario that the project began with: a sample is built on another image of
// the test, and reads a secret; once with a build argument, and once without one.
func TestScenario(t *testing.T) {
	s := startSwarm(t, swarmtest.Spec{Workers: 1})
	manager := s.Nodes()[0]
	before := swarmObjects(t, s)
	base := manager.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	for _, test := range []struct{ name, dockerfile string }{
		{"argument", "ARG BASE=example/base:1\nFROM ${BASE}\nCMD [\"-stat\", \"/none\"]\n"},
		{"substitution", "FROM example/base:1\nCMD [\"-stat\", \"/none\"]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			sample, artifacts := t.TempDir(), t.TempDir()
			t.Setenv("SEATRIAL_ARTIFACTS", artifacts)
			if err := os.WriteFile(filepath.Join(sample, "Dockerfile"), []byte(test.dockerfile), 0o600); err != nil {
				t.Fatal(err)
			}
			const value = "GRtsp8-not-for-eyes"
			t.Run("test", func(t *testing.T) {
				how := spec.Image{Context: sample, Images: map[string]string{"example/base:1": base.Ref}}
				if test.name == "argument" {
					how.Images, how.Args = nil, map[string]string{"BASE": base.Ref}
				}
				img := manager.Build(t, how)
				secret := manager.CreateSecret(t, spec.Secret{Name: "app.properties", Content: "KEY=" + value})
				if !strings.HasSuffix(secret.Name, ".properties") {
					t.Errorf("the secret's name is %s", secret.Name)
				}
				service := manager.Serve(t, spec.Service{
					Image: img.Ref, Name: "app", TimeLimit: 60 * time.Second, Spread: "dnsrr", Secrets: spec.Files(secret.Name),
					Command: []string{"-stat", "/run/secrets/" + secret.Name, "-print", "read", "-serve", ":80"},
				})
				service.Wait(t, wait.Log("^read$"))
				if log := service.Logs(t); !strings.Contains(log, "KEY=") {
					t.Errorf("log = %q", log)
				}
			})
			if entries, err := os.ReadDir(sample); err != nil || len(entries) != 1 {
				t.Errorf("the sample's directory has %v, %v", entries, err)
			}
			err := filepath.Walk(artifacts, func(path string, info os.FileInfo, err error) error {
				if err != nil || info.IsDir() {
					return err
				}
				content, err := os.ReadFile(path)
				if strings.Contains(string(content), value) {
					t.Errorf("%s has the secret:\n%s", path, content)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			if after := swarmObjects(t, s); !slices.Equal(after, before) {
				t.Errorf("left are %q, want %q", after, before)
			}
		})
	}
}

// Services of all modes, tasks and what can be done with them; and why some fail.
func TestServe(t *testing.T) {
	s := startSwarm(t, swarmtest.Spec{Workers: 2})
	manager := s.Nodes()[0]
	before := swarmObjects(t, s)
	img := manager.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	t.Run("modes", func(t *testing.T) {
		artifacts := t.TempDir()
		t.Setenv("SEATRIAL_ARTIFACTS", artifacts)
		config := manager.CreateConfig(t, spec.Secret{Name: "hello", Content: "no line's end"})
		began := time.Now()
		web := manager.Serve(t, spec.Service{
			Image: img.Ref, Name: "web", Replicas: 2, Spread: "dnsrr", Ports: []int{80}, Command: []string{"-print", "up", "-serve", ":80"},
			Configs: []spec.SecretFile{{Name: config.Name, Target: "/hello", Mode: 0o400}}, Mounts: []spec.Mount{{Volume: "web-data", Target: "/data"}},
			Ready: wait.HTTP(80, "/health"),
		})
		t.Logf("web: after %v", time.Since(began).Round(time.Millisecond))
		tasks := web.Tasks(t)
		if len(tasks) != 2 || tasks[0].Name != "web.1" || tasks[1].Name != "web.2" {
			t.Fatalf("tasks = %v", tasks)
		}
		for _, k := range tasks {
			if got := get(t, k.URL(t, 80)+"/health"); got != "ok\n" {
				t.Errorf("%s: %q", k, got)
			}
			if r := k.Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/hello"}}); !strings.Contains(r.Stdout, "-r--------") || !strings.Contains(r.Stdout, "no line's end") {
				t.Errorf("%s: the config is %q", k, r.Stdout)
			}
			if k.Container(t).Name != k.Name || k.Node == "" || k.Logs(t) != "up\nlistening on :80\n" {
				t.Errorf("%s on %q: container %s, log %q", k, k.Node, k.Container(t), k.Logs(t))
			}
		}
		all := manager.Serve(t, spec.Service{Image: img.Ref, Name: "all", Mode: spec.Global, Spread: "dnsrr", Command: []string{"-serve", ":80"},
			Flags: []string{"--hostname", "{{.Node.Hostname}}"}})
		if tasks := all.Tasks(t); len(tasks) != 3 || tasks[2].Name != "all.worker2" {
			t.Errorf("tasks of a global service = %v", tasks)
		}
		job := manager.Serve(t, spec.Service{Image: img.Ref, Name: "job", Mode: spec.ReplicatedJob, Replicas: 2, Command: []string{"-print", "done", "-exit", "3"}, ExitCodes: []int{3}})
		if got := job.ExitCodes(t); !slices.Equal(got, []int{3, 3}) {
			t.Errorf("exit codes = %v", got)
		}
		each := manager.Serve(t, spec.Service{Image: img.Ref, Name: "each", Mode: spec.GlobalJob, Command: []string{"-print", "done"}})
		if got := each.ExitCodes(t); !slices.Equal(got, []int{0, 0, 0}) {
			t.Errorf("exit codes = %v", got)
		}
		for _, name := range []string{"web.1.out", "web.2.err", "all.manager1.out", "job.2.out", "each.worker1.out"} {
			if found, _ := filepath.Glob(filepath.Join(artifacts, "*", name)); len(found) != 1 {
				if found, _ = filepath.Glob(filepath.Join(artifacts, "*", "*", name)); len(found) != 1 {
					t.Errorf("no artifact %s", name)
				}
			}
		}
	})
	if after := swarmObjects(t, s); !slices.Equal(after, before) {
		t.Errorf("left are %q, want %q", after, before)
	}
}

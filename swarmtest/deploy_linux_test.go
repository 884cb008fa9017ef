// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/wait"
)

// stackFile writes a stack file, beside a file with a secret.
func stackFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"stack.yaml": text, "key.txt": "GRtsp8-not-for-eyes"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "stack.yaml")
}

const shopStack = `
services:
  web:
    image: example/probe:1
    command: ["-print", "web is up", "-serve", ":80"]
    ports: [{target: 80, published: 8080, mode: host}]
    networks: [front]
    secrets: [key]
    deploy: {mode: global, endpoint_mode: dnsrr}
  db:
    image: example/probe:1
    command: ["-serve", ":5432"]
    volumes: ["data:/data"]
    networks: [front]
    healthcheck: {test: ["CMD", "/probe", "-check", "http://127.0.0.1:5432/health"], interval: 200ms}
    deploy: {replicas: 2, endpoint_mode: dnsrr}
  migrate:
    image: example/probe:1
    command: ["-print", "migrated"]
    networks: [front]
    deploy: {restart_policy: {condition: none}, endpoint_mode: dnsrr}
networks: {front: }
volumes: {data: }
secrets: {key: {file: ./key.txt}}
`

func TestDeploy(t *testing.T) {
	s := startSwarm(t, swarmtest.Spec{Workers: 1})
	manager := s.Nodes()[0]
	img := manager.Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	before := swarmObjects(t, s)
	images := map[string]string{"example/probe:1": img.Ref}
	t.Run("deploy", func(t *testing.T) {
		began := time.Now()
		file := stackFile(t, shopStack)
		next := strings.Replace(shopStack, "web is up", "web is newer", 1)
		next = strings.Replace(next, "mode: global,", "mode: global, update_config: {monitor: 500ms},", 1)
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "next.yaml"), []byte(next), 0o600); err != nil {
			t.Fatal(err)
		}
		shop := manager.Deploy(t, spec.Stack{Files: []string{file}, Images: images, Ready: map[string]wait.Condition{"web": wait.HTTP(8080, "/health")}})
		t.Logf("deployed after %v", time.Since(began).Round(time.Millisecond))
		web := shop.Service(t, "web").Tasks(t)
		if len(web) != 2 || web[1].Name != "web.worker1" {
			t.Errorf("tasks of web = %v", web)
		}
		for _, k := range web {
			if got := get(t, k.URL(t, 8080)+"/health"); got != "ok\n" {
				t.Errorf("%s: %q", k, got)
			}
			if r := k.Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/run/secrets/key"}}); !strings.Contains(r.Stdout, "not-for-eyes") {
				t.Errorf("%s: the secret is %q", k, r.Stdout)
			}
		}
		if log := shop.Service(t, "migrate").Logs(t); log != "migrated\n" {
			t.Errorf("log of migrate = %q", log)
		}
		began = time.Now()
		shop.Update(t, spec.Stack{Files: []string{strings.Replace(file, "stack.yaml", "next.yaml", 1)}, Images: images})
		t.Logf("updated after %v", time.Since(began).Round(time.Millisecond))
		for _, k := range shop.Service(t, "web").Tasks(t) {
			k.Container(t).Wait(t, wait.Log("^web is newer$"))
		}
		if db := shop.Service(t, "db"); len(db.Tasks(t)) != 2 {
			t.Errorf("tasks of db = %v", db.Tasks(t))
		} else {
			db.Scale(t, 3)
			if got := len(db.Tasks(t)); got != 3 {
				t.Errorf("scaled to %d tasks, want 3", got)
			}
		}
		web = shop.Service(t, "web").Tasks(t)
		other := manager.Deploy(t, spec.Stack{
			Files:  []string{stackFile(t, "services: {client: {image: 'example/probe:1', command: ['-serve', ':80'], networks: [shop], deploy: {endpoint_mode: dnsrr}}}\nnetworks: {shop: {external: true}}\n")},
			Images: images, Networks: map[string]string{"shop": shop.Network(t, "front")},
		})
		client := other.Service(t, "client").Task(t)
		if r := client.Exec(t, spec.Exec{Command: []string{"/probe", "-check", "http://" + web[0].Container(t).IP(t, shop.Network(t, "front")) + "/health"}}); r.ExitCode != 0 {
			t.Errorf("from one stack to the other: %+v", r)
		}
		began = time.Now()
		other.Remove(t)
		shop.Remove(t)
		t.Logf("removed after %v", time.Since(began).Round(time.Millisecond))
		if after := swarmObjects(t, s); !slices.Equal(after, before) {
			t.Errorf("left are %q, want %q", after, before)
		}
	})

	service := func(more string) string {
		return "services:\n  web:\n    image: example/probe:1\n    command: ['-serve', ':80']\n" + more
	}
	for _, test := range []struct {
		name, text string
		want       []string // in the first line
		spec       spec.Stack
	}{
		{name: "unknown constraint", text: service("    deploy: {placement: {constraints: ['node.labels.disk == ssd']}}\n"),
			want: []string{"service web: ", "no suitable node", `no node meets the constraint "node.labels.disk == ssd"`, "no node has node.labels.disk"}},
		{name: "reservation too large", text: service("    deploy: {resources: {reservations: {memory: 900G}}}\n"),
			want: []string{"service web: ", "no suitable node", "it reserves 900.0 GiB of memory, and no node has more than"}},
		{name: "image missing", text: strings.Replace(service(""), "example/probe:1", "example/none:7", 1) + "  ok: {image: 'example/probe:1', command: ['-serve', ':80']}\n",
			want: []string{"service web: task web.1 on ", "example/none"}},
		{name: "port taken in host mode", text: service("    ports: [{target: 80, published: 8099, mode: host}]\n    deploy: {replicas: 3}\n"), spec: spec.Stack{KeepPorts: []int{8099}},
			want: []string{"service web: task web.", "no suitable node", "port 8099 in host mode"}},
		{name: "crash loop", text: strings.Replace(service("    deploy: {restart_policy: {delay: 100ms}}\n"), "'-serve', ':80'", "'-print', '!error: no licence', '-exit', '4'", 1),
			want: []string{"service web: task web.1 on ", "exited with code 4: error: no licence"}},
		{name: "missing secret", text: service("    secrets: [licence]\nsecrets: {licence: {external: true}}\n"), want: []string{"licence"}},
		{name: "network missing", text: service("    networks: [proxy]\nnetworks: {proxy: {external: true}}\n"), spec: spec.Stack{Networks: map[string]string{"proxy": "nowhere"}}, want: []string{"nowhere"}},
		{name: "placement impossible", text: service("    deploy: {replicas: 5, placement: {max_replicas_per_node: 1}}\n"),
			want: []string{"service web: task web.", "no suitable node", "max_replicas_per_node is 1, so that 2 nodes can't have 5"}},
		{name: "health check failing", text: service("    healthcheck: {test: ['CMD', '/probe', '-check', 'http://127.0.0.1:81/'], interval: 100ms, retries: 2}\n"),
			want: []string{"service web: task web.1 on ", "unhealthy"}},
		{name: "one-shot", text: strings.Replace(service("    deploy: {restart_policy: {condition: none}}\n"), "'-serve', ':80'", "'-print', '!cannot migrate', '-exit', '1'", 1),
			want: []string{"service web: task web.1 on ", "exited with code 1: cannot migrate"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			stack := test.spec
			stack.Files, stack.Images, stack.TimeLimit = []string{stackFile(t, test.text)}, images, 20*time.Second
			began := time.Now()
			err := seatrial.Try(t, func(t seatrial.T) { manager.Deploy(t, stack) })
			t.Logf("after %v: %v", time.Since(began).Round(time.Millisecond), err)
			if err == nil {
				t.Fatal("it was deployed")
			}
			line, _, _ := strings.Cut(err.Error(), "\n")
			for _, want := range test.want {
				if !strings.Contains(line, want) {
					t.Errorf("first line is %q, want %q", line, want)
				}
			}
			var task *seatrial.TaskError
			if strings.HasPrefix(test.want[0], "service web") && !errors.As(err, &task) {
				t.Errorf("the cause is %T", err)
			}
		})
	}
	if after := swarmObjects(t, s); !slices.Equal(after, before) {
		t.Errorf("left are %q, want %q", after, before)
	}
}

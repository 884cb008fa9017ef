// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/chromium"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

var update = flag.Bool("update", false, "write what a failure leaves to docs/failures.md, and its picture")

// Artifacts of a stack that does not converge list failed tasks first, with the number of
// the attempt, and contain no secret. With go test -v the deployment has said how far it is.
func stackEvidence(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	const literal = "c4nary-literal"
	file := stackFile(t, `services:
  web:
    image: example/probe:1
    command: ["-stat", "/run/secrets/key", "-print", "!error: no licence for this machine", "-after", "300ms", "-exit", "4"]
    environment: {DB_PASSWORD: `+literal+`}
    networks: [front]
    secrets: [key]
    deploy: {endpoint_mode: dnsrr, restart_policy: {condition: on-failure, max_attempts: 1, delay: 4s}, placement: {constraints: ["node.role == manager"]}}
  db:
    image: example/probe:1
    command: ["-print", "database system is ready", "-serve", ":5432"]
    networks: [front]
    deploy: {endpoint_mode: dnsrr, placement: {constraints: ["node.role == manager"]}}
networks: {front: }
secrets: {key: {file: ./key.txt}}
`)
	r := enginetest.Record("TestShopIsServed", time.Time{}, func(r *enginetest.Recorder) {
		s.Nodes()[0].Deploy(r, spec.Stack{Files: []string{file}, Images: map[string]string{"example/probe:1": img.Ref}})
	})
	if first, _, _ := strings.Cut(r.Errors(), "\n"); !strings.Contains(first, "service web: task web.1 on manager1: exited with code 4: error: no licence") {
		t.Errorf("first line is %q", first)
	}
	if says := strings.Contains(r.Logs(), "deploying "+file+": db 1 "); says != testing.Verbose() {
		t.Errorf("verbose: %v; the log is\n%s", testing.Verbose(), r.Logs())
	}
	dir := enginetest.ArtifactsOf(t, r)
	tasks, err := filepath.Glob(filepath.Join(dir, "*.tasks.json"))
	if err != nil || len(tasks) != 1 {
		t.Fatalf("tasks are in %q, %v", tasks, err)
	}
	rename := strings.NewReplacer(strings.TrimSuffix(filepath.Base(tasks[0]), ".tasks.json"), "STACK", filepath.Dir(file), "…")
	if differs := enginetest.Listed(t, "Deploy", r.Errors(), dir, rename, *update); differs != "" {
		t.Error(differs)
	}
	content, err := os.ReadFile(tasks[0])
	if err != nil {
		t.Fatal(err)
	}
	failed, well := strings.LastIndex(string(content), `"State": "failed"`), strings.Index(string(content), `"State": "running"`)
	second, first := strings.Index(string(content), `"attempt": 2`), strings.Index(string(content), `"attempt": 1`)
	if failed < 0 || well < failed || second < 0 || second > first {
		t.Errorf("the tasks that failed, the last attempt of them, are not the first:\n%s", content)
	}
	page, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil || !strings.Contains(string(page), `<h3>web.1 (attempt 2)</h3><p class="state bad">failed on manager1: task: non-zero exit (4)`) {
		t.Errorf("the page does not show the attempt that failed: %v", err)
	}
	leaks := enginetest.Leaks(t, dir, "GRtsp8-not-for-eyes", func(string) bool { return false })
	leaks = append(leaks, enginetest.Leaks(t, dir, literal, func(name string) bool {
		return name == "shipped-1-stack.yaml" || name == "report.html" // a copy of the file, and of that copy
	})...)
	for _, leak := range leaks {
		t.Error(leak)
	}
	if *update {
		chromium.Start(t).Shoot(t, dir, "../docs/report-swarm.png", filepath.Dir(file), "..", "stackevidence_linux_test.go", "shop_test.go")
	}
}

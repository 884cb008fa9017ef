// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// TestStackVictim makes all kinds of objects on an existing swarm.
func TestStackVictim(t *testing.T) {
	image := os.Getenv("SEATRIAL_TEST_STACK")
	if image == "" {
		t.Skip("is started and killed by other tests")
	}
	manager := swarmtest.Start(t, swarmtest.Spec{}).Nodes()[0]
	secret := manager.CreateSecret(t, spec.Secret{Name: "key", Content: "GRtsp8-not-for-eyes"})
	config := manager.CreateConfig(t, spec.Secret{Name: "hello", Content: "hello"})
	manager.Serve(t, spec.Service{
		Image: image, Mode: spec.Global, EndpointMode: "dnsrr", Command: []string{"-deaf", "-serve", ":80"}, Mounts: []spec.Mount{{Volume: "victims-data", Target: "/data"}},
		Secrets: spec.Files(secret.Name), Configs: spec.Files(config.Name),
	})
	manager.Deploy(t, spec.Stack{Files: []string{stackFile(t, shopStack)}, Images: map[string]string{"example/probe:1": image}})
	fmt.Println("all is there")
	time.Sleep(time.Minute)
}

// When a test is killed, at whatever moment, its watchdog removes its objects in
// the swarm, on all nodes that it knows.
func killedStacks(t *testing.T, s *swarmtest.Swarm, img *seatrial.Image) {
	manager, one, two := s.Nodes()[0], s.Nodes()[1], s.Nodes()[2]
	before := swarmObjects(t, s)
	for n := range enginetest.Sample(t, "SEATRIAL_KILLS", 2, 50, "kills") {
		tmp := t.TempDir()
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		cmd := exec.Command(os.Args[0], "-test.run=^TestStackVictim$")
		cmd.Env = append(os.Environ(), "SEATRIAL_TEST_STACK="+img.Ref, "SEATRIAL_SWARM="+manager.Host()+" "+one.Host()+" "+two.Host(),
			"SEATRIAL_SWARM_REGISTRY="+s.Registry(), "SEATRIAL_NO_COLLECT=1", "TMPDIR="+tmp)
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if n > 0 {
			time.Sleep(300*time.Millisecond + rand.N(5*time.Second))
		} else {
			eventually(t, time.Minute, func() string {
				said, _ := os.ReadFile(out.Name())
				select {
				case err := <-ended:
					t.Fatalf("the victim ended by itself: %v\n%s", err, said)
				default:
				}
				if !strings.Contains(string(said), "all is there") {
					return "the victim has not got all yet:\n" + string(said)
				}
				return ""
			})
		}
		had := len(swarmObjects(t, s)) - len(before)
		_ = cmd.Process.Kill()
		<-ended
		began := time.Now()
		eventually(t, 40*time.Second, func() string {
			if now := swarmObjects(t, s); !slices.Equal(now, before) {
				return fmt.Sprintf("left = %q, want %q", now, before)
			}
			return ""
		})
		t.Logf("of %d objects none was there %v after the kill", had, time.Since(began).Round(time.Millisecond))
		if n == 0 && had < 15 {
			t.Errorf("the victim had %d objects, too few to prove anything", had)
		}
		if !enginetest.AwaitProcesses("TMPDIR=" + tmp) {
			t.Error("a process of the victim's is left")
		}
		// Requests from before the kill may take effect after the first look.
		if now := swarmObjects(t, s); !slices.Equal(now, before) {
			t.Errorf("came back: %q, want %q", now, before)
		}
	}
}

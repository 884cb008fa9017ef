// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// fakeRunning has the script use an engine of its own on which these environments run, each given
// as NAME=CHECKOUT: one that is called others is another user's, and newer is of a newer seatrial. Each has two containers of web,
// one of dns, which publishes a port of UDP, one of db, which has exited, and one of a single
// docker compose run. They were used six and a half hours ago.
func fakeRunning(t *testing.T, ts *testscript.TestScript, pairs []string) {
	fake := enginetest.NewFake("fake", "1.47")
	volumes := fake.KeepVolumes()
	containers := []map[string]any{}
	used := time.Now().Add(-6*time.Hour - 30*time.Minute).Truncate(time.Second)
	for _, pair := range pairs {
		name, dir, _ := strings.Cut(pair, "=")
		dir = ts.MkAbs(dir)
		record, err := json.Marshal(environment.Record{
			Name: name, Checkout: dir, Dir: dir, Files: []string{filepath.Join(dir, "compose.yaml")},
			Machine: process.Machine(), View: checkout.View(), Created: used, Used: used, Stay: environment.StayStandard,
			Ports: []environment.FilePort{{Service: "web", Number: 8080, Target: 80, Protocol: "tcp"}, {Service: "db", Number: 5432, Target: 5432, Protocol: "tcp"}},
		})
		ts.Check(err)
		run := sha256.Sum256([]byte("seatrial environment\x00" + name)) // by which an engine is asked for one of them
		tuple := owner.Tuple{Run: owner.SharedRun(run[:]), Test: name, Scope: "shared-env1-aaaaaaaa", Process: process.Self(), Until: used.Add(environment.StayStandard)}
		if name == "others" {
			tuple.Process.User = "other"
		}
		if name == "newer" {
			tuple.Scope = fmt.Sprintf("shared-env%d-aaaaaaaa", owner.EnvironmentVersion+1)
		}
		for volume, of := range map[string]owner.Tuple{"record-" + name: tuple.Data(), "stay-" + name: tuple} {
			labels := of.On(owner.Record, volume).Labels()
			if of.IsData() {
				labels[owner.LabelEnvironment] = string(record)
			}
			volumes.Add(volume, labels)
		}
		container := func(service, number, oneOff, state, status string, ports ...map[string]any) {
			labels := tuple.On(owner.Container, name+"-"+service+"-"+number).Labels()
			labels[engine.ComposeProject], labels[engine.ComposeService], labels[engine.ComposeNumber], labels[engine.ComposeOneoff] = name, service, number, oneOff
			containers = append(containers, map[string]any{
				"Id": "id-" + service + "-" + number, "Names": []string{"/" + name + "-" + service + "-" + number}, "Labels": labels, "State": state, "Status": status, "Ports": ports,
			})
		}
		bound := func(target, host int, protocol string) map[string]any {
			return map[string]any{"IP": "127.0.0.1", "PrivatePort": target, "PublicPort": host, "Type": protocol}
		}
		container("web", "2", "False", "running", "Up 7 hours", bound(80, 20002, "tcp"))
		container("web", "1", "False", "running", "Up 7 hours (healthy)", bound(80, 20001, "tcp"))
		container("web", "3", "True", "running", "Up 7 hours")
		container("dns", "1", "False", "running", "Up 7 hours", bound(53, 20003, "udp"), bound(53, 20004, "tcp"))
		container("db", "1", "False", "exited", "Exited (1) 2 hours ago")
	}
	fake.Answer("/containers/json", containers)
	ts.Setenv("DOCKER_HOST", fake.ServeUnix(t))
	ts.Setenv("SEATRIAL_ADDRESS", "127.0.0.1")
}

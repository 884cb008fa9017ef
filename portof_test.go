// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// UDP ports are published, waited for and looked up with their protocol: by the
// container's number, and in a project also by the file's.
func TestAddrOfUDP(t *testing.T) {
	t.Parallel()
	img := probe(t)
	echo := []string{"-serve", "udp::53"}
	alone := seatrial.Run(t, spec.Container{Image: img.Ref, Command: echo, OtherPorts: []string{"53/udp"}, Ready: wait.ListeningOn("53/udp")})
	flagged := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "flagged", Command: echo, OtherPorts: []string{"53/udp"}, Flags: []string{"--read-only"}, Ready: wait.ListeningOn("53/udp")})
	app := seatrial.Up(t, project(t, img, `services:
  dns:
    image: example/probe:1
    command: ["-serve", "udp::53"]
    ports: ["5353:53/udp"]
`))
	dns := app.Service(t, "dns")
	dns.Wait(t, wait.ListeningOn("5353/udp"))
	for about, addr := range map[string]string{
		"a container": alone.AddrOf(t, "53/udp"), "one made by the docker command": flagged.AddrOf(t, "53/udp"),
		"the file's number": dns.AddrOf(t, "5353/udp"), "the container's number": dns.AddrOf(t, "53/udp"),
	} {
		c, err := net.Dial("udp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got := make([]byte, 16)
		n := 0
		for range 20 { // UDP may lose packets
			if _, err = c.Write([]byte("hello")); err != nil {
				break
			}
			_ = c.SetReadDeadline(time.Now().Add(3 * time.Second))
			if n, err = c.Read(got); err == nil {
				break
			}
		}
		if err != nil || string(got[:n]) != "hello" {
			t.Errorf("%s: %s sends %q, %v, want hello", about, addr, got[:n], err)
		}
	}
	fails := mustFail(t, "looking up port 5353 of dns: it is not published; published are 53/udp (5353 in the file)", func(t seatrial.T) { dns.Addr(t, 5353) })
	if !strings.Contains(fails.Errors(), `hint: AddrOf(t, "5353/udp")`) {
		t.Errorf("the error has no hint:\n%s", fails.Errors())
	}
	mustFail(t, `"53/upd" is not a port`, func(t seatrial.T) { dns.PortOf(t, "53/upd") })
}

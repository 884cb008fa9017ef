// SPDX-License-Identifier: Apache-2.0

package container

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// The port of a container that has no network of its own cannot be found, whatever the
// file publishes, and the message says why.
func TestPortWithoutNetwork(t *testing.T) {
	fake := enginetest.NewFake("docker", "1.48")
	for id, mode := range map[string]string{"alone": "none", "beside": "container:alone", "on": "shop_default"} {
		fake.Answer("/containers/"+id+"/json", map[string]any{"Id": id, "Name": "/shop-" + id + "-1", "State": map[string]any{"Status": "running"}, "Config": map[string]any{},
			"HostConfig": map[string]any{"NetworkMode": mode, "PortBindings": map[string]any{"80/tcp": []any{map[string]any{"HostPort": ""}}}}, "NetworkSettings": map[string]any{}})
	}
	for id, labels := range map[string]map[string]string{"bare": nil, "api": {engine.ComposeService: "api"}, "found": nil} {
		fake.Answer("/containers/"+id+"/json", map[string]any{"Id": id, "Name": "/" + id, "State": map[string]any{"Status": "running"}, "Config": map[string]any{"Labels": labels},
			"HostConfig": map[string]any{"NetworkMode": "bridge"}, "NetworkSettings": map[string]any{}})
	}
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t), Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	for id, want := range map[string]string{
		"alone":  "looking up port 80 of alone: it publishes none: it has no network (network mode none)",
		"beside": "looking up port 80 of beside: it publishes none: it is in the network of container shop-alone-1, which has the ports",
		"on":     "looking up port 80 of on: it has no ports",
		"bare":   "looking up port 80 of bare: it is not published; nothing is published; add Ports: []int{80}",
		"api":    `looking up port 80 of api: it is not published; nothing is published; add Publish: map[string][]int{"api": {80}}`,
		"found":  "looking up port 80 of found: it is not published; nothing is published",
	} {
		c := &Container{Name: id, ID: id, Engine: e, borrowed: id == "found"}
		if _, err := c.Ports().Binding(t.Context(), portnumber.TCP(80)); err == nil || !strings.HasPrefix(err.Error(), want) || id == "found" && err.Error() != want {
			t.Errorf("%s: error = %v, want one that begins with %q", id, err, want)
		}
	}
}

// A port is looked up each time: after a restart it is another one.
func TestPortIsLookedUpEachTime(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("docker", "1.48")
	number := 32000
	fake.Handle("/containers/web/json", func(w http.ResponseWriter, _ *http.Request) {
		number++
		fmt.Fprintf(w, `{"Id":"web","Name":"/web","State":{"Status":"running"},"Config":{},"HostConfig":{},"NetworkSettings":{"Ports":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"%d"}]}}}`, number)
	})
	c := &Container{Name: "web", ID: "web", Engine: fakeSession(t, fake).Engine}
	for want := 32001; want <= 32002; want++ {
		if got, err := c.Ports().Addr(t.Context(), portnumber.TCP(80)); got != fmt.Sprintf("127.0.0.1:%d", want) || err != nil {
			t.Errorf("port 80 is reached at %s, %v, want port %d", got, err, want)
		}
	}
}

// A number is one of TCP, unless its protocol is said, and goes by the file first.
func TestLookUp(t *testing.T) {
	t.Parallel()
	file := []Published{{Number: 5353, Target: 53, Protocol: "udp"}, {Number: 8080, Target: 80, Protocol: "tcp"}, {Number: 8080, Target: 81, Protocol: "udp"}}
	bindings := []engine.Binding{{Port: 53, Protocol: "udp", HostPort: 1}, {Port: 80, Protocol: "tcp", HostPort: 2}, {Port: 81, Protocol: "udp", HostPort: 3}, {Port: 3868, Protocol: "sctp", HostPort: 4}}
	for text, want := range map[string]string{
		"5353/udp": "1", "53/udp": "1", "8080": "2", "8080/tcp": "2", "80": "2", "8080/udp": "3", "3868/sctp": "4",
		"5353": `it is not published; published are 53/udp (5353 in the file), 80/tcp (8080 in the file), 81/udp (8080 in the file), 3868/sctp
    hint: AddrOf(t, "5353/udp") looks up that one`,
		"3868/udp": `it is not published; published are 53/udp (5353 in the file), 80/tcp (8080 in the file), 81/udp (8080 in the file), 3868/sctp
    hint: AddrOf(t, "3868/sctp") looks up that one`,
		"54/udp": "it is not published; published are 53/udp (5353 in the file), 80/tcp (8080 in the file), 81/udp (8080 in the file), 3868/sctp",
	} {
		port, err := portnumber.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		b, err := LookUp(port, file, bindings)
		got := strconv.Itoa(b.HostPort)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// What is asked where it is published must be.
func TestCheckAsked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		s    spec.Container
		good bool
	}{
		{spec.Container{Ports: []int{80}, Ready: wait.HTTP(80, "/")}, true},
		{spec.Container{OtherPorts: []string{"80/tcp"}, Ready: wait.HTTP(80, "/")}, true},
		{spec.Container{Flags: []string{"-p", "80"}, Ready: wait.HTTP(80, "/")}, true},
		{spec.Container{Flags: []string{"-P"}, Ready: wait.HTTP(80, "/")}, true},
		{spec.Container{Ready: wait.Listening(80)}, true},
		{spec.Container{Ready: wait.HTTP(80, "/")}, false},
		{spec.Container{Ports: []int{81}, Flags: []string{"--read-only"}, Ready: wait.All(wait.Healthy(), wait.HTTP(80, "/"))}, false},
		{spec.Container{OtherPorts: []string{"80/udp"}, Ready: wait.HTTP(80, "/")}, false},
	} {
		test.s.Image = "x"
		if err := CheckSpec(test.s); (err == nil) != test.good || err != nil && !strings.Contains(err.Error(), "port 80 is asked where it is published, and is not among Ports") {
			t.Errorf("%+v: error = %v, want one: %v", test.s, err, !test.good)
		}
	}
}

func TestCheckOtherPorts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ports []int
		other []string
		want  string
	}{
		{[]int{53}, []string{"53/udp", "53/sctp"}, ""},
		{nil, []string{"53/quic"}, `OtherPorts: "53/quic" is not a port`},
		{nil, []string{"53/udp", "53/udp"}, "OtherPorts: 53/udp is given twice"},
		{[]int{80}, []string{"80"}, "OtherPorts: 80 is among Ports, too"},
	} {
		err := CheckSpec(spec.Container{Image: "x", Ports: test.ports, OtherPorts: test.other})
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, %v: error = %v, want %q", test.ports, test.other, err, test.want)
		}
	}
}

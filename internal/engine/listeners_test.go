// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/moby/moby/api/types/container"

	"github.com/seatrial/seatrial/internal/reach"
)

// What leads to a container is what its networks and its published ports say; of those
// that have none of their own nothing is known.
func TestWaysTo(t *testing.T) {
	t.Parallel()
	const (
		four = `"Networks":{"a":{"IPAddress":"172.18.0.2"}}`
		six  = `"Networks":{"a":{"IPAddress":"","GlobalIPv6Address":"fd00::2"}}`
		both = `"Networks":{"a":{"IPAddress":"172.18.0.2"},"b":{"GlobalIPv6Address":"fd00::2"},"c":null}`
	)
	tests := []struct {
		about, inspected string
		want, other      reach.Families // of port 80, and of one that is not published
	}{
		{"a network", `{"NetworkSettings":{` + four + `,"Ports":{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"1"},{"HostIp":"::","HostPort":"2"}]}}}`, reach.Families{Four: true}, reach.Families{Four: true}},
		{"one without IPv4", `{"NetworkSettings":{` + six + `,"Ports":{"80/tcp":[{"HostIp":"::1","HostPort":"1"}]}}}`, reach.Families{Six: true}, reach.Families{Six: true}},
		{"both, by IPv4", `{"NetworkSettings":{` + both + `,"Ports":{"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"1"}],"80/udp":[{"HostIp":"::1","HostPort":"1"}]}}}`, reach.Families{Four: true}, reach.Families{Four: true, Six: true}},
		{"that of another container", `{"NetworkSettings":{"Networks":{}}}`, reach.Families{}, reach.Families{}},
		{"nothing", `{}`, reach.Families{}, reach.Families{}},
		{"a swarm", `{"Config":{"Labels":{"com.docker.swarm.task.id":"1"}},"NetworkSettings":{` + six + `}}`, reach.Families{}, reach.Families{}},
	}
	for _, test := range tests {
		var c container.InspectResponse
		if err := json.Unmarshal([]byte(test.inspected), &c); err != nil {
			t.Fatal(err)
		}
		w := waysTo(c)
		if got, other := w.to("tcp")(80), w.to("tcp")(81); got != test.want || other != test.other {
			t.Errorf("%s: leads to port 80 by %+v, to 81 by %+v; want %+v, %+v", test.about, got, other, test.want, test.other)
		}
	}
}

func TestParseListeners(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the tables are of a little-endian machine")
	}
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 1 1 0 100 0 0 10 0
   1: 0B00007F:8F2D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 020012AC:1F90 010012AC:D431 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 020012AC:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:18EB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   1: 00000000000000000000000001000000:18EC 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   2: 0000000000000000FFFF00000100007F:1538 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
   3: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000
`
	got, err := parseListeners([]byte(table), "tcp")
	got = withoutNameServer(got)
	if want := "[127.0.0.1:5432 172.18.0.2:8081 [::]:6379 [::1]:6380 [2001:db8::1]:80]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("parseListeners = %v, %v, want %s", got, err, want)
	}
	for _, bad := range []string{"0: 0100007:1538 0 0A", "0: 0100007F 0 0A", "0: 0100007F01:1 0 0A", "0: 0100007F:12345 0 0A"} {
		if got, err := parseListeners([]byte(bad), "tcp"); err == nil {
			t.Errorf("parseListeners(%q) = %v, want an error", bad, got)
		}
	}
}

// Who takes what anybody sends by UDP is not connected to one other.
func TestParseListenersOfUDP(t *testing.T) {
	t.Parallel()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the tables are of a little-endian machine")
	}
	const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  101: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 0
  102: 020012AC:9C40 010012AC:0035 01 00000000:00000000 00:00000000 00000000     0        0 2 2 0000000000000000 0
  103: 0B00007F:8F2D 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 3 2 0000000000000000 0
`
	if got, err := parseListeners([]byte(table), "udp"); err != nil || fmt.Sprint(withoutNameServer(got)) != "[0.0.0.0:53]" {
		t.Errorf("parseListeners = %v, %v, want [0.0.0.0:53]", got, err)
	}
}

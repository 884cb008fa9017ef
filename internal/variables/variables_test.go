// SPDX-License-Identifier: Apache-2.0

package variables

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOf(t *testing.T) {
	t.Parallel()
	all, collide := Of([]Port{
		{"web", 1, 8080, 80, "tcp", "127.0.0.1:20001"},
		{"web", 2, 8080, 80, "tcp", "127.0.0.1:20002"},
		{"dns-a", 1, 0, 53, "udp", "[::1]:20003"},
		{"docker", 1, 2375, 2375, "tcp", "127.0.0.1:20004"},
		{"tls", 1, 8443, 443, "tcp", "127.0.0.1:20005"},
		{"tls", 1, 443, 80, "tcp", "127.0.0.1:20006"},
		{"db", 1, 0, 5432, "tcp", "127.0.0.1:20007"},
		{"kafka", 1, 0, 9092, "tcp", "127.0.0.1:20008"},
		{"9z.0", 1, 0, 53, "udp", "127.0.0.1:20009"},
		{"0", 1, 0, 53, "udp", "127.0.0.1:20010"},
	}, "")
	want := []Variable{
		{"WEB_HOST", "127.0.0.1"}, {"WEB_TCP_8080", "20001"}, {"WEB_URL_8080", "http://127.0.0.1:20001"}, {"WEB_TCP_80", "20001"}, {"WEB_URL_80", "http://127.0.0.1:20001"},
		{"WEB_2_HOST", "127.0.0.1"}, {"WEB_2_TCP_8080", "20002"}, {"WEB_2_URL_8080", "http://127.0.0.1:20002"}, {"WEB_2_TCP_80", "20002"}, {"WEB_2_URL_80", "http://127.0.0.1:20002"},
		{"DNS_A_HOST", "::1"}, {"DNS_A_UDP_53", "20003"},
		{"SEATRIAL_SVC_DOCKER_HOST", "127.0.0.1"}, {"SEATRIAL_SVC_DOCKER_TCP_2375", "20004"}, {"SEATRIAL_SVC_DOCKER_URL_2375", "http://127.0.0.1:20004"},
		{"TLS_HOST", "127.0.0.1"}, {"TLS_TCP_8443", "20005"}, {"TLS_URL_8443", "https://127.0.0.1:20005"}, {"TLS_TCP_80", "20006"}, {"TLS_URL_80", "http://127.0.0.1:20006"},
		{"DB_HOST", "127.0.0.1"}, {"DB_TCP_5432", "20007"}, {"DB_URL_5432", "postgres://127.0.0.1:20007"},
		{"KAFKA_HOST", "127.0.0.1"}, {"KAFKA_TCP_9092", "20008"}, {"KAFKA_URL_9092", "127.0.0.1:20008"},
		{"SEATRIAL_SVC_9Z_0_HOST", "127.0.0.1"}, {"SEATRIAL_SVC_9Z_0_UDP_53", "20009"}, {"SEATRIAL_SVC_0_HOST", "127.0.0.1"}, {"SEATRIAL_SVC_0_UDP_53", "20010"},
	}
	if d := cmp.Diff(want, all); d != "" {
		t.Errorf("variables (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"TLS_TCP_443", "TLS_URL_443"}, collide); d != "" {
		t.Errorf("those that collide (-want +got):\n%s", d)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	all := []Variable{{"A", "it's"}, {"B", `x\y`}}
	for format, want := range map[string]string{
		"sh":     "export A='it'\\''s'\nexport B='x\\y'\n",
		"fish":   "set -gx A 'it\\'s'\nset -gx B 'x\\\\y'\n",
		"dotenv": "A=it's\nB=x\\y\n",
		"github": "A=it's\nB=x\\y\n",
		"json":   "{\n  \"A\": \"it's\",\n  \"B\": \"x\\\\y\"\n}\n",
	} {
		if got, err := Format(all, format); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", format, got, err, want)
		}
	}
	if _, err := Format(nil, "yaml"); err == nil {
		t.Error("an unknown format is taken")
	}
}

// With a prefix no name is reserved.
func TestOfWithPrefix(t *testing.T) {
	t.Parallel()
	all, _ := Of([]Port{{"docker", 1, 0, 53, "udp", "127.0.0.1:20004"}, {"2nd", 2, 0, 53, "udp", "127.0.0.1:20005"}}, "SHOP_")
	want := []Variable{{"SHOP_DOCKER_HOST", "127.0.0.1"}, {"SHOP_DOCKER_UDP_53", "20004"}, {"SHOP_2ND_2_HOST", "127.0.0.1"}, {"SHOP_2ND_2_UDP_53", "20005"}}
	if d := cmp.Diff(want, all); d != "" {
		t.Errorf("variables (-want +got):\n%s", d)
	}
	for prefix, good := range map[string]bool{"": true, "A": true, "_": true, "1A": false, "A-": false, "A=": false, "é": false} {
		if err := CheckPrefix(prefix); (err == nil) != good {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

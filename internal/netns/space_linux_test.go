// SPDX-License-Identifier: Apache-2.0

package netns

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A space is another network, which ends with this process, because only one
// descriptor refers to it.
func TestSpace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may make network namespaces")
	}
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var there string
	var devices []net.Interface
	if err := s.Do(func() (err error) {
		there = network(t, "/proc/thread-self/ns/net")
		devices, err = net.Interfaces()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(devices) != 1 || devices[0].Name != "lo" {
		t.Errorf("devices = %v, want lo alone", devices)
	}
	for _, ours := range []string{"/proc/self/ns/net", "/proc/thread-self/ns/net"} {
		if got := network(t, ours); got == there {
			t.Errorf("%s = %s, which is the space's", ours, got)
		}
	}
	held(t, there, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	held(t, there, 0)
	if err := (Space{}).Do(func() error { return nil }); err == nil {
		t.Error("what is not there is entered")
	}
}

func network(t *testing.T, file string) string {
	t.Helper()
	name, err := os.Readlink(file)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// held waits until that many holders of the network are left, as a thread may still be
// ending.
func held(t *testing.T, network string, want int) {
	t.Helper()
	for stop := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		got := holders(t, network)
		if len(got) == want {
			return
		}
		if time.Now().After(stop) {
			t.Fatalf("the space is held by %v, want %d", got, want)
		}
	}
}

// holders lists descriptors and threads that keep a network alive.
func holders(t *testing.T, network string) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"/proc/self/fd/*", "/proc/[0-9]*/task/*/ns/net"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if to, _ := os.Readlink(file); to == network {
				found = append(found, file)
			}
		}
	}
	return found
}

// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// Ports of other protocols are published beside those of TCP that have their number.
func TestPublishOther(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(name, []byte(servicesOf(`ports: ["53:53"]`, `ports: ["53/udp"]`)), 0o666); err != nil {
		t.Fatal(err)
	}
	other := map[string][]string{"a": {"53/udp", "53"}, "b": {"53/udp"}}
	p, err := Compose(context.Background(), spec.Project{Files: []string{name}, PublishOther: other, StablePorts: true}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	stack, err := Stack(context.Background(), spec.Stack{Files: []string{name}, PublishOther: other}, StackOptions{})
	if err != nil {
		t.Fatal(err)
	}
	const want = "a 53/tcp, a 53/udp, b 53/udp"
	if got := portsIn(p.Services); got != want {
		t.Errorf("a project: ports = %s, want %s", got, want)
	}
	if got := portsIn(stack.Services); got != want {
		t.Errorf("a stack: ports = %s, want %s", got, want)
	}
	for _, s := range []map[string][]string{{"a": {"53/quic"}}, {"c": {"53/udp"}}} {
		if _, err := Compose(context.Background(), spec.Project{Files: []string{name}, PublishOther: s}, Options{}); err == nil || !strings.Contains(err.Error(), "PublishOther") {
			t.Errorf("%v: error = %v, want one about PublishOther", s, err)
		}
	}
}

func portsIn(services []Service) string {
	var all []string
	for _, s := range services {
		for _, p := range s.Ports {
			all = append(all, fmt.Sprintf("%s %d/%s", s.Name, p.Target, p.Protocol))
		}
	}
	return strings.Join(all, ", ")
}

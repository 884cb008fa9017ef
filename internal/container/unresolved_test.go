// SPDX-License-Identifier: Apache-2.0

package container

import (
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// A service that does not find another one is told where the two are, by the names that the
// file has for networks.
func TestUnresolved(t *testing.T) {
	fake := enginetest.NewFake("docker", "1.48")
	of := func(service, state string, networks ...string) map[string]any {
		in := map[string]any{}
		for _, n := range networks {
			in[n] = map[string]any{}
		}
		return map[string]any{"Id": service, "Names": []string{"/shop-" + service + "-1"}, "State": state, "NetworkSettings": map[string]any{"Networks": in},
			"Labels": map[string]string{engine.ComposeProject: "shop", engine.ComposeService: service}}
	}
	fake.Answer("/containers/json", []any{of("scheduler", "exited", "shop_backend"), of("search", "running", "shop_frontend"), of("queue", "exited", "shop_backend"), of("mail", "running", "outside")})
	fake.Answer("/networks", []any{
		map[string]any{"Name": "shop_backend", "Labels": map[string]string{engine.ComposeNetwork: "backend"}},
		map[string]any{"Name": "shop_frontend", "Labels": map[string]string{engine.ComposeNetwork: "frontend"}},
	})
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t), Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	scheduler := &Container{Name: "scheduler", ID: "scheduler", Engine: e, Labels: map[string]string{engine.ComposeProject: "shop"}}
	for line, want := range map[string]string{
		"lookup search on 127.0.0.11:53: no such host": "scheduler is in network backend, search in network frontend",
		"lookup mail on 127.0.0.11:53: no such host":   "scheduler is in network backend, mail in network outside",
		"getaddrinfo EAI_AGAIN queue":                  "queue does not run",
		"search: connection refused":                   "",
	} {
		if got := (reasons{scheduler}).unresolved(t.Context(), line); got != want {
			t.Errorf("of %q is told %q, want %q", line, got, want)
		}
	}
	if got := (reasons{&Container{Name: "scheduler", ID: "scheduler", Engine: e}}).unresolved(t.Context(), "lookup search: no such host"); got != "" {
		t.Errorf("of no project's container is told %q", got)
	}
}

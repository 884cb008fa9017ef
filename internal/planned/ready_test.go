// SPDX-License-Identifier: Apache-2.0

package planned

import (
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

func TestCheckReady(t *testing.T) {
	t.Parallel()
	plan := &tailor.Plan{
		Services: []tailor.Service{{Name: "web", Replicas: 1, Ports: []tailor.Port{{Published: 8080, Target: 80, Protocol: "tcp"}, {Target: 53, Protocol: "udp"}}}, {Name: "db", Replicas: 1}},
		Off:      map[string][]string{"debug": {"tools"}},
	}
	for _, test := range []struct {
		service string
		c       wait.Condition
		want    string // in the error; empty is none
	}{
		{"web", wait.HTTP(8080, "/"), ""},
		{"web", wait.HTTP(80, "/"), ""},
		{"web", wait.Steady(wait.Within(time.Second, wait.All(wait.Healthy(), wait.HTTPS(443, "/")))), "port 443 is asked where it is published, and the service publishes 8080:80/tcp, 53/udp\n    hint: Publish: map[string][]int{\"web\": {443}}"},
		{"web", wait.Any(wait.HTTP(1, "/"), wait.Log("x")), ""},
		{"web", wait.HTTP(53, "/"), "port 53 is asked"},
		{"db", wait.Listening(5432), ""}, // where processes are seen, it need not be published
		{"db", wait.SQL("pgx", 5432, func(string) string { return "" }), "the service publishes none"},
		{"debug", wait.Healthy(), "service \"debug\" is off\n    hint: Profiles: {\"tools\"} switches it on"},
		{"nosuch", wait.Healthy(), `no service "nosuch"; there are web, db`},
	} {
		err := CheckReady(plan, test.service, test.c)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s, %v: error = %v, want %q", test.service, test.c, err, test.want)
		}
	}
}

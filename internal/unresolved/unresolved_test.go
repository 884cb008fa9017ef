// SPDX-License-Identifier: Apache-2.0

package unresolved_test

import (
	"testing"

	"github.com/seatrial/seatrial/internal/unresolved"
)

func TestWhy(t *testing.T) {
	t.Parallel()
	scheduler := unresolved.Member{Name: "scheduler", Networks: []string{"backend"}, Running: true}
	all := []unresolved.Member{
		scheduler,
		{Name: "search", Networks: []string{"frontend"}, Running: true},
		{Name: "queue", Networks: []string{"backend", "ops"}},
		{Name: "db", Networks: []string{"backend"}, Running: true},
		{Name: "edge", Networks: []string{"frontend", "ops"}, Running: true},
		{Name: "cron", Running: true},
	}
	for _, test := range []struct{ line, why, rule string }{
		{"dial tcp: lookup search on 127.0.0.11:53: no such host", "scheduler is in network backend, search in network frontend", unresolved.SameNetwork},
		{"getaddrinfo ENOTFOUND edge", "scheduler is in network backend, edge in networks frontend, ops", unresolved.SameNetwork},
		{`could not translate host name "queue" to address: Name or service not known`, "queue does not run", unresolved.WhileItRuns},
		{"lookup db: no such host", "", ""},                   // it runs, and they are together
		{"lookup cron: no such host", "", ""},                 // of which no network is known
		{"lookup search.example.org: no such host", "", ""},   // another name
		{"lookup research: no such host", "", ""},             // another one
		{"lookup scheduler: no such host", "", ""},            // itself
		{"dial tcp: search:9200: connection refused", "", ""}, // it was found
	} {
		if why, rule := unresolved.Why(test.line, scheduler, all); why != test.why || rule != test.rule {
			t.Errorf("of %q the reason is %q (%q), want %q (%q)", test.line, why, rule, test.why, test.rule)
		}
	}
}

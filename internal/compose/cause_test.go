// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// What an engine refuses is said of the service, at its place, if it can be known which one
// it is.
func TestRefusedService(t *testing.T) {
	t.Parallel()
	const file = "services:\n  db: {image: db}\n  web:\n    image: web\n    runtime: none\n"
	plan, err := tailor.Compose(context.Background(), spec.Project{Files: []string{"compose.yaml"}}, tailor.Options{
		Read: func(name string) ([]byte, error) { return []byte(file), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for output, want := range map[string]string{
		" Container p-web-1 Creating \n Container p-web-2 Creating ":                             "compose.yaml:3 service web: ",
		" Container p-web-1 Creating \n Container p-db-1 Creating \n Container p-web-1 Created ": "compose.yaml:2 service db: ",
		" Container p-web-1 Creating \n Container p-db-1 Creating ":                              "", // it may be either
		" Container p-else-1 Creating ":                                                          "",
		" Container web Creating ":                                                               "",
	} {
		ended := &engine.CommandError{ExitCode: 1, Stderr: strings.Split(output, "\n")}
		if got := refusedService("p", plan, ended); got != want {
			t.Errorf("%q: got %q, want %q", output, got, want)
		}
		if ended.ExitCode = -1; refusedService("p", plan, ended) != "" {
			t.Errorf("%q: of a docker compose that was killed, a service is blamed", output)
		}
	}
}

// A start that was cut off names the limit itself: it is not said once more, below the log.
func TestCutOffStartNamesItsLimitOnce(t *testing.T) {
	t.Parallel()
	bound := &report.Bound{Name: "the TimeLimit of 1ms", For: time.Millisecond}
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Millisecond, bound)
	defer cancel()
	<-ctx.Done()
	err := fmt.Errorf("starting compose.yaml: %w; cache is running, starting\n    cache logged nothing",
		&startCutOffError{within: time.Millisecond, by: report.By(ctx), err: context.Cause(ctx)})
	if got := session.CutOff(ctx, err); got != err {
		t.Errorf("it is told as\n%v\nwant\n%v", got, err)
	}
}

// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
)

// An unhealthyError is the cause of an [*Error] when the health check fails.
type unhealthyError struct{ probe string }

func (e *unhealthyError) Error() string { return "unhealthy" + e.probe }

// probe returns the output of the last probe, and if its connection was refused, what
// listens in the container.
func probe(ctx context.Context, t Target, s State) string {
	out := strings.TrimSpace(s.HealthOutput)
	text := "; its health check"
	if s.HealthCheck != "" && len(s.HealthCheck) <= mostCheck && !strings.Contains(s.HealthCheck, "\n") {
		text += " (" + s.HealthCheck + ")"
	}
	if out == "" && s.Health == "unhealthy" {
		return text + " printed nothing"
	} else if out == "" && s.FirstProbe > 0 {
		return fmt.Sprintf("; its health check runs %v after the start for the first time", s.FirstProbe)
	} else if out == "" {
		return ""
	}
	text += " printed: " + errorLineOf(out)
	m := refusedPort.FindStringSubmatch(out)
	if m == nil || !refusedWord.MatchString(out) {
		return text
	}
	port, err := strconv.Atoi(m[1])
	if err != nil || checkPort(port) != nil {
		return text
	}
	_, all, err := t.Listeners(ctx, "tcp", port)
	if err != nil || slices.ContainsFunc(all, func(l Listener) bool { return int(l.Addr.Port()) == port }) {
		return text
	}
	return text + fmt.Sprintf("; nothing listens on %d inside (listening: %s)", port, listPorts(all))
}

// mostCheck is how long the command of a health check may be for a message to show it.
const mostCheck = 60

// errorLineOf returns the line of a health check's output that says why it failed,
// or the last line.
func errorLineOf(out string) string {
	lines := strings.FieldsFunc(out, func(r rune) bool { return r == '\n' || r == '\r' })
	if line := errorline.Of(lines, nil); line != "" {
		return line
	}
	return abridged(lines[len(lines)-1])
}

// The words of programs for a refused connection, and for its address.
var (
	refusedWord = regexp.MustCompile(`(?i)refused|ECONNREFUSED|couldn't connect|failed to connect|can't connect`)
	refusedPort = regexp.MustCompile(`(?i)(?:[\w\].-]:|\bport[ =:]+)(\d{1,5})\b`)
)

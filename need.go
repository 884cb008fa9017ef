// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"fmt"
	"os"

	"github.com/seatrial/seatrial/internal/inner"
	"github.com/seatrial/seatrial/internal/need"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Need skips the test if there is no engine, or if the engine lacks something that
// the spec lists; the test's log says what. With SEATRIAL_REQUIRE=1 in the
// environment the test fails instead, so that CI cannot pass by skipping the tests
// that it is for. A T that cannot be skipped fails, too.
func Need(t T, n spec.Need) {
	t.Helper()
	standard.Need(t, n)
}

// Need is the function [Need], for this engine.
func (e *Engine) Need(t T, n spec.Need) {
	t.Helper()
	ctx, cancel := limit(t, 0, session.ConnectLimit)
	defer cancel()
	if err := need.Check(n); err != nil {
		fail(t, err)
	}
	err := need.Lacking(ctx, e.of(), n, func() (*session.Session, func(), error) { t.Helper(); return session.Open(t, e.of()) })
	if err == nil {
		return
	}
	if err = fmt.Errorf("this test needs more than there is: %w", err); !inner.CanSkip(t) || os.Getenv("SEATRIAL_REQUIRE") == "1" {
		fail(t, err)
	}
	inner.Skip(t, err.Error())
}

// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

func TestMain(m *testing.M) {
	enginetest.RunAtOnce(2 * runtime.NumCPU()) // a row checks one thing after the other, and waits for its engine most of the time
	os.Exit(m.Run())
}

// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os"
	"runtime"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

func TestMain(m *testing.M) {
	enginetest.RunAtOnce(2 * runtime.NumCPU()) // a row is sequential, and mostly waits for its engine
	os.Exit(m.Run())
}

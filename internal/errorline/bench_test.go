// SPDX-License-Identifier: Apache-2.0

package errorline_test

import (
	"fmt"
	"testing"

	"github.com/seatrial/seatrial/internal/errorline"
)

// BenchmarkOf looks at the end of a log of 10,000 lines, all of which speak of trouble: the
// work must not grow with the log, nor much with the errors.
func BenchmarkOf(b *testing.B) {
	var log []string
	for i := range 10000 {
		log = append(log, fmt.Sprintf("2026-11-28T10:00:%02d.%03dZ ERROR [worker-%d] cannot open /data/%d: permission denied", i/1000%60, i%1000, i%7, i))
	}
	for b.Loop() {
		errorline.OfExit(1, log, nil)
	}
}

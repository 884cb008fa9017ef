// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
)

// tailWriter keeps the last lines of what is written to it.
type tailWriter struct{ buf []byte }

func (w *tailWriter) Write(p []byte) (int, error) {
	w.buf = append(w.buf, p...)
	if len(w.buf) > 2*tailBytes {
		w.buf = append(w.buf[:0], w.buf[len(w.buf)-tailBytes:]...)
	}
	return len(p), nil
}

func (w *tailWriter) lines() []string {
	text := strings.TrimRight(strings.ReplaceAll(string(w.buf), "\r", ""), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

const tailBytes = 8 << 10

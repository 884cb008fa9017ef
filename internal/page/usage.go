// SPDX-License-Identifier: Apache-2.0

package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Usage is what a container used over time. There is none if nobody took samples.
type Usage struct {
	At     []time.Time // of a day
	Memory []float64   // MiB
	CPU    []float64   // processors that were busy
}

// readUsage reads NAME.usage.csv: a line of titles, then the time of day, bytes, processors.
// Lines that are something else are passed over.
func readUsage(text string) (u Usage) {
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSpace(line), ",")
		if len(parts) != 3 {
			continue
		}
		at, err := time.Parse("15:04:05.000", parts[0])
		memory, failed := strconv.ParseUint(parts[1], 10, 64)
		cpu, wrong := strconv.ParseFloat(parts[2], 64)
		if err != nil || failed != nil || wrong != nil || cpu != cpu || cpu < 0 || cpu > 1e6 {
			continue
		}
		if n := len(u.At); n > 0 && at.Before(u.At[n-1]) { // past midnight
			at = at.Add(24 * time.Hour)
		}
		u.At, u.Memory, u.CPU = append(u.At, at), append(u.Memory, float64(memory)/(1<<20)), append(u.CPU, cpu)
	}
	return u
}

// The size of a chart, in units of its own.
const chartWidth, chartHeight = 300, 40

// putUsage draws memory and CPU. All charts of a page begin and end at the same times.
func (h *hypertext) putUsage(u Usage, from, to time.Time) {
	if len(u.At) < 2 || !to.After(from) {
		return
	}
	for _, one := range []struct {
		of, unit string
		values   []float64
	}{{"memory", " MiB", u.Memory}, {"CPU", " processors", u.CPU}} {
		most := slices.Max(one.values)
		text := fmt.Sprintf("%s, at most %.4g%s", one.of, most, one.unit)
		var points strings.Builder
		for i, value := range one.values {
			x := chartWidth * u.At[i].Sub(from).Seconds() / to.Sub(from).Seconds()
			y := chartHeight - 1 - (chartHeight-2)*value/max(most, 1e-3)
			fmt.Fprintf(&points, "%.1f,%.1f ", x, y)
		}
		h.put(`<figure><svg viewBox="0 0 %s %s" preserveAspectRatio="none" role="img" aria-label="%s"><polyline points="%s"/></svg><figcaption>%s</figcaption></figure>`,
			chartWidth, chartHeight, text, strings.TrimSpace(points.String()), text)
	}
	h.put("\n")
}

// span is the time that all samples are from.
func span(services []Service) (from, to time.Time) {
	for _, s := range services {
		for _, at := range s.Usage.At {
			if from.IsZero() || at.Before(from) {
				from = at
			}
			if to.IsZero() || at.After(to) {
				to = at
			}
		}
	}
	return from, to
}

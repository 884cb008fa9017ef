// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/sweep"
)

// parseAge reads a duration, which may be in days: 5d, 12h, 0.
func parseAge(text string) (time.Duration, error) {
	var age time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		age = time.Duration(n * 24 * float64(time.Hour))
	} else {
		age, err = time.ParseDuration(text)
	}
	if err != nil || age < 0 {
		return 0, fmt.Errorf("%q is not an age: want one like 5d or 12h", text)
	}
	return age, nil
}

// collectImages removes built images that have not been used for a long time.
func collectImages(ctx context.Context, f gcFlags) ([]collected, error) {
	report := []collected{}
	e, err := engine.Find(ctx, engine.Caller{})
	if err != nil {
		return report, err
	}
	defer e.CloseIdle()
	ctx, cancel := context.WithTimeout(ctx, removeLimit)
	defer cancel()
	before := time.Now().Add(-f.older)
	if f.older == 0 {
		before = before.Add(24 * time.Hour) // the end of today
	}
	err = sweep.RemoveUnused(ctx, e, before, f.dryRun, func(b sweep.Built, fate sweep.Fate) {
		report = append(report, collected{Kind: "image", Name: b.Ref, ID: b.ID, Remove: fate.Remove, Removed: fate.Gone, Reason: fate.Why})
	})
	return report, err
}

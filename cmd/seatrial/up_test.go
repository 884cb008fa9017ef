// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/compose"
)

func TestUpTimeout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want time.Duration // 0 if it is refused
	}{
		{nil, compose.UpLimit},
		{[]string{"--timeout", "90s"}, 90 * time.Second},
		{[]string{"--wait-timeout", "5"}, 5 * time.Second},
		{[]string{"--wait-timeout", "-1"}, 0},
		{[]string{"--timeout", "0s"}, 0},
	} {
		f, set := &upFlags{}, pflag.NewFlagSet("up", pflag.ContinueOnError)
		f.define(set)
		if err := set.Parse(tt.args); err != nil {
			t.Fatal(err)
		}
		err := f.check(&call{})
		if (err != nil) != (tt.want == 0) || err == nil && f.timeout != tt.want {
			t.Errorf("with %q it tries for %s, %v, want %s", tt.args, f.timeout, err, tt.want)
		}
	}
}

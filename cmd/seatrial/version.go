// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

func versionVerb() verb {
	return verb{name: "version", short: "show the version of this command",
		long: "Shows the version of this command and of the Go it was built with.",
		run: func(ctx context.Context, c *call) int {
			if code, wrong := c.none("version"); wrong {
				return code
			}
			return showVersion(ctx, c)
		}}
}

func showVersion(_ context.Context, c *call) int {
	version, built := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version, built = info.Main.Version, " "+info.GoVersion
	}
	fmt.Fprintf(c.stdout, "seatrial %s%s\n", version, built)
	return exitYes
}

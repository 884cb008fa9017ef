// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/pflag"
)

func versionVerb() verb {
	f := format{}
	return verb{name: "version", usage: "[OPTIONS]", short: "show the version of this command",
		long:    "Shows the version of this command and of the Go it was built with.",
		options: func(set *pflag.FlagSet) { f.define(set, "text", "json") },
		run: func(ctx context.Context, c *call) int {
			if code, wrong := c.none("version"); wrong {
				return code
			}
			if err := f.check(); err != nil {
				return c.wrong("version", err)
			}
			return showVersion(c, f.json())
		}}
}

func showVersion(c *call, asJSON bool) int {
	version, built := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version, built = info.Main.Version, info.GoVersion
	}
	if !asJSON {
		fmt.Fprintln(c.stdout, strings.TrimSpace("seatrial "+version+" "+built))
		return exitYes
	}
	err := printJSON(c.stdout, struct {
		Version  int    `json:"version"`
		Seatrial string `json:"seatrial"`
		Go       string `json:"go"`
	}{jsonVersion, version, built})
	if err != nil {
		return c.failed("version", err)
	}
	return exitYes
}

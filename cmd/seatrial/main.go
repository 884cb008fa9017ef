// SPDX-License-Identifier: Apache-2.0

// Seatrial says what has to change in a Compose or stack file so that copies run
// side by side, what the engine can be used for, and removes what killed tests left.
//
// Usage:
//
//	seatrial COMMAND [ARGUMENTS]
//
// seatrial help lists the commands.
package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
)

var commands map[string]command

func init() {
	commands = map[string]command{
		"doctor":  doctorCommand,
		"gc":      gcCommand,
		"tailor":  tailorCommand,
		"version": versionCommand,
		"help":    {"[COMMAND]", "show how to use a command", "Lists the commands, or shows how to use one.", help},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the command without the process around it.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		overview(stderr)
		return exitUsage
	}
	name, rest := args[0], args[1:]
	switch {
	case isHelp(name):
		name = "help"
	case name == "-version", name == "--version":
		name = "version"
	}
	cmd, ok := commands[name]
	if !ok {
		fmt.Fprintf(stderr, "seatrial: unknown command %q\nhint: seatrial help lists the commands\n", name)
		return exitUsage
	}
	if len(rest) == 1 && isHelp(rest[0]) {
		cmd.usage(stdout, name)
		return exitYes
	}
	return cmd.run(ctx, &call{rest, environ, stdout, stderr, func(w io.Writer) { cmd.usage(w, name) }})
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

func overview(w io.Writer) {
	fmt.Fprintln(w, "Seatrial tests the Docker images, Compose files and Swarm stacks that you ship.\n\nUsage: seatrial COMMAND [ARGUMENTS]")
	fmt.Fprintln(w)
	for _, name := range slices.Sorted(maps.Keys(commands)) {
		fmt.Fprintf(w, "  %-8s %s\n", name, commands[name].short)
	}
	fmt.Fprintln(w, "\nseatrial help COMMAND says more about one.")
}

func help(_ context.Context, c *call) int {
	switch len(c.args) {
	case 0:
		overview(c.stdout)
		return exitYes
	case 1:
	default:
		fmt.Fprintf(c.stderr, "seatrial help: unexpected argument %q\n", c.args[1])
		return exitUsage
	}
	cmd, ok := commands[c.args[0]]
	if !ok {
		fmt.Fprintf(c.stderr, "seatrial: no help for unknown command %q\n", c.args[0])
		return exitUsage
	}
	cmd.usage(c.stdout, c.args[0])
	return exitYes
}

var versionCommand = command{"", "show the version of this command", "Shows the version of this command and of the Go it was built with.",
	func(_ context.Context, c *call) int {
		if len(c.args) > 0 {
			fmt.Fprintf(c.stderr, "seatrial version: unexpected argument %q\n", c.args[0])
			return exitUsage
		}
		version, built := "unknown", ""
		if info, ok := debug.ReadBuildInfo(); ok {
			version, built = info.Main.Version, " "+info.GoVersion
		}
		fmt.Fprintf(c.stdout, "seatrial %s%s\n", version, built)
		return exitYes
	}}

// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
)

// about writes what the test ran on, and the command that repeats it.
func (s *Session) about(ctx context.Context) error {
	first := [][2]string{{"test", s.Test}}
	dir, _ := os.Getwd()                // else the command is for those who are there
	if flag.Lookup("test.run") != nil { // go test itself, not the command
		first = append(first, [2]string{"repeat it", "cd " + dir + " && go test -count=1 -run '" + pattern(s.Test) + "' ."})
	}
	return About(ctx, s.Engine, s.Artifacts.Dir, first)
}

// About writes about.txt: the caller's lines first, then what it ran on. The engine is nil
// if none was found.
func About(ctx context.Context, e *engine.Engine, in *artifact.Dir, first [][2]string) error {
	var text strings.Builder
	to := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	say := func(what, is string) {
		if is != "" {
			fmt.Fprintf(to, "%s\t%s\n", what, is)
		}
	}
	for _, line := range first {
		say(line[0], line[1])
	}
	say("run", Run)
	if info, ok := debug.ReadBuildInfo(); ok {
		say("seatrial", versionIn(info))
	}
	say("Go", runtime.Version()+" "+runtime.GOOS+"/"+runtime.GOARCH)
	say("processors", fmt.Sprint(runtime.NumCPU()))
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		say("load", strings.TrimSpace(string(load)))
	}
	say("free disk", freeDisk(in.Path()))
	type question struct {
		of  string
		ask func(context.Context) ([][2]string, error)
	}
	var questions []question
	if e != nil {
		questions = []question{{"docker", e.Versions}, {"engine", e.Describe}}
	}
	for _, ask := range questions {
		described, err := ask.ask(ctx)
		if err != nil {
			say(ask.of, "it does not answer: "+err.Error())
		}
		for _, line := range described {
			say(line[0], line[1])
		}
	}
	if err := to.Flush(); err != nil {
		return err
	}
	_, err := in.Write("about.txt", []byte(in.Redact(text.String())))
	return err
}

// versionIn returns the version of seatrial in a program: most often it is a dependency of
// the module that is tested.
func versionIn(info *debug.BuildInfo) string {
	if info.Main.Path == module {
		return info.Main.Version
	}
	for _, m := range info.Deps {
		if m.Path == module {
			return m.Version
		}
	}
	return ""
}

// pattern returns what go test -run takes for a test alone.
func pattern(test string) string {
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

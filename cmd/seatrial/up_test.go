// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/enginetest"
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

// Of the variables that the files mention, those that the shell has and that do not reach the
// files are named.
func TestTellShell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "compose.yaml"), "services: {web: {image: \"${REPO}:$TAG ${UNSET:-1} $HOME $PWD ${COMPOSE_PROJECT_NAME} ${GIVEN} ${SAID}\"}}\n")
	enginetest.WriteFile(t, filepath.Join(dir, "one.yaml"), "services: {web: {image: $ONE}}\n")
	enginetest.WriteFile(t, filepath.Join(dir, ".seatrial.yaml"), "env: {SAID: x}\n")
	shell := []string{"TAG=1", "REPO=2", "ONE=3", "HOME=4", "PWD=5", "COMPOSE_PROJECT_NAME=6", "GIVEN=7", "SAID=8", "OTHER=9"}
	for file, want := range map[string]string{
		".": "the files mention REPO, TAG: what the shell has does not reach them\nhint: --env REPO --env TAG passes it on", "compose.yaml": "the files mention REPO, TAG: what the shell has does not reach them\nhint: --env REPO --env TAG passes it on",
		"one.yaml": "the files mention ONE: what the shell has does not reach them\nhint: --env ONE passes it on", ".seatrial.yaml": "",
	} {
		f := &upFlags{}
		f.project.Env = map[string]string{"GIVEN": "here"}
		said := ""
		f.tellShell(&call{environ: shell}, checkout.Place{Dir: dir, Files: []string{filepath.Join(dir, file)}}, func(format string, args ...any) { said += fmt.Sprintf(format, args...) })
		if said != want {
			t.Errorf("of %s it says %q, want %q", file, said, want)
		}
	}
}

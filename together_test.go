// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestTogether(t *testing.T) {
	t.Parallel()
	img := probe(t)
	all := make([]*seatrial.Container, 4)
	var start []func(seatrial.T)
	for i := range all {
		start = append(start, func(t seatrial.T) {
			all[i] = seatrial.Run(t, spec.Container{Image: img.Ref, Name: fmt.Sprint("c", i), Command: []string{"-after", "1s", "-print", "x", "-serve", ":80"}, Ready: wait.Log("listening")})
		})
	}
	began := time.Now()
	seatrial.Together(t, start...)
	t.Logf("four containers that take a second each were ready after %v", time.Since(began))
	for i, c := range all {
		if _, err := os.Stat(filepath.Join(seatrial.Artifacts(t), fmt.Sprintf("c%d.out", i))); err != nil {
			t.Error(err) // the test's own directory
		}
		c.Exec(t, spec.Exec{Command: []string{"/probe"}})
	}
	seatrial.Together(t)
}

func TestTogetherFails(t *testing.T) {
	t.Parallel()
	img := probe(t)
	slow := func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Name: "slow", Command: []string{"-after", "1m"}, Ready: wait.Log("never")})
	}
	began := time.Now()
	r := mustFail(t, `bad exited with code 3 before logging "up"`, func(t seatrial.T) {
		seatrial.Together(t, slow, func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: img.Ref, Name: "bad", Command: []string{"-after", "300ms", "-print", "no disk", "-exit", "3"}, Ready: wait.Log("up")})
		}, slow)
		t.Errorf("the test goes on")
	})
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	// Whichever they were at: on a slow machine they may not have started yet.
	if n := len(regexp.MustCompile(`(?m) of Together failed, too: .*: another function of Together failed$`).FindAllString(r.Logs(), -1)); n != 2 || strings.Contains(r.Errors(), "slow") || strings.Contains(r.Errors(), "goes on") {
		t.Errorf("the errors are\n%s\nand the log is\n%s", r.Errors(), r.Logs())
	}

	// One that fails without an end lets the others go on.
	r = mustFail(t, "first", func(t seatrial.T) {
		seatrial.Together(t, func(t seatrial.T) { t.Errorf("first") }, func(t seatrial.T) {
			time.Sleep(100 * time.Millisecond)
			seatrial.Run(t, spec.Container{Image: img.Ref})
		})
		t.Errorf("second")
	})
	if !strings.Contains(r.Errors(), "second") {
		t.Errorf("the test did not go on after Errorf alone:\n%s", r.Errors())
	}
	// The test's own FailNow in a function, and nested ones.
	mustFail(t, "by the outer one", func(outer seatrial.T) {
		seatrial.Together(outer, slow, func(seatrial.T) { outer.Errorf("by the outer one"); outer.FailNow() })
		outer.Errorf("the test goes on")
	})
	r = mustFail(t, "deep", func(t seatrial.T) {
		seatrial.Together(t, slow, func(t seatrial.T) {
			seatrial.Together(t, slow, func(t seatrial.T) { t.Errorf("deep"); t.FailNow() })
		})
	})
	if strings.Contains(r.Errors(), "slow") {
		t.Errorf("the errors are\n%s", r.Errors())
	}
}

func TestTogetherPanics(t *testing.T) {
	t.Parallel()
	img := probe(t)
	var got any
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		defer func() { got = recover() }()
		seatrial.Together(r, func(seatrial.T) { panic("oh") }, func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-after", "1m"}, Ready: wait.Log("never")})
		})
	})
	r.Discard(t)
	if text := fmt.Sprint(got); !strings.HasPrefix(text, "oh\n") || !strings.Contains(text, "together_test.go") {
		t.Errorf("the test's goroutine panics with %s", text)
	}
}

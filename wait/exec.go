// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ExecCondition is the condition that [Exec] makes.
type ExecCondition struct{ Command []string }

// Exec is the condition that a command, run in the container, ends with exit code 0.
// The command is run directly: the image needs no shell. It is run again and again,
// with pauses. A run may take ten seconds; one that takes longer goes on in the
// container, and another one is started.
//
// Exit codes 126 and 127 mean that the command cannot be run or does not exist:
// they end the wait when they last for half a second.
func Exec(command ...string) ExecCondition { return ExecCondition{command} }

func (c ExecCondition) String() string { return "exec " + strings.Join(quotedWords(c.Command), " ") }

func (c ExecCondition) check() error {
	if len(c.Command) == 0 || c.Command[0] == "" {
		return errors.New("there is no command")
	}
	return nil
}

func (c ExecCondition) goal() goal { return named("pass", "passing", c) }

func (c ExecCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &execWatcher{ExecCondition: c})
}

// quotedWords quotes words where it is needed to tell them apart.
func quotedWords(words []string) []string {
	var all []string
	for _, word := range words {
		if word == "" || strings.ContainsAny(word, " \t\n\"'") {
			word = fmt.Sprintf("%q", word)
		}
		all = append(all, word)
	}
	return all
}

type execWatcher struct {
	asks
	ExecCondition
	missing debounce
}

const execLimit = 10 * time.Second

func (w *execWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	if s.Ended() {
		return false, sight{}, &ExitError{State: s}
	}
	if s.Status != "running" {
		return false, sight{what: s.String()}, nil
	}
	try, cancel := context.WithTimeout(ctx, execLimit)
	defer cancel()
	code, output, err := t.Exec(try, w.Command)
	switch {
	case try.Err() != nil && ctx.Err() == nil:
		return false, saw("that it did not end within %v", execLimit), nil
	case try.Err() != nil:
		return false, saw("that it had not ended"), nil
	case err != nil:
		return false, saw("%v", err), nil // the container may be about to end: its state decides
	case code == 0:
		return true, sight{}, nil
	}
	now := saw("exit code %d", code)
	if output = abridged(output); output != "" {
		now.what += fmt.Sprintf(", printed %q", output)
	}
	cannot := ""
	if code == 126 || code == 127 {
		cannot = fmt.Sprint(code)
	}
	if w.missing.lasted(cannot) {
		return false, sight{}, &finalError{now}
	}
	return false, now, nil
}

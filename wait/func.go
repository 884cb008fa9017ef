// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
)

// FuncCondition is the condition that [Func] makes.
type FuncCondition struct {
	Name string
	Func func(context.Context) error
}

// Func is the condition that f returns nil. The last error of f is reported as what
// was last seen. Calls never overlap; they are repeated until the wait ends, or
// until f fails after the container has ended. They run in another goroutine, so f
// must not fail the test. The wait abandons a call that does not return when its
// context ends.
func Func(name string, f func(ctx context.Context) error) FuncCondition {
	return FuncCondition{name, f}
}

func (c FuncCondition) String() string { return c.Name }

func (c FuncCondition) check() error {
	if c.Func == nil {
		return errors.New("the function is nil")
	}
	if c.Name == "" {
		return errors.New("the function has no name")
	}
	return nil
}

func (c FuncCondition) goal() goal { return named("fulfil", "fulfilling", c) }

func (c FuncCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &funcWatcher{FuncCondition: c})
}

type funcWatcher struct {
	asks
	FuncCondition
}

func (w *funcWatcher) look(ctx context.Context, _ Target, s State) (bool, sight, error) {
	err := aside(ctx, w.Func)
	if err == nil {
		return true, sight{}, nil
	}
	now := sight{what: err.Error()}
	if s.Ended() {
		return false, now, &ExitError{State: s, saw: now}
	}
	return false, now, nil
}

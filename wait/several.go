// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// AllCondition is the condition that [All] makes.
type AllCondition struct{ Conditions []Condition }

// All is the condition that each of several conditions has held. They are waited
// for at the same time, and need not hold at the same moment. The first that can no
// longer hold ends the wait.
func All(conditions ...Condition) AllCondition { return AllCondition{conditions} }

func (c AllCondition) String() string { return join(c.Conditions, " and ") }
func (c AllCondition) check() error   { return checkParts(c.Conditions) }

func (c AllCondition) goal() goal { return joinGoals(c.Conditions, " and ") }

func (c AllCondition) until(ctx context.Context, t Target) error {
	began := time.Now()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var late []ended
	var failed error
	for end := range all(inner, t, c.Conditions) {
		switch {
		case end.err == nil || failed != nil:
		case isTimeUp(ctx, end.err):
			late = append(late, end)
		default:
			failed = fmt.Errorf("%v: %w", end.c, end.err)
			cancel()
		}
	}
	if failed == nil && len(late) > 0 {
		return timeUp(ctx, sights(late), began)
	}
	return failed
}

// AnyCondition is the condition that [Any] makes.
type AnyCondition struct{ Conditions []Condition }

// Any is the condition that one of several conditions holds. They are waited for at
// the same time. The wait ends early if none can hold any more.
func Any(conditions ...Condition) AnyCondition { return AnyCondition{conditions} }

func (c AnyCondition) String() string { return join(c.Conditions, " or ") }
func (c AnyCondition) check() error   { return checkParts(c.Conditions) }

func (c AnyCondition) goal() goal { return joinGoals(c.Conditions, " or ") }

func (c AnyCondition) until(ctx context.Context, t Target) error {
	began := time.Now()
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var late, failed []ended
	held := false
	for end := range all(inner, t, c.Conditions) {
		switch {
		case held:
		case end.err == nil:
			held = true
			cancel()
		case isTimeUp(ctx, end.err):
			late = append(late, end)
		default:
			failed = append(failed, end)
		}
	}
	switch {
	case held:
		return nil
	case len(late) > 0:
		return timeUp(ctx, sights(append(late, failed...)), began)
	}
	errs := make([]error, 0, len(failed))
	for _, f := range failed {
		errs = append(errs, f.err)
	}
	return &noneError{sights(failed), errs}
}

// A noneError says why none of several conditions can hold. A reason that they
// share is given once.
type noneError struct {
	sight
	errs []error
}

func (e *noneError) Unwrap() []error { return e.errs }
func (e *noneError) Error() string {
	if one := e.alike(); one != nil {
		return one.Error()
	}
	return e.what
}

// alike returns the reason that all have in common, if they do.
func (e *noneError) alike() error {
	if slices.ContainsFunc(e.errs, func(err error) bool { return err.Error() != e.errs[0].Error() }) {
		return nil
	}
	return e.errs[0]
}

// ended is how the wait for one of several conditions ended.
type ended struct {
	place int // among the conditions
	c     Condition
	err   error
}

// all waits for conditions at the same time, and sends the end of each as it comes.
// The channel is closed after the last.
func all(ctx context.Context, t Target, conditions []Condition) <-chan ended {
	ends := make(chan ended)
	var waits sync.WaitGroup
	for i, c := range conditions {
		waits.Go(func() { ends <- ended{i, c, c.until(ctx, t)} })
	}
	go func() { waits.Wait(); close(ends) }()
	return ends
}

// isTimeUp reports whether an error comes from the end of the context, and not from
// a condition's own limit.
func isTimeUp(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
}

// sights joins what was last seen of each condition.
func sights(all []ended) sight {
	slices.SortFunc(all, func(a, b ended) int { return a.place - b.place })
	var words []string
	var s sight
	for _, end := range all {
		what := end.err.Error()
		var late *timeoutError
		if errors.As(end.err, &late) {
			what = late.last.what
		}
		if what == "" {
			what = "nothing"
		}
		words = append(words, fmt.Sprintf("%v: %s", end.c, what))
		var h interface{ advice() string }
		if s.hint == "" && errors.As(end.err, &h) {
			s.hint = h.advice()
		}
	}
	s.what = strings.Join(words, ", ")
	return s
}

func checkParts(conditions []Condition) error {
	if len(conditions) == 0 {
		return errors.New("there is no condition in it")
	}
	if len(conditions) == 1 {
		return checkInner(conditions[0])
	}
	for _, c := range conditions {
		if err := Check(c); err != nil {
			return err
		}
	}
	return nil
}

func join(conditions []Condition, word string) string {
	words := make([]string, 0, len(conditions))
	for _, c := range conditions {
		text := fmt.Sprint(c)
		switch c.(type) {
		case AllCondition, AnyCondition:
			text = "(" + text + ")"
		}
		words = append(words, text)
	}
	return strings.Join(words, word)
}

func joinGoals(conditions []Condition, word string) goal {
	var dos, doings []string
	for _, c := range conditions {
		part := c.goal()
		switch c.(type) {
		case AllCondition, AnyCondition:
			part.do, part.doing = "("+part.do+")", "("+part.doing+")"
		}
		dos, doings = append(dos, part.do), append(doings, part.doing)
	}
	return goal{do: strings.Join(dos, word), doing: strings.Join(doings, word)}
}

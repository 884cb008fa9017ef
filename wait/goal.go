// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"fmt"
	"strings"
)

// goal returns what a target must do for a condition to hold, in words that follow "did
// not", and in words that follow "before": log "ready", logging "ready".
func goal(c Condition) (do, doing string) {
	switch c := c.(type) {
	case LogCondition:
		what := fmt.Sprintf(" %q", c.Pattern)
		switch {
		case c.Count == 2:
			what += " twice"
		case c.Count > 2:
			what += fmt.Sprintf(" %d times", c.Count)
		}
		return "log" + what, "logging" + what
	case HealthyCondition, ReadyCondition:
		return "become " + c.String(), "becoming " + c.String()
	case ExitCondition:
		return fmt.Sprintf("exit with code %d", c.Code), fmt.Sprintf("exiting with code %d", c.Code)
	case HTTPCondition, SQLCondition:
		return "answer " + c.String(), "answering " + c.String()
	case ListeningCondition:
		return fmt.Sprintf("listen on %d", c.Port), c.String()
	case ExecCondition:
		return "pass " + c.String(), "passing " + c.String()
	case FileCondition:
		return "have " + c.String(), "having " + c.String()
	case WithinCondition:
		return goal(c.Condition)
	case SteadyCondition:
		return goal(c.Condition)
	case AllCondition:
		return goals(c.Conditions, " and ")
	case AnyCondition:
		return goals(c.Conditions, " or ")
	}
	return "fulfil " + c.String(), "fulfilling " + c.String()
}

func goals(all []Condition, word string) (do, doing string) {
	var dos, doings []string
	for _, c := range all {
		a, b := goal(c)
		switch c.(type) {
		case AllCondition, AnyCondition:
			a, b = "("+a+")", "("+b+")"
		}
		dos, doings = append(dos, a), append(doings, b)
	}
	return strings.Join(dos, word), strings.Join(doings, word)
}

// SPDX-License-Identifier: Apache-2.0

package wait

import "fmt"

// A goal has the words for what a target must do for a condition to hold.
type goal struct {
	do    string // after "did not", if time is up: log "ready"
	doing string // after "before", if the target ended: logging "ready"
	other string // the exit code of the condition, if it is one: ", not 3"
}

// named is the goal of a condition whose name says it: become healthy.
func named(do, doing string, c fmt.Stringer) goal {
	return goal{do: do + " " + c.String(), doing: doing + " " + c.String()}
}

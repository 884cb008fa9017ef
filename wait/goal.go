// SPDX-License-Identifier: Apache-2.0

package wait

import "fmt"

// A goal is what a target must do for a condition to hold, in words.
type goal struct {
	do    string // what it did not, where time was up: log "ready"
	doing string // before which it ended: logging "ready"
	other string // what it should have ended with, where that is the condition: ", not 3"
}

// named is the goal of a condition of which its name tells what holds: become healthy.
func named(do, doing string, c fmt.Stringer) goal {
	return goal{do: do + " " + c.String(), doing: doing + " " + c.String()}
}

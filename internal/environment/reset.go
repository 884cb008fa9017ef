// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/progress"
	"github.com/seatrial/seatrial/internal/session"
)

// Reset starts an environment anew, without its data, with the options that it was started
// with. Its ports may be others then.
func Reset(ctx context.Context, on *session.Handle, n *Named, events func(progress.Event), say session.Progress) (*Result, error) {
	if err := n.MayChange(n.removeInstead()); err != nil {
		return nil, err
	}
	was, err := Recall(ctx, on, n)
	if err != nil {
		return nil, err
	}
	if was == nil {
		return nil, fmt.Errorf("this machine does not remember how %s was started\n    hint: seatrial down %s -v, and up with its options, does the same", n.Name, n.Name)
	}
	if n.IsGone() {
		return nil, fmt.Errorf("%s, of which %s is made, is not there any more\n    hint: seatrial down %s -v removes it", n.Checkout, n.Name, n.Name)
	}
	place := checkout.Place{Checkout: n.Checkout, Dir: n.Dir, Files: n.Files}
	options := Options{Name: n.Name, Project: was.Project, EnvFiles: was.EnvFiles, Stack: n.Stack, Constraints: was.Constraints, Stay: n.Stay, Copies: n.Copies, Events: events}
	options.blocks = was.ours(n)
	if err := Down(ctx, on, n, true, say); err != nil {
		return nil, err
	}
	return Up(ctx, on, place, options, say)
}

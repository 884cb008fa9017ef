// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// askLimit bounds a question to a swarm: it has no answer while its managers elect
// a leader, for ten to twenty seconds, and then perhaps another.
const askLimit = time.Minute

// lookAgain is how often tasks are looked at, for nothing tells of their changes. Where a
// look takes long, they are looked at half of the time.
const lookAgain = 50 * time.Millisecond

// retryAsking asks something of a swarm until its managers answer.
func retryAsking(ctx context.Context, sess *session.Session, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	for began := time.Now(); ; {
		looked := time.Now()
		err := ask(ctx)
		if err == nil || !errors.Is(err, context.DeadlineExceeded) && !engine.IsOutOfOrder(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return noAnswer(sess, err, time.Since(began))
		case <-time.After(max(lookAgain, time.Since(looked))):
		}
	}
}

// noAnswer says that the managers don't answer, and not by what request.
func noAnswer(sess *session.Session, err error, took time.Duration) error {
	var request *url.Error
	if errors.As(err, &request) && request.Timeout() {
		err = report.Silent(err)
	} else {
		err = fmt.Errorf(": %w", err)
	}
	return fmt.Errorf("the engine %s, a manager, had no answer for %v%w\n    hint: a manager that has lost most of the others has none", sess.Engine.Host(), took.Round(time.Second), err)
}

// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"time"
)

// CreateLimit bounds the wait for the answer to a create.
const CreateLimit = 20 * time.Second

// Creating returns a context for a request that makes something. The engine finishes such
// a request even if its client is gone, so the answer is waited for even when the caller's
// time is up: what was made must be known, to be removed.
func Creating(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), CreateLimit)
}

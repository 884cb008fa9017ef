// SPDX-License-Identifier: Apache-2.0

package engine

import "sync"

// gone has the hosts of engines that were ended on purpose, with all on them.
var gone sync.Map

// Leave says that the engine at a host was ended on purpose.
func Leave(host string) { gone.Store(host, true) }

// Return says that it was started again.
func Return(host string) { gone.Delete(host) }

// Gone reports whether the engine was ended on purpose: nothing can be asked of it
// any more, and nothing is left there, or nothing that matters before it returns.
func (e *Engine) Gone() bool {
	_, is := gone.Load(e.Host())
	return is
}

// SPDX-License-Identifier: Apache-2.0

// Package badinit is a package whose init misbehaves in a watchdog, as some package that a
// user's test links may: it exits, prints, hangs or dials. Which of them a file called badinit
// among the temporary files says; without one it does nothing.
package badinit

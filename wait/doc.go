// SPDX-License-Identifier: Apache-2.0

// Package wait holds the conditions that a test can wait for, and the one loop
// that waits for them.
//
// A condition is plain data: it says what must hold, not on what. It is given
// to a spec (spec.Container.Ready) or to a handle:
//
//	db.Wait(t, wait.Log("ready to accept connections"))
//	api.Wait(t, wait.HTTP(8080, "/health"))
//
// A wait ends as soon as the condition holds, as soon as it can no longer come
// to hold (the container exited, or turned unhealthy), or when time is up. What
// it reports in the last two cases is an [*Error].
//
// Conditions that the engine can answer for are never polled: followed logs and
// the engine's events wake the loop. Where only asking helps, the first look is
// at once and the next ones follow 10 to 25 milliseconds apart.
package wait

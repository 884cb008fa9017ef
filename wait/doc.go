// SPDX-License-Identifier: Apache-2.0

// Package wait holds the conditions that a test can wait for, and the one loop
// that waits for them.
//
// A condition is plain data: it says what must hold, not on what. It is given
// to a spec (spec.Container.Ready) or to a handle:
//
//	db.Wait(t, wait.Log("ready to accept connections"))
//	api.Wait(t, wait.HTTP(8080, "/health").Matches(`"db":\s*"up"`))
//	job.Wait(t, wait.All(wait.Exit(0), wait.File("/out/report.csv")))
//
// [Log], [Healthy], [Exit] and [Ready] are never polled: followed logs and the
// engine's events wake the loop. [Listening], [HTTP], [HTTPS], [SQL], [Exec],
// [File] and [Func] must be asked for: the first look is at once, and the next
// ones follow 5 to 20 milliseconds apart, or half as long as a look takes. No
// condition but Exec runs anything in the container, so that images without a
// shell are waited for as all others are. [All] and [Any] combine conditions,
// [Within] gives one a limit of its own, and [Check] says what is wrong with one
// before anything is made.
//
// A wait ends as soon as the condition holds, as soon as it can no longer come
// to hold (the container exited, turned unhealthy, or keeps crashing; the port
// speaks another protocol; there is no such command), or when time is up.
// What it reports in
// the last two cases is an [*Error]: what was waited for, on what, and what
// happened or was last seen instead, in the words of what failed. Where the
// container's processes are seen from here, a connection that fails is explained
// by what listens inside:
//
//	web did not answer http :8080/health within 10s; last saw connection refused;
//	nothing listens on 8080 inside (listening: 9090)
//
// A container that the engine starts again and again keeps crashing when it ends
// twice though all that it may need is there: the others of its project are healthy,
// meet their conditions, or have listened for ten seconds. If there are no others,
// that takes four times; where nobody knows what it may need, ten seconds, too; and
// ten times are too many in any case.
package wait

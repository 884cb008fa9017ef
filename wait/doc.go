// SPDX-License-Identifier: Apache-2.0

// Package wait holds the conditions that a test can wait for, and the one loop
// that waits for them.
//
// A condition is plain data: it says what must hold, not on what. A test gives it
// to a spec (spec.Container.Ready) or to a handle:
//
//	db.Wait(t, wait.Log("ready to accept connections"))
//	api.Wait(t, wait.HTTP(8080, "/health").Matches(`"db":\s*"up"`))
//	job.Wait(t, wait.All(wait.Exit(0), wait.File("/out/report.csv")))
//
// [Log], [Healthy], [Exit] and [Ready] are never polled: followed logs and the
// engine's events wake the loop. [Listening], [HTTP], [HTTPS], [SQL], [Exec],
// [File] and [Func] are polled: at once, and then with pauses of 5 to 20
// milliseconds, or of half the time that the last look took, if that is longer. As
// long as the answer stays the same, the pauses of all of these but Listening grow,
// to a quarter of a second at most. Only Exec runs anything in the container; all
// others work with images that have no shell. [All] and [Any] combine conditions,
// [Within] gives a condition its own limit, and [Check] reports a malformed condition
// before anything is made.
//
// A wait ends as soon as the condition holds, as soon as it can no longer hold
// (the container exited, turned unhealthy, or keeps crashing; the port speaks
// another protocol; there is no such command), or when time is up. In the last two
// cases it returns an [*Error], which says what was waited for, and what happened
// instead or was last seen, in the words of whatever failed. If the container's
// processes can be seen from this machine, the error explains a failed connection
// by what listens inside:
//
//	web did not answer http :8080/health within 10s; last saw connection refused;
//	nothing listens on 8080 inside (listening: 9090)
//
// A container is in a crash loop if the engine restarts it and it ends twice after
// everything that it may depend on is up: the other containers of its project are
// healthy, meet their conditions, or have listened for ten seconds. If there are no
// others, four ends make a crash loop; if it is not known what others there are, four
// ends and ten seconds; and in any case ten ends.
package wait

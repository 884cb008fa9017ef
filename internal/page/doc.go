// SPDX-License-Identifier: Apache-2.0

// Package page makes a page of the artifact directory of a test: one HTML file that needs no
// network and no other file.
//
// It reads what is on the disk and asks no engine:
//
//	failure.txt    the message of the test that failed
//	timeline.txt   lines like "    1.234s  container web ready"
//	merged.log     lines of all services, like "2026-01-02T15:04:05.123Z web err text"
//	NAME.out, .err the log of one service, read if there is no merged.log
//	plan.txt       what was tailored; plan.diff has the lines before and after; plan~2.txt is that of an update
//	*.json         an answer of the engine about a container makes it part of the picture
//	*.tasks.json   names the containers of a swarm; tasks that failed without one are part of it, too
//	*.usage.csv    memory and CPU of a container, from time to time: charts
//
// and all else as it is. Links are not followed. Any of them may be missing.
//
// The text is hostile: it comes from programs under test. It is escaped, and the page has a
// content security policy by which nothing runs but its own script, and nothing is fetched.
package page

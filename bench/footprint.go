// SPDX-License-Identifier: Apache-2.0

package main

// A footprint has the resources that a process used until all of its containers ran.
type footprint struct {
	Ready, Gone                  float64 // ms until all had printed a line, and until all were gone
	Memory, Watchdog             float64 // MB at most; of the process that it started, if it did
	Processor, WatchdogProcessor float64 // ms
}

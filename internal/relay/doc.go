// SPDX-License-Identifier: Apache-2.0

// Package relay leads connections of containers to a server of the test: what they are told
// to find by which name and port, and the listener that hands on to it.
//
// It promises that nothing of it runs after Close, and that the end of what one side sends
// reaches the other. Where to listen, so that containers get there, is for others to know.
package relay

// SPDX-License-Identifier: Apache-2.0

// Package relay forwards connections of containers to a server of the test: it has the
// names and ports that containers use, and the listener that forwards.
//
// It promises that nothing runs after Close, and that when one side stops sending, the
// other side sees that. Callers decide where to listen, so that containers reach the
// listener.
package relay

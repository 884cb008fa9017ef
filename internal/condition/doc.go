// SPDX-License-Identifier: Apache-2.0

// Package condition reads conditions of package wait as people write them on a command line:
// http:8080/health, listening:5432, listening:53/udp, healthy, log:REGEXP, exec:COMMAND,
// sql:URL, exit:0.
//
// It owns that notation and its errors, which show the right form for what was meant. It
// waits for nothing, and asks no engine.
package condition

// SPDX-License-Identifier: Apache-2.0

// Package process identifies this process, and finds out whether another one lives, so that
// labels and directories can name their owner.
//
// A process is identified by its pid, the time of its start, the machine and the pid
// namespace, so that another process with the same pid is a different one. [Run] identifies
// this process's use of seatrial. The package knows only about processes of this machine and
// this namespace: others cannot be seen. It ends no process and starts none.
package process

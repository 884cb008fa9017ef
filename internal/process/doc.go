// SPDX-License-Identifier: Apache-2.0

// Package process tells who this process is, and whether another one lives, so that labels and
// directories can say whose they are.
//
// A process is its number and the moment it was started, on a machine and in a namespace of
// process ids: another one that gets the same number is not it. [Run] is this process's use of
// seatrial. It answers for processes of this machine and this namespace alone: of others
// nobody here can know. It ends no process and starts none.
package process

// SPDX-License-Identifier: Apache-2.0

// Package program finds out why a program in a container cannot be run. The kernel and the
// engine say only "no such file or directory" for a script whose shell is missing, a script
// with Windows line endings and a program for another C library, and "exec format error" for
// a program for another architecture. The file itself shows which it is.
//
// It reads files through the interface that it is given, and knows no engine. It says
// nothing if the file does not show the reason.
package program

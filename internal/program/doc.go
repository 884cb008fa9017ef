// SPDX-License-Identifier: Apache-2.0

// Package program says why a program in a container cannot be run at all: the kernel and the
// engine only say "no such file or directory" of a script whose shell is missing, of one with
// Windows' line ends, and of a program that wants another C library, and "exec format error"
// of one that was built for another machine. The file itself tells.
//
// It reads files by the functions that it is given, and knows no engine. It promises to say
// nothing where the file does not tell.
package program

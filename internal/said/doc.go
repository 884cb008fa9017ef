// SPDX-License-Identifier: Apache-2.0

// Package said keeps what docker says while it does what it was asked to: that it leaves
// something out, say, or does something else. Nobody reads the files in which its output ends
// when all is well.
//
// It tells what people should know from what is printed each time, and says a thing once. It
// runs no command, and judges nothing: that a command failed is for whoever ran it.
package said

// SPDX-License-Identifier: Apache-2.0

// Package variables makes variables with the addresses of an environment, and writes them in
// the syntax of shells and other programs. It is pure.
package variables

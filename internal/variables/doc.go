// SPDX-License-Identifier: Apache-2.0

// Package variables names the addresses of an environment for programs, and writes the names
// as shells and other readers take them. It is pure.
package variables

// SPDX-License-Identifier: Apache-2.0

// Package portentry reads entries of the ports of a service, in the form of Compose and in
// that of stacks: which host ports one fixes, for which protocol and port of the container,
// and when two entries are one.
//
// An entry is what the loaded model has. The package decides nothing about ports: rules do.
package portentry

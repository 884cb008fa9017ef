// SPDX-License-Identifier: Apache-2.0

// Package ipaddress finds the addresses of a subnet in text, and moves addresses into
// another subnet.
package ipaddress

// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !darwin

package session

// freeDisk would say how much is free where a directory lies.
func freeDisk(string) string { return "" }

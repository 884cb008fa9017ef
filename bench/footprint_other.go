// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "errors"

// What a process takes is read in /proc.
func footprintRows() []row { return nil }

func printFootprint(_, _, _ string) error { return errors.ErrUnsupported }

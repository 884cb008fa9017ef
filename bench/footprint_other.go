// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "errors"

// The footprint of a process is read from /proc.
func footprintRows() []row { return nil }

func printFootprint(_, _, _ string) error { return errors.ErrUnsupported }

func takenNow() (f footprint, err error) { return f, errors.ErrUnsupported }

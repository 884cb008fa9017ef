// SPDX-License-Identifier: Apache-2.0

package engine

import "os/exec"

// ownGroup leaves the command as it is: Windows ends it alone.
func ownGroup(*exec.Cmd) {}

func endGroup(*exec.Cmd) {}

// SPDX-License-Identifier: Apache-2.0

package child

import (
	"os"
	"os/exec"
)

var caught = []os.Signal{os.Interrupt}

// inForeground is always true on Windows: the console signals all attached processes.
func inForeground() bool { return true }

func setGroup(*exec.Cmd, bool)                {}
func fromTerminal(os.Signal) bool             { return true }
func ends(os.Signal) bool                     { return false }
func send(cmd *exec.Cmd, _ bool, _ os.Signal) { _ = cmd.Process.Kill() }
func kill(cmd *exec.Cmd, _ bool)              { _ = cmd.Process.Kill() }
func codeOf(s *os.ProcessState) int           { return s.ExitCode() }

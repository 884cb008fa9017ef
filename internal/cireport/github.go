// SPDX-License-Identifier: Apache-2.0

package cireport

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// TellGitHub writes the failure as an annotation and to the step summary, if the variables
// are those of a GitHub step. Annotations are lines of the step's log, to which w writes.
func (f Failure) TellGitHub(variables map[string]string, w io.Writer) error {
	f.Annotate(variables, w)
	file := variables["GITHUB_STEP_SUMMARY"]
	if file == "" {
		return nil
	}
	summary, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	fence := "```"
	for strings.Contains(f.Text, fence) {
		fence += "`"
	}
	_, err = fmt.Fprintf(summary, "### %s: %s\n\n%s\n%s\n%s\n\n", f.Suite, f.Name, fence, strings.TrimSpace(f.Text), fence)
	if closed := summary.Close(); err == nil {
		err = closed
	}
	return err
}

// Annotate writes the failure as an annotation, if the variables are those of a GitHub
// step.
func (f Failure) Annotate(variables map[string]string, w io.Writer) {
	if variables["GITHUB_ACTIONS"] == "true" {
		fmt.Fprintf(w, "::error title=%s::%s\n", inProperty.Replace(f.Suite+": "+f.Name), inMessage.Replace(f.first()))
	}
}

// Escapes of GitHub's workflow commands.
var (
	inMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	inProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

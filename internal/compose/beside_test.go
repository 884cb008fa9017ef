// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A refusal says that a file of answers is beside the Compose file, and only then.
func TestHintAnswers(t *testing.T) {
	t.Parallel()
	dir, bare := t.TempDir(), t.TempDir()
	name := filepath.Join(dir, answers.Name)
	enginetest.WriteFile(t, name, "isolate: true\n")
	hint := fmt.Sprintf("Answers: %q", name)
	refused, other := &tailor.RefusedError{Findings: []tailor.Finding{{What: "no"}}}, errors.New("no")
	for about, tt := range map[string]struct {
		s    spec.Project
		err  error
		want bool
	}{
		"there is one":       {spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}}, refused, true},
		"it is named":        {spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}, Answers: name}, refused, false},
		"there is none":      {spec.Project{Files: []string{filepath.Join(bare, "compose.yaml")}}, refused, false},
		"nothing is refused": {spec.Project{Files: []string{filepath.Join(dir, "compose.yaml")}}, other, false},
	} {
		got := hintAnswers(tt.s, tt.err)
		if !errors.Is(got, tt.err) || strings.HasSuffix(got.Error(), hint) != tt.want {
			t.Errorf("%s: got %q, want the hint: %v", about, got, tt.want)
		}
	}
}

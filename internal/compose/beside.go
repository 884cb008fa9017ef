// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// hintAnswers says below a refusal that there are answers beside the first file, which a test
// reads only if its spec names them: the command takes them unasked.
func hintAnswers(s spec.Project, err error) error {
	var refused *tailor.RefusedError
	if s.Answers != "" || len(s.Files) == 0 || !errors.As(err, &refused) {
		return err
	}
	name := filepath.Join(filepath.Dir(s.Files[0]), answers.Name)
	if info, missing := os.Stat(name); missing != nil || !info.Mode().IsRegular() {
		return err
	}
	return fmt.Errorf("%w\n    hint: %s is there, and the spec does not name it: Answers: %q", err, name, name)
}

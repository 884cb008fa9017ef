// SPDX-License-Identifier: Apache-2.0

package planned

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/tailor"
)

// SaveText saves what was changed of the shipped files, and why.
func SaveText(dir *artifact.Dir, plan *tailor.Plan) error {
	_, err := dir.Write("plan.txt", []byte(dir.Redact(plan.Text())))
	return err
}

// Save saves the shipped files as they were read, and their lines that were changed.
func Save(dir *artifact.Dir, plan *tailor.Plan) error {
	var err error
	for i, f := range plan.Shipped {
		err = errors.Join(err, dir.WriteShipped(fmt.Sprintf("shipped-%d-%s", i+1, filepath.Base(f.Name)), f.Content))
	}
	if diff := plan.Diff(); diff != "" {
		_, failed := dir.Write("plan.diff", []byte(dir.Redact(diff)))
		err = errors.Join(err, failed)
	}
	return err
}

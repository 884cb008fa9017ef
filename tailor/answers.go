// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"io/fs"

	"github.com/seatrial/seatrial/internal/answers"
)

// answersError is what is wrong with a file of answers. One that is not there is the
// caller's mistake, and no file that cannot be read.
func answersError(err error) error {
	var wrong *answers.Error
	if !errors.As(err, &wrong) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &ReadError{File: wrong.File, Line: wrong.Line, Column: wrong.Column, Err: wrong.Err}
}

// SPDX-License-Identifier: Apache-2.0

package report

// Silent returns an error that errors.Is finds what it found in err, and that says
// nothing: for a cause that the words before it have told already.
func Silent(err error) error { return silent{err} }

type silent struct{ error }

func (s silent) Unwrap() error { return s.error }
func (silent) Error() string   { return "" }

// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
)

// Problems collects what is wrong with a spec, so that all of it is said at once.
type Problems []error

// Add adds one, worded as with [fmt.Errorf].
func (p *Problems) Add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// Joined returns all of them, or nil.
func (p Problems) Joined() error { return errors.Join(p...) }

// Err returns all of them after what was being done, or nil.
func (p Problems) Err(doing string) error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, errors.Join(p...))
}

// Field says what is wrong with a field of a spec.
func Field(name, format string, args ...any) error {
	return fmt.Errorf("%s: %w", name, fmt.Errorf(format, args...))
}

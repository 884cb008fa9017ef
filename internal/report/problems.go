// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
)

// Problems collects the mistakes in a spec, to report all of them at once.
type Problems []error

// Add adds a mistake, formatted as by [fmt.Errorf].
func (p *Problems) Add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// Joined returns all of them, or nil.
func (p Problems) Joined() error { return errors.Join(p...) }

// Err returns all of them in one error that begins with doing, or nil.
func (p Problems) Err(doing string) error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, errors.Join(p...))
}

// Field returns an error about a field of a spec.
func Field(name, format string, args ...any) error {
	return fmt.Errorf("%s: %w", name, fmt.Errorf(format, args...))
}

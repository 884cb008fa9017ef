// SPDX-License-Identifier: Apache-2.0

package netns

import "os"

// A Space is a network namespace. It exists at least as long as the Space is open.
type Space struct{ file *os.File }

// File returns the open file of the namespace. The caller must not close it.
func (s Space) File() *os.File { return s.file }

// Close closes the namespace, which ends unless something else uses it.
func (s Space) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// SPDX-License-Identifier: Apache-2.0

package netns

import "os"

// A Space is a network namespace. While it is open, the namespace lives.
type Space struct{ file *os.File }

// File stands for the namespace. It is not to be closed.
func (s Space) File() *os.File { return s.file }

// Close ends the namespace, if nobody else uses it.
func (s Space) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

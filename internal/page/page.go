// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Make makes the page of an artifact directory in it, in place of one that is there, and
// returns what the page shows.
func Make(dir string, mask func(string) string) (*Evidence, error) {
	e, err := Read(dir, mask)
	if err != nil {
		return nil, err
	}
	return e, Replace(filepath.Join(dir, Name), e.Write)
}

// Replace writes a file in the place of one that is there, whole or not at all.
func Replace(name string, write func(io.Writer) error) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".report-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	var content bytes.Buffer
	err = write(&content)
	if err == nil {
		_, err = file.Write(content.Bytes())
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

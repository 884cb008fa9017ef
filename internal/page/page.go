// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
)

// Name is the name of the page in its directory.
const Name = "report.html"

//go:embed test.html
var testHTML string

//go:embed run.html
var runHTML string

//go:embed page.css
var css string

//go:embed page.js
var script string

var (
	testPage = template.Must(template.New("test").Parse(testHTML))
	runPage  = template.Must(template.New("run").Parse(runHTML))
)

// policy is the content security policy of all pages.
var policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", hash(css), hash(script))

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

type frame struct {
	Policy string
	CSS    template.CSS
	Script template.JS
}

func newFrame() frame { return frame{policy, template.CSS(css), template.JS(script)} }

// Write writes the page of one test.
func (e *Evidence) Write(w io.Writer) error {
	log, err := json.Marshal(e.Log) // it escapes what would end the script element
	if err != nil {
		return fmt.Errorf("writing the log: %w", err)
	}
	return testPage.Execute(w, struct {
		frame
		*Evidence
		LogData template.JS
	}{newFrame(), e, template.JS(log)})
}

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

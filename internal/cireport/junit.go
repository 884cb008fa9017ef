// SPDX-License-Identifier: Apache-2.0

package cireport

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/hostpath"
)

type testCase struct {
	XMLName   xml.Name `xml:"testcase"`
	ClassName string   `xml:"classname,attr"`
	Name      string   `xml:"name,attr"`
	Error     struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	} `xml:"error"`
}

type testSuite struct {
	XMLName xml.Name `xml:"testsuite"`
	Name    string   `xml:"name,attr"`
	Tests   int      `xml:"tests,attr"`
	Errors  int      `xml:"errors,attr"`
	Cases   []testCase
}

type testSuites struct {
	XMLName xml.Name `xml:"testsuites"`
	Tests   int      `xml:"tests,attr"`
	Errors  int      `xml:"errors,attr"`
	Suites  []testSuite
}

func (f Failure) suite() testSuite {
	c := testCase{ClassName: f.Suite, Name: f.Name}
	c.Error.Message, c.Error.Text = f.first(), f.Text
	return testSuite{Name: f.Suite, Tests: 1, Errors: 1, Cases: []testCase{c}}
}

// WriteJUnit writes a JUnit file with only the failure. It replaces a file that an
// earlier run of the tests may have left.
func (f Failure) WriteJUnit(file string) error {
	content, err := xml.MarshalIndent(testSuites{Tests: 1, Errors: 1, Suites: []testSuite{f.suite()}}, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte(xml.Header), append(content, '\n')...), 0o666)
}

// AddToJUnit adds the failure to the JUnit file of the tests, or writes one if there is
// none. A file that is not JUnit is not changed.
func (f Failure) AddToJUnit(file string) error {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return f.WriteJUnit(file)
	}
	if err != nil {
		return err
	}
	with, err := f.added(content)
	if err != nil {
		return fmt.Errorf("adding to %s: %w", file, err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return hostpath.Replace(file, with, info.Mode().Perm())
}

// added returns the content of a JUnit file with the failure added: as another suite, or,
// if the root is a single suite, as another test. Except for the totals, nothing else is
// changed.
func (f Failure) added(content []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(content))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // no conversion is needed: names of elements are ASCII
	root, depth := "", 0
	var open [2]int64 // offsets of the root's start tag
	for {
		before := d.InputOffset()
		token, err := d.RawToken()
		if err == io.EOF {
			return nil, errors.New("it ends too early")
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				root, open = t.Name.Local, [2]int64{before, d.InputOffset()}
			}
			depth++
		case xml.EndElement:
			if depth--; depth > 0 {
				continue
			}
			var more any = f.suite()
			switch root {
			case "testsuites":
			case "testsuite":
				more = f.suite().Cases[0]
			default:
				return nil, fmt.Errorf("it is not a JUnit file: its root is %s", root)
			}
			text, err := xml.MarshalIndent(more, "  ", "  ")
			if err != nil {
				return nil, err
			}
			tag := string(content[open[0]:open[1]])
			for _, name := range []string{"tests", "errors"} {
				tag = increased(tag, name)
			}
			body := content[open[1]:before]
			if closed, ok := strings.CutSuffix(tag, "/>"); ok { // <testsuites/>
				tag = closed + ">"
			}
			return bytes.Join([][]byte{content[:open[0]], []byte(tag), body, []byte("\n"), text, []byte("\n</" + root + ">\n")}, nil), nil
		}
	}
}

// increased returns a start tag with a numeric attribute increased by one, if it has that
// attribute.
func increased(tag, name string) string {
	attribute := regexp.MustCompile(`(\s` + name + `\s*=\s*["'])([0-9]+)(["'])`)
	return attribute.ReplaceAllStringFunc(tag, func(match string) string {
		part := attribute.FindStringSubmatch(match)
		n, err := strconv.Atoi(part[2])
		if err != nil {
			return match
		}
		return part[1] + strconv.Itoa(n+1) + part[3]
	})
}

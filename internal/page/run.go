// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// A Run is the tests of one run, with a page each.
type Run struct{ Tests []Test }

// A Test is one of a run.
type Test struct {
	Test, Dir, Failure string
	Link               string // from the page of the run
	Unended            bool   // Failure says so
	Package            string // its path, or "" if that is not known
	Seconds            string // from its first line to its last
}

// MakeRun makes the page of each artifact directory, and one over all of them. Links are
// relative to the latter's directory, so that both can be moved together.
func MakeRun(dirs []string, name string) (*Run, error) {
	at, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	r := &Run{}
	for _, dir := range dirs {
		e, err := Make(dir, nil)
		if err != nil {
			return nil, err
		}
		abs, err := filepath.Abs(filepath.Join(dir, Name))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", dir, err)
		}
		link, err := filepath.Rel(at, abs)
		if err != nil { // on another drive
			link = abs
		}
		r.Tests = append(r.Tests, Test{Test: e.Test, Dir: dir, Failure: e.Failure, Link: (&url.URL{Path: filepath.ToSlash(link)}).String(),
			Unended: e.Unended, Package: e.Package, Seconds: e.seconds()})
	}
	return r, Replace(name, r.write)
}

func (r *Run) write(w io.Writer) error {
	h := &hypertext{}
	h.begin("Tests")
	h.header("Tests", r.Failed() > 0, fmt.Sprintf("%d of %d failed", r.Failed(), len(r.Tests))+r.unended())
	h.put("<ol class=\"tests\">")
	for _, t := range r.Tests {
		h.put("<li class=\"%s\"><a href=\"%s\">%s</a>", class(t.Failure != ""), t.Link, t.Test)
		if t.Failure != "" {
			where, cause := split(t.First())
			h.put("<pre>%s</pre>", cause)
			if where != "" {
				h.put("<p class=\"where\">%s</p>", where)
			}
		}
		h.put("</li>")
	}
	h.put("</ol></main></body></html>\n")
	return h.to(w)
}

// Failed returns how many tests failed, those that did not end among them.
func (r *Run) Failed() (n int) {
	for _, t := range r.Tests {
		if t.Failure != "" {
			n++
		}
	}
	return n
}

// unended says how many of the tests that failed did not end.
func (r *Run) unended() string {
	n := 0
	for _, t := range r.Tests {
		if t.Unended {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", of which %d did not end", n)
}

// First returns the first line of why the test failed.
func (t Test) First() string {
	return firstLine(t.Failure)
}

// Markdown writes a summary: messages stand in fences that are longer than any in them.
func (r *Run) Markdown(w io.Writer) error {
	_, err := fmt.Fprintf(w, "### %d of %d tests failed%s\n\n", r.Failed(), len(r.Tests), r.unended())
	for _, t := range r.Tests {
		if t.Failure == "" || err != nil {
			continue
		}
		fence := "```"
		for strings.Contains(t.Failure, fence) {
			fence += "`"
		}
		_, err = fmt.Fprintf(w, "**`%s`**\n\n%s\n%s\n%s\n\n", strings.ReplaceAll(t.Test, "`", "'"), fence, t.Failure, fence)
	}
	return err
}

// JUnit writes the tests as JUnit has them: a suite for each package. GitLab and Jenkins tell
// tests apart by class and name, and show the pages that are attached. Whose package is not
// known, as a call of seatrial run, is in a suite called seatrial.
func (r *Run) JUnit(w io.Writer) error {
	type failure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class   string   `xml:"classname,attr"`
		Name    string   `xml:"name,attr"`
		Seconds string   `xml:"time,attr,omitempty"`
		Failure *failure `xml:"failure,omitempty"`
		Output  string   `xml:"system-out"`
	}
	type testsuite struct {
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	all := struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []*testsuite `xml:"testsuite"`
	}{Tests: len(r.Tests), Failures: r.Failed()}
	suites := map[string]*testsuite{}
	for _, t := range r.Tests {
		name := cmp.Or(t.Package, "seatrial")
		suite := suites[name]
		if suite == nil {
			suite = &testsuite{Name: name}
			suites[name] = suite
			all.Suites = append(all.Suites, suite)
		}
		c := testcase{Class: name, Name: t.Test, Seconds: t.Seconds, Output: "[[ATTACHMENT|" + filepath.Join(t.Dir, Name) + "]]"}
		if t.Failure != "" {
			c.Failure = &failure{t.First(), t.Failure}
			suite.Failures++
		}
		suite.Tests++
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return e.Encode(all)
}

// seconds returns how long after its first line the time line has its last.
func (e *Evidence) seconds() string {
	for _, line := range slices.Backward(e.Timeline) {
		if line.After != "" {
			return strings.TrimSuffix(line.After, "s")
		}
	}
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package cireport

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var failure = Failure{"seatrial", "environment", "web exited with code 3: no <key>\n    last lines of web:\n    | no <key>"}

func TestJUnit(t *testing.T) {
	t.Parallel()
	const message = `message="web exited with code 3: no &lt;key&gt;"`
	for name, c := range map[string]struct {
		before string // "" means no file
		want   []string
		wrong  string
	}{
		"no file":        {"", []string{`<testsuites tests="1" errors="1">`, `<testsuite name="seatrial" tests="1" errors="1">`, message}, ""},
		"suites":         {`<?xml version="1.0"?><testsuites tests="4" failures='1' errors = "2"><testsuite name="a" tests="4"><testcase name="x"/></testsuite></testsuites>`, []string{`<testsuites tests="5" failures='1' errors = "3">`, `<testsuite name="a" tests="4"><testcase name="x"/></testsuite>`, `<testsuite name="seatrial"`, message}, ""},
		"a suite alone":  {"<testsuite name='a' tests='1'>\n<!-- </testsuite> --><testcase name='x'><system-out>tests=\"9\"</system-out></testcase></testsuite>\n", []string{"<testsuite name='a' tests='2'>", `tests="9"`, "</testcase>\n  <testcase classname=\"seatrial\" name=\"environment\">", message}, ""},
		"an empty one":   {`<testsuites/>`, []string{"<testsuites>", message}, ""},
		"latin-1":        {`<?xml version="1.0" encoding="ISO-8859-1"?><testsuites><!-- x --></testsuites>`, []string{message}, ""},
		"something else": {"<html></html>", nil, "not a JUnit file: its root is html"},
		"cut off":        {"<testsuites><testsuite>", nil, "too early"},
		"no XML":         {"hello", nil, "too early"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report.xml")
			if c.before != "" {
				if err := os.WriteFile(file, []byte(c.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := failure.AddToJUnit(file)
			after, _ := os.ReadFile(file)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || string(after) != c.before {
					t.Errorf("got %v, want %q; the file is %q", err, c.wrong, after)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(after), want) {
					t.Errorf("the file lacks %s:\n%s", want, after)
				}
			}
			var any struct {
				XMLName xml.Name
			}
			if name != "latin-1" {
				if err := xml.Unmarshal(after, &any); err != nil {
					t.Errorf("the result is not XML: %v\n%s", err, after)
				}
			}
		})
	}
	file := filepath.Join(t.TempDir(), "new", "report.xml")
	if err := failure.WriteJUnit(file); err != nil {
		t.Fatal(err)
	}
	if err := failure.WriteJUnit(file); err != nil {
		t.Fatal(err)
	}
	if content, _ := os.ReadFile(file); strings.Count(string(content), "<testcase") != 1 {
		t.Errorf("the earlier content is not replaced:\n%s", content)
	}
}

func TestTellGitHub(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "summary")
	var out bytes.Buffer
	f := Failure{"seatrial", "a,b", "100%\n```\nx"}
	for range 2 {
		if err := f.TellGitHub(map[string]string{"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": file}, &out); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := out.String(), "::error title=seatrial%3A a%2Cb::100%25\n"; got != want+want {
		t.Errorf("got %q, want %q twice", got, want)
	}
	one := "### seatrial: a,b\n\n````\n100%\n```\nx\n````\n\n"
	if content, _ := os.ReadFile(file); string(content) != one+one {
		t.Errorf("got %q, want %q twice", content, one)
	}
	out.Reset()
	if err := f.TellGitHub(map[string]string{}, &out); err != nil || out.Len() > 0 {
		t.Errorf("elsewhere it says %q, %v", out.String(), err)
	}
}

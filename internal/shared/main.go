// SPDX-License-Identifier: Apache-2.0

package shared

import (
	"flag"
	"io"

	"github.com/seatrial/seatrial/internal/isolate"
	"github.com/seatrial/seatrial/internal/session"
)

// Main makes what the tests of a package share, runs the tests, removes what was made, and
// returns the exit code.
func Main(m interface{ Run() int }, setUp func(t session.T), out io.Writer) (code int) {
	if !flag.Parsed() {
		flag.Parse() // as Run would do
	}
	if flagOf("test.list") != "" {
		return m.Run()
	}
	t := newT("TestMain", out)
	e := isolate.Call("the function given to Main", func() { setUp(t) })
	switch {
	case t.Skipped():
	case !e.Returned || t.Failed():
		t.fail()
	default:
		code = m.Run()
		t.tests(code)
	}
	t.end()
	ok := end(code, out)
	if e.Panicked != "" {
		panic(e.Panicked)
	}
	if (t.Failed() || !ok) && code == 0 {
		code = 1
	}
	return code
}

// flagOf returns the value of a flag of go test, or "".
func flagOf(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/lock"
)

// envChild marks the processes that the tests of a package start.
const envChild = "SEATRIAL_TEST_CHILD"

// IsChild reports whether this process was started by a test: again as this test
// binary, to be killed say.
func IsChild() bool { return os.Getenv(envChild) != "" }

// Main runs the tests of a package whose tests share an engine, and returns the
// exit code. It is what TestMain calls:
//
//   - As many tests run at once as suit the machine, unless -parallel says it: they
//     wait for an engine most of the time.
//   - Packages take turns on an engine, also if go test runs them at once.
//   - When all tests have ended, the engine must hold what it held before: every
//     container, network and volume counts, whoever made it, and every image but
//     those that are kept for the next build. A test finds what is its own with
//     [Left]; what carries no label is found here. Where m has a function MayForget,
//     there may be so many anonymous volumes more: see forgotten.
//
// In a process that a test started, and where no engine answers, it runs the tests
// and no more.
func Main(m interface{ Run() int }) int {
	flag.Parse()
	defer closeAPI()
	if IsChild() || answers() != nil {
		return m.Run()
	}
	release, err := takeTurn()
	if err != nil {
		fmt.Fprintln(os.Stderr, "waiting for the tests of another package on this engine:", err)
		return 1
	}
	defer release()
	// A watchdog also removes what others left: here that would hide who leaves it.
	os.Setenv("SEATRIAL_NO_COLLECT", "1")
	os.Setenv(envChild, "1")
	if os.Getenv(envProbe) == "" {
		if program, err := compileProbe(); err == nil { // who needs it says why there is none
			os.Setenv(envProbe, program)
		}
	}
	RunAtOnce(runtime.NumCPU() + 2) // more would be slow enough to run into the limits of what they test
	before, err := held()
	if err != nil {
		fmt.Fprintln(os.Stderr, "listing what the engine has:", err)
		return 1
	}
	code := m.Run()
	var after []string
	// A watchdog may still be removing what a test left to it.
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if after, err = held(); err == nil && slices.Equal(after, before) {
			return code
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAIL: listing what the engine has after the tests:", err)
		return 1
	}
	if m, ok := m.(interface{ MayForget() int }); ok && forgotten(before, after) <= m.MayForget() {
		fmt.Fprintf(os.Stderr, "the engine has forgotten what it made for a container whose creation was cut off:\n%s", difference(before, after))
		return code
	}
	fmt.Fprintf(os.Stderr, "FAIL: the tests of this package changed what the engine has (- before, + after):\n%s", difference(before, after))
	return 1
}

// anonymous is a volume that the engine has named.
var anonymous = regexp.MustCompile(`^volume [0-9a-f]{64}\s*$`)

// forgotten returns how many anonymous volumes there are more, or a great number if anything
// else is another. The engine makes them before the container, and forgets them if that is not
// made in the end: no label says whose they are, so that nobody can collect them.
func forgotten(before, after []string) (n int) {
	for _, line := range after {
		switch {
		case slices.Contains(before, line):
		case anonymous.MatchString(line):
			n++
		default:
			return math.MaxInt
		}
	}
	if len(after)-n != len(before) {
		return math.MaxInt
	}
	return n
}

// RunAtOnce sets how many parallel tests run at once, unless -parallel does.
func RunAtOnce(n int) {
	flag.Parse()
	if !given("test.parallel") {
		_ = flag.Set("test.parallel", strconv.Itoa(n))
	}
}

// given reports whether a flag stands on the command line.
func given(name string) (is bool) {
	flag.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}

// takeTurn waits until no other package's tests use the engine.
func takeTurn() (release func(), err error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return lock.Take(context.Background(), filepath.Join(cache, "seatrial-test", "turns"), "engine "+os.Getenv("DOCKER_HOST"), filepath.Base(os.Args[0]),
		func(holder string) { fmt.Fprintln(os.Stderr, "waiting for the tests of", holder) })
}

// difference lists what is in one list alone.
func difference(before, after []string) string {
	var b strings.Builder
	for _, line := range before {
		if !slices.Contains(after, line) {
			b.WriteString("- " + line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			b.WriteString("+ " + line)
		}
	}
	return b.String()
}

func closeAPI() {
	if c, err := api(); err == nil {
		_ = c.Close()
	}
}

// Alone says why a test does not run beside others of its package.
func Alone(t interface {
	Helper()
	Logf(string, ...any)
}, why string) {
	t.Helper()
	t.Logf("runs alone: %s", why)
}

// Sample returns how much of something slow a test does: a sample, or what the
// variable says, a number or "all". The log says so where it is not all.
func Sample(t interface {
	Helper()
	Logf(string, ...any)
	Fatalf(string, ...any)
}, variable string, sample, all int, what string) int {
	t.Helper()
	n, value := sample, os.Getenv(variable)
	switch {
	case value == "all":
		n = all
	case value != "":
		var err error
		if n, err = strconv.Atoi(value); err != nil || n < 1 {
			t.Fatalf("%s=%q is neither a number nor all", variable, value)
		}
	}
	if n = min(n, all); n < all {
		t.Logf("sampled: %d of %d %s; %s=all does them all", n, all, what, variable)
	}
	return n
}

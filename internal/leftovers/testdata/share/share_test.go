// SPDX-License-Identifier: Apache-2.0

// The tests of this package share a container without a TestMain that makes it,
// and do what SEATRIAL_TEST_DEATH says. TestShare of package leftovers runs them.
package share

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

var death = os.Getenv("SEATRIAL_TEST_DEATH")

var made atomic.Int32

var server = seatrial.Share("backend", func(t seatrial.T) *seatrial.Container {
	fmt.Println("made", made.Add(1))
	t.Logf("being made")
	seatrial.Docker(t, spec.Command{Program: "true", Secrets: []string{"GRtsp8-c4nary"}})
	c := seatrial.Run(t, spec.Container{
		Image: os.Getenv("SEATRIAL_TEST_IMAGE"), Name: "server", Ports: []int{80},
		Command: []string{"-print", "hello", "-serve", ":80"}, Ready: wait.Log("listening"),
	})
	switch death {
	case "set-up fails":
		seatrial.RunToEnd(t, spec.Container{Image: os.Getenv("SEATRIAL_TEST_IMAGE"), Name: "migrate", Command: []string{"-print", "no licence", "-exit", "3"}})
	case "set-up panics":
		panic("oh")
	case "set-up skips":
		seatrial.Need(t, spec.Need{API: "99.0"})
	case "clean-up fails":
		t.Cleanup(func() { t.Errorf("not clean") })
	}
	return c
})

// front uses another shared value.
var front = seatrial.Share("front", func(t seatrial.T) string { return server(t).URL(t, 80) })

func TestMain(m *testing.M) {
	if death == "no Main" {
		os.Exit(m.Run())
	}
	seatrial.Main(m, func(seatrial.T) {})
}

func say(t *testing.T, line string) {
	t.Helper()
	resp, err := http.Get(front(t) + "/say?line=" + url.QueryEscape(line))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// kept waits until the engine has lines, as a busy engine takes a while.
func kept(t *testing.T, lines ...string) {
	t.Helper()
	for _, line := range lines {
		server(t).Wait(t, wait.Log(line))
	}
}

func TestOne(t *testing.T) { t.Parallel(); say(t, "one") }
func TestTwo(t *testing.T) { t.Parallel(); say(t, "two") }

func TestTry(t *testing.T) {
	err := seatrial.Try(t, func(t seatrial.T) { server(t) })
	var exit *wait.ExitError
	if death == "set-up fails" && (!errors.As(err, &exit) || exit.State.ExitCode != 3) {
		t.Errorf("Try = %v, want exit code 3 among its causes", err)
	}
}

func TestZ(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		say(t, "before")
		kept(t, "^before$")
	})
	t.Run("fails", func(t *testing.T) {
		server(t) // the first use in this test
		say(t, "since GRtsp8-c4nary")
		say(t, "!since, to stderr")
		kept(t, "^since GRtsp8", "^since, to stderr$")
		if death == "fails" {
			t.Error("wrong")
		}
	})
}

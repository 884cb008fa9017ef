// SPDX-License-Identifier: Apache-2.0

// The tests of this package share a container, and do what
// SEATRIAL_TEST_DEATH says. TestMainOfAPackage of package leftovers runs them.
package shared

import (
	"os"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

var death = os.Getenv("SEATRIAL_TEST_DEATH")

var server *seatrial.Container

func TestMain(m *testing.M) {
	seatrial.Main(m, func(t seatrial.T) {
		t.Logf("made")
		server = seatrial.Run(t, spec.Container{
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
		case "set-up hangs":
			time.Sleep(time.Minute)
		}
	})
}

func TestReachesIt(t *testing.T) {
	server.Wait(t, wait.HTTP(80, "/health"))
	switch death {
	case "fails":
		t.Error("wrong")
	case "panics":
		go func() { panic("of a goroutine") }()
		time.Sleep(time.Minute)
	case "exits":
		os.Exit(4)
	case "hangs":
		time.Sleep(time.Minute)
	}
}

func TestReachesItToo(t *testing.T) {
	t.Parallel()
	server.Exec(t, spec.Exec{Command: []string{"/probe", "-print", "x"}})
}

func BenchmarkIt(b *testing.B) {
	vol := seatrial.CreateVolume(b, spec.Volume{})
	for b.Loop() {
		seatrial.Docker(b, spec.Command{Args: []string{"volume", "inspect", vol.Name}})
	}
}

func FuzzIt(f *testing.F) {
	seatrial.CreateVolume(f, spec.Volume{})
	f.Add("a")
	f.Fuzz(func(t *testing.T, text string) {
		if got := server.Exec(t, spec.Exec{Command: []string{"/probe", "-cat"}, Stdin: text}).Stdout; got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	})
}

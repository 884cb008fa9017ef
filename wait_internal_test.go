// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// blind is a container whose processes cannot be seen, as on a remote engine.
type blind struct{ wait.Target }

func (blind) Listeners(context.Context, string, int) (int, []wait.Listener, error) {
	return 0, nil, errors.ErrUnsupported
}

// Docker's proxy accepts before anything listens behind it.
func TestWaitListeningBehindProxy(t *testing.T) {
	enginetest.Need(t)
	img := Build(t, spec.Image{Context: enginetest.ProbeContext(t)})
	for _, test := range []struct {
		about, serve, want string
	}{
		{"never answers", "tcp::80", ""},
		{"listens on loopback inside", "127.0.0.1:80", "srv did not listen on 80 within"},
	} {
		c := Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", test.serve}, Ports: []int{80}, Ready: wait.Log("listening")})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if test.want != "" {
			cancel()
			ctx, cancel = context.WithTimeout(t.Context(), 3*time.Second)
		}
		err := wait.Until(ctx, blind{c.container.Target()}, wait.Listening(80))
		cancel()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%s: error = %v, want %q", test.about, err, test.want)
		} else {
			t.Log(test.about, err)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Minute)
		err = wait.Until(ctx, blind{c.container.Target()}, wait.Listening(99))
		cancel()
		if err == nil || !strings.Contains(err.Error(), "looking up port 99 of srv: it is not published; published are 80/tcp; add Ports: []int{99}, and what listens inside cannot be seen from here") {
			t.Errorf("error = %v, want one that says that it cannot be known", err)
		}
	}
}

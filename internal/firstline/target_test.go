// SPDX-License-Identifier: Apache-2.0

package firstline_test

import (
	"cmp"
	"context"
	"errors"
	"io/fs"

	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/wait"
)

// target is a container as package wait sees it, that has printed what a case says.
type target struct {
	name           string // api if it has none
	state          wait.State
	climbs         bool // it is started again and again
	looks          int
	stdout, stderr []string
	listens        []wait.Listener
	running        bool // its log is not complete
	exec           func() (int, string)
	addr           string
}

func (t *target) Name() string                              { return cmp.Or(t.name, "api") }
func (t *target) Fresh(context.Context) (wait.State, error) { return t.state, nil }
func (t *target) Stalled(context.Context) wait.Stall        { return wait.Stall{} }
func (t *target) Alone(context.Context) (alone, known bool) { return true, true }
func (t *target) Begun() []string                           { return nil }
func (t *target) Unread() string                            { return "" }
func (t *target) Stranded(context.Context) string           { return "" }
func (t *target) Addr(context.Context, int) (string, error) { return t.addr, nil }
func (t *target) Changed() <-chan struct{}                  { return nil }
func (t *target) all() []string                             { return append(append([]string(nil), t.stdout...), t.stderr...) }
func (t *target) ErrorLine(context.Context, string) string {
	return errorline.OfExit(t.state.ExitCode, t.stderr, t.stdout)
}
func (t *target) Read(context.Context, string, int) ([]byte, error) { return nil, fs.ErrNotExist }

func (t *target) Lines(_ string, from int) ([]string, int, bool) {
	all := t.all()
	return all[min(from, len(all)):], len(all), !t.running
}

func (t *target) Tail(n int) ([]string, int) {
	all := t.all()
	return all[max(0, len(all)-n):], len(all)
}

func (t *target) Listeners(_ context.Context, _ string, port int) (int, []wait.Listener, error) {
	if t.listens == nil {
		return port, nil, errors.ErrUnsupported
	}
	return port, t.listens, nil
}

func (t *target) Exec(context.Context, []string) (int, string, error) {
	code, output := t.exec()
	return code, output, nil
}

func (t *target) State(context.Context) (wait.State, error) {
	s := t.state
	if t.climbs { // a look is a restart
		t.looks++
		s.Restarts = min(t.looks, s.Restarts)
	}
	return s, nil
}

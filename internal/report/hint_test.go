// SPDX-License-Identifier: Apache-2.0

package report

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

func TestHinted(t *testing.T) {
	t.Parallel()
	_, missing := exec.LookPath("no-such-program-anywhere")
	for _, tt := range []struct {
		err  error
		want string // the hint
	}{
		{errors.New("creating network front: all predefined address pools have been fully subnetted"), "the engine has no subnet left"},
		{errors.New("failed to update config a_conf: only updates to Labels are allowed"), "a swarm never changes what is in a config"},
		{errors.New("write /data/x: no space left on device"), "docker system df"},
		{fmt.Errorf("running scan: %w", missing), "install no-such-program-anywhere on this machine"},
		{errors.New("web exited with code 127: exec: \"serve\": executable file not found in $PATH"), ""}, // an error in the container
		{errors.New("no space left on device\n    hint: another"), "another"},
		{errors.New("api is unhealthy"), ""},
		{fmt.Errorf("web did not log: %w", &Bound{Name: "the test's deadline", Hint: "go test -timeout moves it"}), "go test -timeout moves it"},
		{fmt.Errorf("web did not log: %w", &Bound{Name: "the TimeLimit of 1s"}), ""},
	} {
		got := Hinted(tt.err)
		_, hint, has := strings.Cut(got.Error(), "\n    hint: ")
		if has != (tt.want != "") || !strings.HasPrefix(hint, tt.want) || !errors.Is(got, tt.err) {
			t.Errorf("Hinted(%v) = %v, want hint %q", tt.err, got, tt.want)
		}
	}
	if Hinted(nil) != nil {
		t.Error("there is a hint for nothing")
	}
}

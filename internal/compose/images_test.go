// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// A pull that failed has a hint at what needs none, unless another hint fits better.
func TestHintReplaced(t *testing.T) {
	t.Parallel()
	failed := func(said string) error {
		return fmt.Errorf("pulling image: %w", &engine.CommandError{Verb: "image pull", ExitCode: 1, Stderr: []string{said}})
	}
	for _, tt := range []struct {
		err     error
		options bool
		want    string
	}{
		{failed("lookup registry.test: no such host"), false, "Images or StandIns puts"},
		{failed("lookup registry.test: no such host"), true, "--image or --stand-in puts"},
		{failed("no space left on device"), false, "docker system df"},
		{errors.New("the test has ended"), false, ""},
	} {
		got := hintReplaced(tt.err, tt.options)
		_, hint, _ := strings.Cut(got.Error(), "\n    hint: ")
		if !errors.Is(got, tt.err) || !strings.HasPrefix(hint, tt.want) || (hint != "") != (tt.want != "") {
			t.Errorf("of %v: %q, want the hint %q", tt.err, got, tt.want)
		}
	}
	if hintReplaced(nil, false) != nil {
		t.Error("there is a hint for nothing")
	}
}

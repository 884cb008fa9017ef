// SPDX-License-Identifier: Apache-2.0

package container

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

// What never ends, or leaves nothing, is not run to its end.
func TestCheckEnds(t *testing.T) {
	t.Parallel()
	for flags, want := range map[string]string{
		"--restart=always": "it never ends", "--restart unless-stopped": "it never ends", "--restart on-failure:3": "", "--restart no": "",
		"--log-driver none": "nothing is kept", "--log-driver=json-file": "", "--restart always --restart no": "", "--no-such": "",
	} {
		err := checkEnds(spec.Container{Image: "x", Flags: strings.Fields(flags)})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error = %v, want %q", flags, err, want)
		}
	}
}

// What a command printed stands in the order in which it came, by lines.
func TestPrinted(t *testing.T) {
	t.Parallel()
	var p printed
	for _, part := range []struct {
		stream int
		text   string
	}{{0, "reading\nsen"}, {1, "no such host\n"}, {0, "ding\n"}} {
		if n, err := p.to(part.stream).Write([]byte(part.text)); n != len(part.text) || err != nil {
			t.Fatal(n, err)
		}
	}
	var got []string
	for _, m := range p.messages("scheduler-exec") {
		got = append(got, fmt.Sprint(m.Source, " ", m.Stderr, " ", m.Text, " ", !m.Time.IsZero()))
	}
	want := []string{"scheduler-exec false reading true", "scheduler-exec true no such host true", "scheduler-exec false sending true"}
	if !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
}

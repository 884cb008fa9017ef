// SPDX-License-Identifier: Apache-2.0

package container

import (
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

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// A program that cannot be run has no log, so the error says what its file shows.
func TestRunSaysWhyAProgramCannotBeRun(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	dir := t.TempDir()
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM scratch\nCOPY --chmod=755 crlf bash arm /\nCOPY --chmod=644 plain /\n")
	enginetest.WriteFile(t, filepath.Join(dir, "crlf"), "#!/bin/sh\r\necho hello\r\n")
	enginetest.WriteFile(t, filepath.Join(dir, "bash"), "#!/bin/bash\necho hello\n")
	enginetest.WriteFile(t, filepath.Join(dir, "plain"), "#!/bin/sh\n")
	arm := make([]byte, 64)
	copy(arm, "\x7fELF\x02\x01\x01")
	arm[16], arm[18], arm[20] = 2, 183, 1 // a program, for arm64
	enginetest.WriteFile(t, filepath.Join(dir, "arm"), string(arm))
	image := seatrial.Build(t, spec.Image{Context: dir})
	for program, want := range map[string]string{
		"/crlf":  `its interpreter "/bin/sh\r" does not exist: the script has CRLF line ends`,
		"/bash":  "its interpreter /bin/bash is not in the image",
		"/arm":   "/arm is built for arm64, the engine is ",
		"/plain": "/plain is not executable (mode 0644)",
	} {
		err := seatrial.Try(t, func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: image.Ref, Name: "box", Entrypoint: []string{program}})
		})
		first, _, _ := strings.Cut(errorText(err), "\n")
		if !strings.Contains(first, want) {
			t.Errorf("%s: the first line is\n%s\nwant in it\n%s", program, first, want)
		}
	}
}

// If a program may not write to a volume, the error names the volume's owner and the
// program's user.
func TestRunSaysWhoseAFileIs(t *testing.T) {
	t.Parallel()
	img, volume := probe(t).Ref, seatrial.CreateVolume(t, spec.Volume{})
	err := seatrial.Try(t, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img, Name: "box", User: "1000", Mounts: []spec.Mount{{Target: "/data", Volume: volume.Name}},
			Command: []string{"-write", "/data/x=1"}})
	})
	first, _, _ := strings.Cut(errorText(err), "\n")
	if want := "/data, on a volume, belongs to 0:0 (mode 0755), and the container runs as user 1000"; !strings.Contains(first, want) {
		t.Errorf("the first line is\n%s\nwant in it\n%s", first, want)
	}
}

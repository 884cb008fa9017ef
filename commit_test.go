// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

func TestCommit(t *testing.T) {
	t.Parallel()
	c := idle(t, spec.Container{Labels: map[string]string{"mine": "1"}, Env: map[string]string{"A": "b"}})
	c.CopyIn(t, "container.go", "/data.txt")
	var ref string
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		img := c.Commit(r)
		ref = img.Ref
		again := seatrial.Run(r, spec.Container{Image: img.Ref, Command: []string{"-env", "A", "-after", "1m"}})
		if got := again.Exec(r, spec.Exec{Command: []string{"/probe", "-stat", "/data.txt"}}).Stdout; !strings.Contains(got, "package seatrial") {
			r.Errorf("the file in the committed image is %q", got)
		}
		if labels := enginetest.Docker(t, "image", "inspect", "--format", "{{json .Config.Labels}}", img.Ref); !strings.Contains(labels, `"mine":"1"`) || strings.Contains(labels, `"container"`) || !strings.Contains(labels, `"io.github.seatrial.name":"`+ref+`"`) {
			r.Errorf("the labels of the committed image are %s", labels)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	if !strings.HasPrefix(ref, "localhost/seatrial/") {
		t.Errorf("Ref = %q", ref)
	}
	if left := enginetest.Docker(t, "image", "ls", "--quiet", ref); left != "" {
		t.Errorf("the committed image is left: %s", left)
	}
}

// SPDX-License-Identifier: Apache-2.0

package container

import (
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
)

// A container that somebody may make has no log yet: it is none of those whose logs come
// with a failure of what tests share.
func TestOwnedIsNotFollowed(t *testing.T) {
	enginetest.Need(t)
	sess, done, err := session.Open(t, session.Standard)
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	if _, _, err := Own(sess, owner.Container, "never"); err != nil {
		t.Fatal(err)
	}
	if handles := session.Handles(t); len(handles) != 0 {
		t.Errorf("the test has the handles %v, want none", handles)
	}
}

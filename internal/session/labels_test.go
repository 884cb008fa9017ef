// SPDX-License-Identifier: Apache-2.0

package session

import (
	"maps"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
	iprocess "github.com/seatrial/seatrial/internal/process"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	s := &Session{Owner: owner.Tuple{Run: Run, Test: "TestX", Scope: owner.NewID(), Process: iprocess.Self(), Until: time.Unix(1e9, 0)}}
	more := map[string]string{"com.example.a": "1"}
	got := s.Labels(owner.Volume, "v", more)
	if _, ours := owner.Read(owner.Volume, "v", got); !ours || got["com.example.a"] != "1" {
		t.Errorf("labels = %v, want those that say whose it is, and the one that was asked for", got)
	}
	if want := map[string]string{"com.example.a": "1"}; !maps.Equal(more, want) {
		t.Errorf("what was asked for has become %v", more)
	}
}

// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/seatrial/seatrial/internal/artifact"
)

// An object goes with the test before it is there, by its name, and then by the id that the
// engine gave it; the request goes on when the caller's time is up.
func TestObject(t *testing.T) {
	t.Parallel()
	dir, err := artifact.Open(t.TempDir(), "x", "run")
	if err != nil {
		t.Fatal(err)
	}
	lost := errors.New("no answer")
	for _, tt := range []struct {
		about, id string
		err       error
		want      string // by what it is removed
	}{
		{"with an id", "4711", nil, "4711"},
		{"without one", "", nil, "x-1"},
		{"nobody knows whether it is there", "", lost, "x-1"},
	} {
		sess := &Session{Artifacts: &Artifacts{Dir: dir}}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var removed []string
		o := NewObject("network", "x-1", func(_ context.Context, id string) error {
			removed = append(removed, id)
			return nil
		})
		err := o.Create(ctx, sess, map[string]string{"a": "b"}, func(ctx context.Context, labels map[string]string) (string, error) {
			if len(sess.all()) != 1 || ctx.Err() != nil || labels["a"] != "b" {
				t.Errorf("%s: %d resources, context %v, labels %v when it is made", tt.about, len(sess.all()), ctx.Err(), labels)
			}
			return tt.id, tt.err
		})
		if left := sess.RemoveAll(t.Context()); !errors.Is(err, tt.err) || left != nil || !slices.Equal(removed, []string{tt.want}) {
			t.Errorf("%s: %v, and %v is removed (%v), want %s", tt.about, err, removed, left, tt.want)
		}
	}
}

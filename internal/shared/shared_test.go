// SPDX-License-Identifier: Apache-2.0

package shared

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/page"
	"github.com/seatrial/seatrial/internal/session"
)

// What was shared until the end of a process in which nobody ended it was not cut off.
func TestSharedIsNotCutOff(t *testing.T) {
	root := t.TempDir()
	t.Setenv("SEATRIAL_ARTIFACTS", root)
	v := New("orders")
	t.Cleanup(func() { v.t.end() })
	enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		_, err := v.Use(context.Background(), r, func(made session.T) {
			if _, err := session.ArtifactsOf(made); err != nil {
				t.Error(err)
			}
			session.Note(made, "project orders ready")
		})
		if err != nil {
			t.Error(err)
		}
	})
	if e, err := page.Read(filepath.Join(root, "orders"), nil); err != nil || len(e.Timeline) == 0 || e.Unended {
		t.Errorf("the page says %q, %v", e.Failure, err)
	}
}

// What is secret in the value since a test began to use it is hidden in what is saved when that
// test fails.
func TestLaterSecretsAreHidden(t *testing.T) {
	t.Setenv("SEATRIAL_ARTIFACTS", t.TempDir())
	const secret = "correct-horse"
	v := New("orders")
	t.Cleanup(func() { v.t.end() })
	var made session.T
	var saved *session.Artifacts
	enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		_, err := v.Use(context.Background(), r, func(m session.T) { made = m })
		if err != nil {
			t.Error(err)
			return
		}
		of, err := session.ArtifactsOf(made)
		if err != nil {
			t.Error(err)
			return
		}
		of.Hide(secret)
		if saved, err = session.ArtifactsOf(session.TestOf(r)); err != nil {
			t.Error(err)
		}
		r.Errorf("no such order")
	})
	if said := saved.Redact("the password is " + secret); strings.Contains(said, secret) {
		t.Errorf("shown is %q", said)
	}
}

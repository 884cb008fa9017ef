// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
)

// What is remembered of environments goes when the engine has them no more; what another engine
// has is its own business.
func TestTidy(t *testing.T) {
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_STATE_HOME", dir)
	fake := enginetest.NewFake("tidied", "1.47")
	there := owner.Tuple{Run: runOf("there"), Test: "there", Scope: "shared-env1-aaaaaaaa", Process: process.Self(), Until: time.Now().Add(time.Hour)}
	data := there.Data().On(owner.Volume, "there_data")
	fake.Answer("/volumes", map[string]any{"Volumes": []map[string]any{{"Name": data.Name, "Labels": data.Labels()}}})
	fake.Answer("/containers/json", []map[string]any{})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	on := session.HandleAt(engine.Named{Host: "unix://" + filepath.Join(dir, "s"), Address: "127.0.0.1"})
	id, err := on.Identity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	remember := func(engineID, name string) string {
		at, err := place(engineID, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(at, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := (&Memory{}).remember(at); err != nil {
			t.Fatal(err)
		}
		return at
	}
	want := map[string]bool{remember(id, "there"): true, remember(id, "gone"): false, remember("another-engine", "gone"): true}
	if err := Tidy(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	for at, stays := range want {
		if _, err := os.Stat(at); (err == nil) != stays {
			t.Errorf("%s: %v", filepath.Base(at), err)
		}
	}
}

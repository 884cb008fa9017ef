// SPDX-License-Identifier: Apache-2.0

package said

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInCompose(t *testing.T) {
	output := ` Network web_default Creating
time="2026-01-02T03:04:05Z" level=warning msg="secrets ` + "`uid`, `gid` and `mode`" + ` are not supported, they will be ignored"
time="2026-01-02T03:04:05Z" level=warning msg="/srv/compose.yaml: the attribute ` + "`version`" + ` is obsolete, it will be ignored"
time="2026-01-02T03:04:05Z" level=warning msg="The \"NAME\" variable is not set. Defaulting to a blank string."
time="2026-01-02T03:04:05Z" level=warning msg="The \"SEATRIAL_CONTEXT_WEB\" variable is not set. Defaulting to a blank string."
time="2026-01-02T03:04:05Z" level=warning msg=short
time="2026-01-02T03:04:05Z" level=info msg="nothing to see"
WARN[0000] a network with name x exists but was not created by compose.
Volume "web_data" exists but doesn't match configuration in compose file. Recreate (data will be lost)? (y/N)
Again? Container web-1 Running
 Container web-1 Started
`
	want := []string{
		"secrets `uid`, `gid` and `mode` are not supported, they will be ignored",
		`The "NAME" variable is not set. Defaulting to a blank string.`,
		"short",
		"a network with name x exists but was not created by compose.",
		`it asked, and was answered no: Volume "web_data" exists but doesn't match configuration in compose file. Recreate (data will be lost)?`,
		"it asked, and was answered no: Again?",
	}
	if diff := cmp.Diff(want, InCompose(output)); diff != "" {
		t.Errorf("InCompose (-want +got):\n%s", diff)
	}
}

func TestInCommand(t *testing.T) {
	got := InCommand("WARNING: Your kernel does not support it.\n\n  Published ports are discarded\n")
	if diff := cmp.Diff([]string{"Your kernel does not support it.", "Published ports are discarded"}, got); diff != "" {
		t.Errorf("InCommand (-want +got):\n%s", diff)
	}
}

func TestLog(t *testing.T) {
	var l Log
	l.Add("one")
	l.Add(" one ")
	l.Add("")
	l.Add("two")
	if diff := cmp.Diff([]string{"one", "two"}, l.Take()); diff != "" {
		t.Errorf("Take (-want +got):\n%s", diff)
	}
	if l.Add("one"); l.Take() != nil {
		t.Error("something is said twice")
	}
}

// What was said in better words is not said again.
func TestAddFor(t *testing.T) {
	t.Parallel()
	var l Log
	l.AddFor("volume data keeps its labels", `Volume "p_data"`)
	l.Add(`it asked: Volume "p_data" exists`)
	l.Add(`it asked: Volume "p_data2" exists`)
	if got, want := l.Take(), []string{"volume data keeps its labels", `it asked: Volume "p_data2" exists`}; !slices.Equal(got, want) {
		t.Errorf("said is %q, want %q", got, want)
	}
}

// SPDX-License-Identifier: Apache-2.0

package envblock

import (
	"maps"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

func read(t *testing.T, content []byte) map[string]string {
	t.Helper()
	vars, err := dotenv.UnmarshalWithLookup(string(content), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatalf("%v in\n%s", err, content)
	}
	return vars
}

// The block overrides lines before it, is put there once, and removing it restores the
// content.
func TestPut(t *testing.T) {
	t.Parallel()
	mine := Block{Name: "feat-a-525d", Dir: `/home/a "b"/feat a`}
	vars := map[string]string{"TAG": "3", "COMPOSE_FILE": "/a/compose.yaml:/b/override.yaml", "COMPOSE_PROJECT_NAME": "feat-a-525d"}
	for _, before := range []string{"", "TAG=1\nOTHER=x\n", "TAG=1", "# a comment\r\nTAG=1\r\n", "TEXT='two\nlines'\n", end + "\nTAG=1\n"} {
		with, err := Put([]byte(before), mine, vars)
		if err != nil {
			t.Fatal(err)
		}
		want := read(t, []byte(before))
		maps.Copy(want, vars)
		if got := read(t, with); !maps.Equal(got, want) {
			t.Errorf("after %q: got %v, want %v", before, got, want)
		}
		again, err := Put(with, mine, vars)
		if err != nil || string(again) != string(with) {
			t.Errorf("after %q: the second time it is\n%s\nnot\n%s", before, again, with)
		}
		b, err := Find(with)
		if err != nil || b == nil || b.Name != mine.Name || b.Dir != mine.Dir {
			t.Errorf("after %q: found %+v, %v", before, b, err)
		}
		// lines that people write below it stay, and a block of another environment is replaced
		more := string(with) + "MORE=1\n"
		theirs, err := Put([]byte(more), Block{Name: "main-1111", Dir: "/main"}, map[string]string{"COMPOSE_FILE": "x"})
		if err != nil || strings.Contains(string(theirs), "feat") || read(t, theirs)["MORE"] != "1" {
			t.Errorf("after %q: another one's block is replaced by\n%s", before, theirs)
		}
		if got := string(Without([]byte(more))); got != strings.TrimSuffix(before, "\n")+strings.Repeat("\n", min(len(before), 1))+"MORE=1\n" {
			t.Errorf("after %q: what is left is %q", before, got)
		}
	}
}

// docker compose reads every value unchanged.
func TestPutValues(t *testing.T) {
	t.Parallel()
	vars := map[string]string{}
	for i, value := range []string{"", "plain", "two words", "#x", "a #b", "$HOME", "${X:-y}", "it's", `"x"`, `it's "x" $y \z`, `C:\a\`, "a\nb", "it's\ntwo", `\'`, " blank ", "é", "a'\\"} {
		vars["V"+string(rune('A'+i))] = value
	}
	with, err := Put(nil, Block{Name: "x", Dir: "/x"}, vars)
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, with); !maps.Equal(got, vars) {
		t.Errorf("got  %q\nwant %q\n%s", got, vars, with)
	}
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	whole, err := Put([]byte("A=1\n"), Block{Name: "x", Dir: "/x"}, map[string]string{"B": "2"})
	if err != nil {
		t.Fatal(err)
	}
	cut := []byte(strings.Replace(string(whole), end, "", 1) + "C=3\n")
	if got := Without(cut); string(got) != string(cut) {
		t.Errorf("a block without an end becomes %q", got)
	}
	if _, err := Put(cut, Block{Name: "x", Dir: "/x"}, nil); err == nil || !strings.Contains(err.Error(), "does not end") {
		t.Errorf("a block that does not end: %v", err)
	}
	if _, err := Put([]byte("A='1\n"), Block{Name: "x", Dir: "/x"}, nil); err == nil || !strings.Contains(err.Error(), "docker compose cannot read") {
		t.Errorf("a file that is none: %v", err)
	}
}

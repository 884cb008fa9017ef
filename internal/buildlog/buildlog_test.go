// SPDX-License-Identifier: Apache-2.0

package buildlog_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/buildlog"
)

func read(t *testing.T, name string) []string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name + ".log")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}

// TestFailed reads what buildx has printed, all of it or only the end.
func TestFailed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		log, want string
		line      int
		missing   string
	}{
		{"run", `RUN ["/probe", "a"]: exit code 1: internal/store.go:41:17: undefined: store.Named`, 5, ""},
		{"copy", `COPY nothere.txt /: "/nothere.txt": not found`, 2, "nothere.txt"},
		{"stage", `COPY --from=build /out/shop /shop: "/out/shop": not found`, 5, ""},
		{"pull", `FROM registry.example/shop/base:7: failed to do request: Head "https://registry.example/v2/shop/base/manifests/7": dial tcp: lookup registry.example: no such host`, 1, ""},
		{"add", `ADD https://releases.example.org/tool.tar.gz /opt/: digest mismatch sha256:aaaa1111: sha256:bbbb2222`, 2, ""},
		{"two", `RUN go build ./...: exit code 1: internal/store/store.go:41:17: undefined: store.Named`, 9, ""},
	} {
		t.Run(test.log, func(t *testing.T) {
			t.Parallel()
			lines := read(t, test.log)
			at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, " > ") })
			for _, part := range [][]string{lines, lines[at:]} {
				f := buildlog.Failed(part)
				if f == nil || f.String() != test.want || f.Line != test.line || f.Missing != test.missing {
					t.Errorf("of %d lines the failure is\n%v: %+v, want\n%s", len(part), f, f, test.want)
				}
				if f != nil && f.Tail[0] != lines[at] {
					t.Errorf("what is told of the step begins with %q, want %q", f.Tail[0], lines[at])
				}
			}
			if f := buildlog.Failed(lines[:1]); f != nil {
				t.Errorf("a build that goes on has failed: %v", f)
			}
		})
	}
}

func TestRunning(t *testing.T) {
	t.Parallel()
	lines := read(t, "two")
	for _, test := range []struct {
		lines int
		want  []string
	}{
		{0, nil},
		{3, []string{"RUN make assets", "RUN go build ./..."}},
		{8, []string{"RUN make assets"}},
		{9, nil},
	} {
		if got := buildlog.Running(lines[:test.lines]); !slices.Equal(got, test.want) {
			t.Errorf("after %d lines there run %q, want %q", test.lines, got, test.want)
		}
	}
	for how, over := range map[string]bool{"DONE 0.1s": true, "CACHED": true, "CANCELED": true, "0.2 it prints": false} {
		lines := []string{"#6 [2/3] COPY . .", "#6 " + how, "#7 [3/3] RUN sleep 60"}
		if got := buildlog.Running(lines); slices.Contains(got, "COPY . .") == over || !slices.Contains(got, "RUN sleep 60") {
			t.Errorf("after a step that says %q there run %q", how, got)
		}
	}
}

func TestStep(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"#7 [web 2/3] RUN make assets\r":     "[web 2/3] RUN make assets",
		"#2 [internal] load .dockerignore":   "",
		"#7 0.512 [2/3] printed by the step": "",
		"#5 [1/1] COPY . /":                  "[1/1] COPY . /",
	} {
		if got := buildlog.Step(line); got != want {
			t.Errorf("%q announces %q, want %q", line, got, want)
		}
	}
}

// The end of what buildx prints shows a part of what a step has printed.
func TestFailedReadsAllOfAStep(t *testing.T) {
	t.Parallel()
	lines := slices.DeleteFunc(read(t, "two"), func(line string) bool { return line == "1.701 internal/store/store.go:41:17: undefined: store.Named" })
	if got, want := buildlog.Failed(lines).String(), "RUN go build ./...: exit code 1: internal/store/store.go:41:17: undefined: store.Named"; got != want {
		t.Errorf("the failure is\n%s\nwant\n%s", got, want)
	}
}

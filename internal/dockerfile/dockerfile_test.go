// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBases(t *testing.T) {
	tests := []struct {
		about, file string
		settings    Settings
		want        []Base
		err         string
	}{
		{about: "one", file: "FROM debian:12\n", want: []Base{{1, "debian:12"}}},
		{about: "scratch is none", file: "FROM scratch\n"},
		{about: "stages are none", file: "FROM a AS one\nFROM One AS two\nCOPY --from=two x /\nCOPY --from=0 x /\nRUN --mount=from=one,target=/x true\n", want: []Base{{1, "a"}}},
		{about: "a stage with the name of its image", file: "FROM app AS app\nFROM app\n", want: []Base{{1, "app"}}},
		{about: "COPY may mean a later stage", file: "FROM a AS one\nCOPY --from=two x /\nFROM b AS two\n", settings: Settings{Target: "one"}, want: []Base{{1, "a"}, {3, "b"}}},
		{about: "COPY and RUN", file: "FROM a\nCOPY --chown=1 --from=b:1 x /\nRUN --mount=type=cache,target=/c --mount=type=bind,from=c,target=/m true\n",
			want: []Base{{1, "a"}, {2, "b:1"}, {3, "c"}}},
		{about: "ARG", file: "ARG BASE=debian\nARG TAG\nARG REF=${BASE}:${TAG:-12}\nFROM ${REF}-slim\n", want: []Base{{4, "debian:12-slim"}}},
		{about: "ARG that is given", file: "ARG BASE=debian\nARG REF=$BASE:12\nFROM $REF\n", settings: Settings{Args: map[string]string{"BASE": "ubuntu"}}, want: []Base{{3, "ubuntu:12"}}},
		{about: "ARG that is declared inside a stage only", file: "FROM a\nARG BASE=b\nFROM ${BASE:-c}\n", want: []Base{{3, "c"}}},
		{about: "an argument that is not declared is none", file: "FROM x${BASE}\n", settings: Settings{Args: map[string]string{"BASE": "b"}}, want: []Base{{1, "x"}}},
		{about: "platform", file: "FROM --platform=$BUILDPLATFORM a-$TARGETARCH$TARGETVARIANT-$BUILDOS\n",
			settings: Settings{Platform: "linux/arm/v7", Builder: "linux/amd64"}, want: []Base{{1, "a-armv7-linux"}}},
		{about: "an ARG of the platform", file: "ARG TARGETARCH\nFROM a-$TARGETARCH\n", settings: Settings{Platform: "linux/arm64"}, want: []Base{{2, "a-arm64"}}},
		{about: "of two ARGs of one name the last counts", file: "ARG A=one\nARG A=two\nFROM $A\n", want: []Base{{3, "two"}}},
		{about: "an ARG of the platform with a value of its own", file: "ARG TARGETARCH=mine\nFROM a-$TARGETARCH\n", settings: Settings{Platform: "linux/arm64"}, want: []Base{{2, "a-mine"}}},
		{about: "an ARG of the platform that is given", file: "ARG TARGETARCH\nFROM a-$TARGETARCH\n", settings: Settings{Platform: "linux/arm64", Args: map[string]string{"TARGETARCH": "given"}}, want: []Base{{2, "a-given"}}},
		{about: "an argument of the platform that is given, and has no ARG", file: "FROM a-$TARGETARCH\n", settings: Settings{Platform: "linux/arm64", Args: map[string]string{"TARGETARCH": "given"}}, want: []Base{{1, "a-given"}}},
		{about: "contexts are none, nor is what is in a stage that one takes the place of", file: "FROM docker.io/library/a:latest\nFROM b AS two\nCOPY --from=c x /\nFROM d\nCOPY --from=e x /\n",
			settings: Settings{Contexts: []string{"a", "two", "e:latest::linux/amd64"}}, want: []Base{{4, "d"}}},
		{about: "ONBUILD", file: "FROM a\nONBUILD COPY --from=b x /\nONBUILD RUN --mount=from=c,target=/m true\nONBUILD COPY x /\n", want: []Base{{1, "a"}, {2, "b"}, {3, "c"}}},
		{about: "heredoc", file: "FROM a\nRUN <<END\nFROM b\nCOPY --from=c x /\nEND\nFROM d\nCOPY --from=0 x /\n", want: []Base{{1, "a"}, {6, "d"}}},
		{about: "continued", file: "FROM \\\n  # why\n  a \\\n  AS x\nFROM b\nCOPY --from=x x /\n", want: []Base{{1, "a"}, {5, "b"}}},
		{about: "another escape character", file: "# escape=`\nFROM `\n a\n", want: []Base{{2, "a"}}},
		{about: "lower case", file: "from a as b\ncopy --from=c x /\n", want: []Base{{1, "a"}, {2, "c"}}},
		{about: "nothing", file: "ARG BASE\nFROM ${BASE}\n", err: "line 2: FROM ${BASE} names nothing"},
		{about: "no file", file: "\n", err: "line 1: file with no instructions"},
		{about: "no FROM", file: "ARG A=1\n", err: "it has no FROM"},
		{about: "RUN before FROM", file: "RUN true\nFROM a\n", err: "line 1: no build stage"},
		{about: "unknown instruction", file: "FROM a\nCOPPY x /\n", err: "line 2: unknown instruction: COPPY"},
		{about: "unknown flag", file: "FROM a\nCOPY --frm=b x /\n", err: "line 2: unknown flag: --frm"},
		{about: "unfinished heredoc", file: "FROM a\nRUN <<END\nx\n", err: "unterminated heredoc"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			f, _, err := Parse([]byte(test.file))
			var got []Base
			if err == nil {
				got, err = f.Bases(test.settings)
			}
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error = %v, want one with %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("bases (-want +got):\n%s", d)
			}
		})
	}
}

func TestSubstitute(t *testing.T) {
	images := map[string]string{"app": "localhost/seatrial/x:1"}
	tests := []struct {
		about, file string
		settings    Settings
		images      map[string]string
		want        string
	}{
		{about: "FROM", file: "FROM app\nRUN app\n", want: "FROM localhost/seatrial/x:1\nRUN app\n"},
		{about: "full form", file: "FROM app-builder\nFROM my/app\nFROM app:2\nFROM docker.io/library/app:latest\n",
			want: "FROM app-builder\nFROM my/app\nFROM app:2\nFROM localhost/seatrial/x:1\n"},
		{about: "AS", file: "FROM --platform=linux/amd64 app AS app\nFROM app\n", want: "FROM --platform=linux/amd64 localhost/seatrial/x:1 AS app\nFROM app\n"},
		{about: "COPY", file: "FROM a\nCOPY --chown=1:1 --from=app --chmod=755 app /app\n", want: "FROM a\nCOPY --chown=1:1 --from=localhost/seatrial/x:1 --chmod=755 app /app\n"},
		{about: "COPY, continued and quoted", file: "FROM a\nCOPY \\\n  # the app\n\n  --link \\\r\n  --from=\"app\" \\\n app /app\n", want: "FROM a\nCOPY \\\n  # the app\n\n  --link \\\r\n  --from=\"localhost/seatrial/x:1\" \\\n app /app\n"},
		{about: "what looks like a flag and is none", file: "FROM app\nCOPY --link x --from=app /\n", want: "FROM localhost/seatrial/x:1\nCOPY --link x --from=app /\n"},
		{about: "RUN", file: "FROM a\nRUN --mount=type=bind,source=/app,from=app,target=/app --mount=from=app,target=/b app --from=app\n",
			want: "FROM a\nRUN --mount=type=bind,source=/app,from=localhost/seatrial/x:1,target=/app --mount=from=localhost/seatrial/x:1,target=/b app --from=app\n"},
		{about: "ONBUILD", file: "FROM a\nONBUILD COPY --from=app app /\nonbuild \\\n  run --mount=from=app,target=/a app --from=app\n",
			want: "FROM a\nONBUILD COPY --from=localhost/seatrial/x:1 app /\nonbuild \\\n  run --mount=from=localhost/seatrial/x:1,target=/a app --from=app\n"},
		{about: "heredoc", file: "FROM app\nRUN --mount=from=app,target=/a <<END\nFROM app\n--mount=from=app\nEND\n",
			want: "FROM localhost/seatrial/x:1\nRUN --mount=from=localhost/seatrial/x:1,target=/a <<END\nFROM app\n--mount=from=app\nEND\n"},
		{about: "ARG", file: "ARG NAME=app\nARG REF=${NAME}:latest\nFROM ${REF} AS b\nFROM b\n", want: "ARG NAME=app\nARG REF=${NAME}:latest\nFROM localhost/seatrial/x:1 AS b\nFROM b\n"},
		{about: "an ARG that is given wins", file: "ARG REF=other\nFROM $REF\n", settings: Settings{Args: map[string]string{"REF": "app:latest"}}, want: "ARG REF=other\nFROM localhost/seatrial/x:1\n"},
		{about: "lines keep their numbers", file: "# syntax=docker/dockerfile:1\nFROM \\\n  # why\n  app \\\n  AS x\r\nRUN y\n", want: "# syntax=docker/dockerfile:1\nFROM localhost/seatrial/x:1 AS x\n\n\n\nRUN y\n"},
		{about: "CRLF", file: "FROM app\r\nRUN y\r\n", want: "FROM localhost/seatrial/x:1\r\nRUN y\r\n"},
		{about: "no end of line", file: "FROM app", want: "FROM localhost/seatrial/x:1"},
		{about: "another escape character", file: "# escape=`\nFROM a\nCOPY `\n --from=app x c:\\\n", want: "# escape=`\nFROM a\nCOPY `\n --from=localhost/seatrial/x:1 x c:\\\n"},
		{about: "digest", file: "FROM app:1@sha256:0123456789012345678901234567890123456789012345678901234567890123\n",
			images: map[string]string{"app@sha256:0123456789012345678901234567890123456789012345678901234567890123": "b"}, want: "FROM b\n"},
		{about: "each of two that became the same", file: "ARG A=app\nFROM $A\nFROM app:latest\n", want: "ARG A=app\nFROM localhost/seatrial/x:1\nFROM localhost/seatrial/x:1\n"},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			f, _, err := Parse([]byte(test.file))
			if err != nil {
				t.Fatal(err)
			}
			if test.images == nil {
				test.images = images
			}
			got, err := f.Substitute(test.images, test.settings)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(test.want, string(got)); d != "" {
				t.Errorf("Substitute (-want +got):\n%s", d)
			}
			if _, _, err := Parse(got); err != nil {
				t.Errorf("it cannot be read again: %v", err)
			}
		})
	}
}

func TestSubstituteRefuses(t *testing.T) {
	const digest = "@sha256:0123456789012345678901234567890123456789012345678901234567890123"
	tests := []struct {
		about, file string
		images      map[string]string
		want        string
	}{
		{"a key that matches nothing", "ARG V=12\nFROM debian:$V AS b\nCOPY --from=nginx x /\nFROM b\n", map[string]string{"debian": "x"},
			"it does not build on debian: it builds on debian:12 (line 2), nginx (line 3)"},
		{"a stage that is not built", "FROM app AS old\nFROM b\n", map[string]string{"app": "x"}, "it does not build on app: it builds on b (line 2); in stages that are not built it names app (line 1)"},
		{"scratch is no image", "FROM scratch\n", map[string]string{"scratch": "x"}, "it does not build on scratch: it builds on no image"},
		{"a stage is no image", "FROM scratch AS app\nFROM app\n", map[string]string{"app": "x"}, "it does not build on app: it builds on no image"},
		{"an ARG that is overridden", "ARG REF=app\nFROM $REF\n", map[string]string{"app": "x"}, "it does not build on app: it builds on given (line 2)"},
		{"a digest matches a digest", "FROM app" + digest + "\n", map[string]string{"app": "x"}, "it does not build on app"},
		{"one image twice", "FROM app\n", map[string]string{"app": "x", "app:latest": "y"}, `"app" and "app:latest" are the same image`},
		{"no reference", "FROM app\n", map[string]string{"App": "x"}, `"App": `},
		{"by no reference", "FROM app\n", map[string]string{"app": "Not A Ref"}, `"Not A Ref": `},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			f, _, err := Parse([]byte(test.file))
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.Substitute(test.images, Settings{Args: map[string]string{"REF": "given"}})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
	f, _, _ := Parse([]byte("FROM a\n"))
	_, err := f.Substitute(map[string]string{"b": "x"}, Settings{})
	if unmatched := (*UnmatchedError)(nil); !errors.As(err, &unmatched) || !cmp.Equal(unmatched.Keys, []string{"b"}) {
		t.Errorf("error = %#v, want an UnmatchedError with the key", err)
	}
}

func FuzzSubstitute(f *testing.F) {
	f.Add("FROM app\nCOPY --from=app x /\n")
	f.Add("# escape=`\nARG A=app\nFROM `\n $A AS b\nRUN --mount=from=app,target=/x <<E\nFROM app\nE\n")
	f.Fuzz(func(t *testing.T, content string) {
		file, _, err := Parse([]byte(content))
		if err != nil {
			return
		}
		got, err := file.Substitute(map[string]string{"app": "other:1"}, Settings{})
		if err != nil {
			return
		}
		again, _, err := Parse(got)
		if err != nil {
			t.Fatalf("%q became %q, which cannot be read: %v", content, got, err)
		}
		if len(again.stages) != len(file.stages) || strings.Count(content, "\n") != strings.Count(string(got), "\n") {
			t.Fatalf("%q became %q", content, got)
		}
		bases, err := again.Bases(Settings{})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bases {
			if full := FullForm(b.Ref); full == "docker.io/library/app:latest" {
				t.Fatalf("%q became %q, which still builds on app", content, got)
			}
		}
	})
}

// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"maps"
	"testing"
)

func TestFrontend(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		file, arg string
		want      Frontend
		docker    bool
	}{
		"none":                 {file: "FROM a\n"},
		"no directive":         {file: "FROM a\n# syntax=docker/dockerfile:1\n"},
		"Docker's":             {file: "# syntax=docker/dockerfile:1\nFROM a\n", want: Frontend{"docker/dockerfile:1", 1}, docker: true},
		"in full":              {file: "# escape=`\n#syntax = docker.io/docker/dockerfile-upstream:master\nFROM a\n", want: Frontend{"docker.io/docker/dockerfile-upstream:master", 2}, docker: true},
		"of another registry":  {file: "# syntax=registry.acme.example/mirror/docker/dockerfile:1\n", want: Frontend{"registry.acme.example/mirror/docker/dockerfile:1", 1}, docker: true},
		"of others":            {file: "# syntax=acme/dockerfile:1 --verbose\nFROM a\n", want: Frontend{"acme/dockerfile:1", 1}},
		"of another name":      {file: "# syntax=docker/dockerfile-plus\nFROM a\n", want: Frontend{"docker/dockerfile-plus", 1}},
		"no reference":         {file: "# syntax=What?\nFROM a\n", want: Frontend{"What?", 1}},
		"in another language":  {file: "// syntax=acme/build\nmake\n", want: Frontend{"acme/build", 1}},
		"by argument":          {file: "# syntax=docker/dockerfile:1\nFROM a\n", arg: "acme/build:2 --verbose", want: Frontend{"acme/build:2", 0}},
		"by an empty argument": {file: "# syntax=docker/dockerfile:1\nFROM a\n", arg: " ", want: Frontend{"docker/dockerfile:1", 1}, docker: true},
	} {
		f, ok := FrontendOf([]byte(tt.file), map[string]string{"BUILDKIT_SYNTAX": tt.arg})
		if f != tt.want || ok != (tt.want.Ref != "") {
			t.Errorf("%s: the frontend is %+v, %v, want %+v", about, f, ok, tt.want)
		}
		if ok && f.IsDocker() != tt.docker {
			t.Errorf("%s: it is Docker's: %v, want %v", about, f.IsDocker(), tt.docker)
		}
	}
}

func TestSubstituteFrontend(t *testing.T) {
	t.Parallel()
	images := map[string]string{"acme/build": "mine:1"}
	f, _, err := Parse([]byte("# escape=`\n# syntax = acme/build:latest --verbose\nFROM a\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Substitute(images, Settings{})
	if want := "# escape=`\n# syntax = mine:1 --verbose\nFROM a\n"; string(got) != want || err != nil {
		t.Errorf("the file is %q, %v, want %q", got, err, want)
	}
	args := map[string]string{"BUILDKIT_SYNTAX": "acme/build --verbose", "V": "acme/build"}
	want := map[string]string{"BUILDKIT_SYNTAX": "mine:1 --verbose", "V": "acme/build"}
	if got := SubstituteArgs(args, images); !maps.Equal(got, want) || args["BUILDKIT_SYNTAX"] != "acme/build --verbose" {
		t.Errorf("the arguments are %q, of %q, want %q", got, args, want)
	}
}

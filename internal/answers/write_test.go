// SPDX-License-Identifier: Apache-2.0

package answers

import (
	"reflect"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

var proxy = Question{`compose.yaml:4 network proxy: network "proxy" is external (every copy would join it)`, []Way{
	{"Networks", "proxy", "", "makes one for each copy"}, {"Networks", "proxy", "proxy", "shares it"}, {"Isolate", "", "", "settles this and its like"},
}}

func TestWrite(t *testing.T) {
	t.Parallel()
	questions := []Question{
		{"compose.yaml:1 an env file is missing\n    hint: make it", nil},
		{"compose.yaml:2 service web: the socket is mounted", []Way{{"Lock", "docker-socket", "", "lets copies wait"}, {"Allow", "docker-socket", "", "accepts it"}}},
		{"compose.yaml:3 service web: /srv/a b is mounted", []Way{{"Paths", "/srv/a b", "DIR", "mounts DIR instead"}, {"Paths", "/srv/a b", "", "makes an empty volume for each copy"}}},
		proxy,
		{"compose.yaml:9 service db: /srv/a b is mounted", []Way{{"Paths", "/srv/a b", "", "makes an empty volume for each copy"}}},
		{"compose.yaml:7 service x: the machine's network", []Way{{"Networks", "host", "", "puts it into the project's network"}, {"Constraints", "x", "", "is no way here"}}},
	}
	got := string(Write(questions))
	want := beginning + `
# Nothing that stands here settles this:
# compose.yaml:1 an env file is missing
#     hint: make it

lock:
  # compose.yaml:2 service web: the socket is mounted
  #   - docker-socket  lets copies wait
  #   or, at the left margin, allow: [docker-socket]  accepts it
  # - docker-socket

paths:
  # compose.yaml:3 service web: /srv/a b is mounted
  #   /srv/a b: DIR  mounts DIR instead
  #   /srv/a b: ""  makes an empty volume for each copy
  # compose.yaml:9 service db: /srv/a b is mounted
  #   /srv/a b: ""  makes an empty volume for each copy
  /srv/a b: ""

networks:
  # compose.yaml:4 network proxy: network "proxy" is external (every copy would join it)
  #   proxy: ""  makes one for each copy
  #   proxy: proxy  shares it
  #   or, at the left margin, isolate: true  settles this and its like
  proxy: ""
  # compose.yaml:7 service x: the machine's network
  #   host: ""  puts it into the project's network
  # host: ""
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	f, err := Read(Name, reading(got))
	if err != nil {
		t.Fatal(err)
	}
	if want := (spec.Project{Networks: map[string]string{"proxy": ""}, Paths: map[string]string{"/srv/a b": ""}}); !reflect.DeepEqual(f.Project, want) {
		t.Errorf("it is read as %+v", f.Project)
	}
	if n := Left(questions); n != 3 {
		t.Errorf("%d questions are left", n)
	}
}

// Every value that is written is read back as the same.
func TestLines(t *testing.T) {
	t.Parallel()
	odd := []string{"plain", "a: b", "- x", "#no", "'", `"`, "yes", "1", "~", "null", "*a", "&a", "{a}", "é", " blank ", "tab\tin", "line\nbreak", "=x", "%", "@x", strings.Repeat("long and longer ", 20), `C:\data`, "${X:-a}"}
	var ways []Way
	want := spec.Project{KeepPorts: []int{80}, Isolate: true, PortReferences: "all"}
	for _, word := range odd {
		ways = append(ways, Way{"Env", word, word, ""}, Way{"Allow", word, "", ""})
		if want.Env == nil {
			want.Env = map[string]string{}
		}
		want.Env[word] = word
		want.Allow = append(want.Allow, word)
	}
	ways = append(ways, Way{"KeepPorts", "80", "", ""}, Way{"Isolate", "", "", ""}, Way{"PortReferences", "", "all", ""}, Way{"Constraints", "a", "", ""}, Way{"Isolate", "", "", ""})
	got, err := Read(Name, reading(Lines(ways)))
	if err != nil {
		t.Fatalf("%v\n%s", err, Lines(ways))
	}
	if !reflect.DeepEqual(got.Project, want) {
		t.Errorf("got  %+v\nwant %+v", got.Project, want)
	}
	if text := Lines([]Way{{"Constraints", "a", "", ""}}); text != "" {
		t.Errorf("for a stack there is %q", text)
	}
}

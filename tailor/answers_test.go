// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/spec"
)

const answered = `services:
  web:
    image: app:1
    networks: [proxy, other]
    volumes: ["/srv/shop:/data"]
networks:
  proxy: {external: true}
  other: {external: true}
`

// A spec that names a file of answers has what is in it, with its own above.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about, answers string
		own            spec.Project
		want           []string // of the text, or of the error
		wrong          bool
	}{
		{about: "all of it", answers: "networks: {proxy: '', other: shared}\npaths: {/srv/shop: ''}\nimages: {app: x}\n", wrong: true,
			want: []string{`.seatrial.yaml:3 images["app"] matches no image`}},
		{about: "all that is there", answers: "networks: {proxy: '', other: shared}\npaths: {/srv/shop: data}\n",
			want: []string{`external network "proxy" → one of the project's own`, `other`, `shared`, `/srv/shop → `}},
		{about: "the spec wins", answers: "networks: {proxy: '', other: shared}\npaths: {/srv/shop: data}\n", own: spec.Project{Networks: map[string]string{"other": ""}, Paths: map[string]string{"/srv/shop": ""}},
			want: []string{`external network "other" → one of the project's own`, `/srv/shop → volume`}},
		{about: "what matches nothing", answers: "isolate: true\nnetworks:\n  prox: ''\n", wrong: true, want: []string{`.seatrial.yaml:3 networks has "prox", which matches nothing`}},
		{about: "what matches nothing of the spec's", answers: "isolate: true\nnetworks:\n  proxy: ''\n", own: spec.Project{Networks: map[string]string{"prox": ""}}, wrong: true, want: []string{`Networks has "prox", which matches nothing`}},
		{about: "a profile", answers: "isolate: true\nprofiles: [debug]\n", wrong: true, want: []string{`.seatrial.yaml:2 profiles has "debug", which no service has`}},
		{about: "a file that is missing", answers: "isolate: true\npaths:\n  /srv/shop: nowhere\n", wrong: true, want: []string{`.seatrial.yaml:3 paths has `, `nowhere, which is missing`}},
		{about: "an unknown key", answers: "isolate: true\nnetwork: {}\n", wrong: true, want: []string{`.seatrial.yaml:2: unknown key "network": did you mean networks?`}},
	} {
		dir := t.TempDir()
		for name, content := range map[string]string{"compose.yaml": answered, ".seatrial.yaml": test.answers, "data/x": ""} {
			name = filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		p := test.own
		p.Files, p.Answers = []string{dir}, filepath.Join(dir, ".seatrial.yaml")
		plan, err := Compose(context.Background(), p, Options{})
		text := ""
		switch {
		case (err != nil) != test.wrong:
			t.Errorf("%s: error %v", test.about, err)
			continue
		case err != nil:
			text = err.Error()
		default:
			text = plan.Text()
			if plan.Spec.Answers != "" || len(plan.Spec.Networks) != 2 {
				t.Errorf("%s: the plan has the spec %+v", test.about, plan.Spec)
			}
		}
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q lacks %q", test.about, text, want)
			}
		}
		var read *ReadError
		if strings.Contains(test.about, "unknown") && (!errors.As(err, &read) || read.Line != 2) {
			t.Errorf("%s: %v is no ReadError", test.about, err)
		}
		// nothing that is beside the files is read without being named
		if p.Answers = ""; strings.Contains(test.about, "unknown") {
			var refused *RefusedError
			if _, err := Compose(context.Background(), p, Options{}); !errors.As(err, &refused) {
				t.Errorf("%s: without the name: %v", test.about, err)
			}
		}
		p.Answers = filepath.Join(dir, "nowhere.yaml")
		if _, err := Compose(context.Background(), p, Options{}); !errors.Is(err, fs.ErrNotExist) || errors.As(err, &read) && read.File == p.Answers {
			t.Errorf("%s: a file that is not there: %v", test.about, err)
		}
	}
}

// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// Samples as people ship them, each in a directory of its own and never changed for the
// test. Every one is started twice at once. A sample of two stacks is in package swarmtest.

// A kit that makes an image of a product, and expects the product to be installed beside
// the kit. The test has its installation elsewhere.
func TestUpSampleBesideAnInstallation(t *testing.T) {
	t.Parallel()
	base := probe(t)
	shipped := sample(t, map[string]string{
		"kit/Dockerfile":  "FROM example/probe:1\nCOPY product/version /opt/product/version\n",
		"kit/work/README": "the server writes here",
		"kit/compose.yaml": `services:
  server:
    build: {context: .., dockerfile: kit/Dockerfile}
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    volumes:
      - ${PRODUCT_HOME:-../product}/licence:/opt/product/licence:ro
      - ./work:/data
`,
	})
	installed := sample(t, map[string]string{"product/version": "10.15", "product/licence/key": "for tests"})
	before := tree(t, shipped) + tree(t, installed)

	product := filepath.Join(installed, "product")
	copies := twice(t, func(t seatrial.T, _ string) *seatrial.Project {
		return seatrial.Up(t, spec.Project{
			Files:  []string{filepath.Join(shipped, "kit")},
			Images: map[string]string{"example/probe:1": base.Ref},
			Builds: map[string]spec.Build{"..": {Files: []string{product}}}, // as if it lay beside the kit
			Env:    map[string]string{"PRODUCT_HOME": product},
		})
	}, both("server:8080/file/mark"))
	for _, app := range copies {
		for file, want := range map[string]string{"opt/product/version": "10.15", "opt/product/licence/key": "for tests"} {
			if got := enginetest.Get(t, app.Service(t, "server").URL(t, 8080)+"/file/"+file); got != want {
				t.Errorf("%s has /%s with %q, want that of the installation, %q", app.Name, file, got, want)
			}
		}
	}
	if after := tree(t, shipped) + tree(t, installed); after != before {
		t.Errorf("the sample and the installation have changed (-before +after):\n%s", cmp.Diff(before, after))
	}
}

// A sample that ships an application without a Dockerfile. Each test brings its own.
func TestUpSampleWithAnAddedDockerfile(t *testing.T) {
	t.Parallel()
	base := probe(t)
	shipped := sample(t, map[string]string{
		"app/page": "as shipped",
		"compose.yaml": `services:
  web:
    build: ./app
    ports: ["8080:80"]
    container_name: sample-web
`,
	})
	before := tree(t, shipped)
	added := map[string]string{}
	for _, word := range words {
		added[word] = inline(t, "FROM example/probe:1\nENV WORD="+word+"\nCOPY page /page/\nCMD [\"-serve\", \":80\"]\n")
	}

	copies := twice(t, func(t seatrial.T, word string) *seatrial.Project {
		return seatrial.Up(t, spec.Project{
			Files:  []string{shipped},
			Images: map[string]string{"example/probe:1": base.Ref},
			Builds: map[string]spec.Build{"./app": {Files: []string{added[word]}}},
		})
	}, apartWord{read: "web:8080/env?WORD"})
	for _, app := range copies {
		if got := enginetest.Get(t, app.Service(t, "web").URL(t, 8080)+"/file/page/page"); got != "as shipped" {
			t.Errorf("%s has the page %q, want that of the context", app.Name, got)
		}
	}
	if after := tree(t, shipped); after != before {
		t.Errorf("the sample has changed (-before +after):\n%s", cmp.Diff(before, after))
	}
}

// A sample whose data is to survive the next version, and the way back.
func TestUpdateSampleKeepsItsData(t *testing.T) {
	t.Parallel()
	base := probe(t)
	shipped := sample(t, map[string]string{"compose.yaml": `services:
  store:
    image: example/store:${VERSION}
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    volumes: [stock:/data]
volumes: {stock: {name: store-stock}}
`})
	version := func(number string) spec.Project {
		img := seatrial.Build(t, spec.Image{Dockerfile: inline(t, "FROM "+base.Ref+"\nENV NUMBER="+number+"\n")})
		return spec.Project{Files: []string{shipped}, Env: map[string]string{"VERSION": number}, Images: map[string]string{"example/store:" + number: img.Ref}}
	}
	first, second := version("1"), version("2")

	stock := both("store:8080/file/stock")
	copies := twice(t, func(t seatrial.T, _ string) *seatrial.Project { return seatrial.Up(t, first) }, stock)
	numbers := apartWord{read: "store:8080/env?NUMBER"}
	for _, step := range []struct {
		about  string
		update func(t seatrial.T)
		want   [2]string
	}{
		{"one has the next version", func(t seatrial.T) { copies[0].Update(t, second) }, [2]string{"2", "1"}},
		{"both have it", func(t seatrial.T) { copies[1].Update(t, second) }, [2]string{"2", "2"}},
		{"one went back", func(t seatrial.T) { copies[0].Update(t, first) }, [2]string{"1", "2"}},
	} {
		step.update(t)
		if got := numbers.exchange(t, copies, words); got != step.want {
			t.Errorf("%s: the versions are %q, want %q", step.about, got, step.want)
		}
		if got := (apartWord{read: stock.read}).exchange(t, copies, words); got != words {
			t.Errorf("%s: the copies have the data %q, want %q", step.about, got, words)
		}
	}
}

// sample writes the files of a sample, and returns their directory.
func sample(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		enginetest.WriteFile(t, filepath.Join(dir, name), content)
	}
	return dir
}

// twice starts two copies at the same time, gives each its word, and checks that each has
// its own afterwards.
func twice(t *testing.T, start func(t seatrial.T, word string) *seatrial.Project, at ...apartWord) (copies [2]*seatrial.Project) {
	t.Helper()
	seatrial.Together(t,
		func(t seatrial.T) { copies[0] = start(t, words[0]) },
		func(t seatrial.T) { copies[1] = start(t, words[1]) })
	for _, w := range at {
		if got := w.exchange(t, copies, words); got != words {
			t.Errorf("the copies have %q at %q, want %q", got, w.read, words)
		}
	}
	return copies
}

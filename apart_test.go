// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// apart are projects in which copies would see each other if they were run as they
// are. A word is written into each copy, or it is started with one, and read back
// when the other copy has got its own.
type apartProject struct {
	name  string
	spec  spec.Project
	write string // URL below which the word is written; SERVICE:PORT/PATH
	read  string // the same for reading; empty: as it was written
	also  string // read, too
	from  string // a service that reads it from inside, as SERVICE:PORT

	subpath bool           // copies of a part of a volume are needed
	refused *regexp.Regexp // what an older docker compose says to a second start under one name
}

var apart = []apartProject{
	{name: "network", write: "store:18081/file/name", from: "web:18080", read: "http://store/file/name"},
	{name: "volume", write: "store:18080/file/name"},
	{name: "directory", write: "store:18080/file/name"},
	{name: "file", write: "store:18080/file/name", subpath: true},
	{name: "nested", write: "store:18080/file/name", read: "reader:18081/file/name", subpath: true},
	{name: "advertised", write: "store:18080/file/name", read: "ADVERTISED"},
	{name: "subnet", write: "store:18081/file/name", from: "web:18080", read: "STORE", refused: regexp.MustCompile("no configured subnet contains|not belong to any of this network's subnets")},
	{name: "names", write: "store:18081/file/name", from: "web:18080", read: "http://apart-store/file/name"},
	{name: "external", spec: spec.Project{Networks: map[string]string{"proxy": ""}, Volumes: map[string]string{"shared": ""}},
		write: "store:18081/file/name", from: "web:18080", read: "http://store/file/name"},
	{name: "absolute", spec: spec.Project{Paths: map[string]string{"/srv/apart/store": ""}}, write: "store:18080/file/name"},
	{name: "hostnetwork", spec: spec.Project{Networks: map[string]string{"host": ""}}, write: "store:18080/file/name"},
	{name: "built", read: "app:18080/env?WORD", also: "follows:18081/env?WORD"},
	{name: "layers", read: "app:18080/env?WORD"},
	{name: "replicas", write: "store:80/file/name"},
	{name: "protocols", write: "store:18080/file/name"},
	{name: "parts", write: "store:18081/file/name", from: "web:18080", read: "http://apart-parts-store/file/name"},
	{name: "config", read: "store:18080/file/name"},
	{name: "profile", spec: spec.Project{Profiles: []string{"stores"}}, write: "store:18081/file/name"},
	{name: "volume", spec: spec.Project{StablePorts: true}, write: "store:18080/file/name"},
}

// What TestCopiesStayApart is told where it runs elsewhere.
const (
	onlyApart = "SEATRIAL_TEST_APART"      // the names of projects, instead of all
	noSubpath = "SEATRIAL_TEST_NO_SUBPATH" // how those are refused that need subpaths
)

func TestCopiesStayApart(t *testing.T) {
	t.Parallel()
	img := probe(t)
	before := checkout(t, "testdata/apart")
	words := [2]string{"first", "second"}
	// The same must be seen to fail if both copies have one name.
	controls := enginetest.Sample(t, "SEATRIAL_CONTROLS", 6, len(apart), "projects whose copies are also given one name")
	control := rand.Perm(len(apart))[:controls]
	t.Run("projects", func(t *testing.T) {
		for i, p := range apart {
			if only := os.Getenv(onlyApart); only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
				continue
			}
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				start := func(t seatrial.T, word string) *seatrial.Project {
					s := p.spec
					s.Files = []string{"testdata/apart/" + p.name}
					s.Images = map[string]string{"example/probe:1": img.Ref}
					s.Env = map[string]string{"WORD": word}
					return seatrial.Up(t, s)
				}
				if lack := os.Getenv(noSubpath); p.subpath && lack != "" {
					mustFail(t, lack, func(t seatrial.T) { start(t, words[0]) })
					return
				}
				var copies [2]*seatrial.Project
				seatrial.Together(t,
					func(t seatrial.T) { copies[0] = start(t, words[0]) },
					func(t seatrial.T) { copies[1] = start(t, words[1]) })
				for _, q := range p.reads() {
					if got := q.exchange(t, copies, words); got != words {
						t.Errorf("the copies have %q at %q, want %q", got, q.read, words)
					}
				}
				if !slices.Contains(control, i) {
					return
				}
				projectNames.Store(t.Name(), copies[0].Name)
				err := seatrial.Try(t, func(t seatrial.T) { copies[1] = start(t, words[1]) })
				if err != nil && p.refused != nil && p.refused.MatchString(err.Error()) {
					return
				} else if err != nil {
					t.Fatal(err)
				}
				if copies[1].Name != copies[0].Name {
					t.Fatalf("the projects are %s and %s, want one name", copies[0].Name, copies[1].Name)
				}
				for _, q := range p.reads() {
					if got := q.exchange(t, copies, words); got == words {
						t.Errorf("two projects of one name have %q at %q, too: this test cannot fail", got, q.read)
					}
				}
			})
		}
	})
	if after := checkout(t, "testdata/apart"); !slices.Equal(before, after) {
		t.Errorf("the checkout has changed:\n%s\nit was\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}

// reads returns the project once for each place where the word is read.
func (p apartProject) reads() []apartProject {
	if p.also == "" {
		return []apartProject{p}
	}
	q := p
	q.read = p.also
	return []apartProject{p, q}
}

// exchange writes a word into each copy, and then reads those of both.
func (p apartProject) exchange(t *testing.T, copies [2]*seatrial.Project, words [2]string) (got [2]string) {
	t.Helper()
	for i, app := range copies {
		if p.write != "" {
			put(t, urlOf(t, app, p.write), words[i])
		}
	}
	for i, app := range copies {
		at := p.read
		switch at {
		case "":
			at = p.write
		case "ADVERTISED":
			got[i] = get(t, get(t, urlOf(t, app, "store:18080/env?ADVERTISED_URL"))+"/file/name")
			continue
		case "STORE":
			at = get(t, urlOf(t, app, p.from+"/env?STORE")) + "/file/name"
		}
		if p.from != "" {
			got[i] = get(t, urlOf(t, app, p.from+"/fetch?"+at))
		} else {
			got[i] = get(t, urlOf(t, app, at))
		}
	}
	return got
}

// urlOf turns SERVICE:PORT/PATH into a URL of a project.
func urlOf(t *testing.T, app *seatrial.Project, at string) string {
	t.Helper()
	service, rest, _ := strings.Cut(at, ":")
	port, path, _ := strings.Cut(rest, "/")
	n := 0
	for _, c := range port {
		n = 10*n + int(c-'0')
	}
	c := app.Service(t, service)
	c.Wait(t, wait.Log("listening"))
	return c.URL(t, n) + "/" + path
}

// checkout lists what is in a directory, with modes and sizes.
func checkout(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && entry.IsDir() {
			all = append(all, path+" "+info.Mode().String())
		} else if err == nil {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all = append(all, path+" "+info.Mode().String()+" "+string(content))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

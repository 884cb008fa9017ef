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

// apart are projects whose copies would see each other if they were run unchanged.
// A copy is started with a word, or the word is written into it, and it is read
// back when the other copy has its own.
type apartProject struct {
	name  string
	spec  spec.Project
	words []apartWord

	subpath bool           // needs copies mounted by a part of a volume
	refused *regexp.Regexp // the message of an older docker compose about a second start under one name
}

// An apartWord is a place where a copy keeps its word.
type apartWord struct {
	read  string // where it is read, as SERVICE:PORT/PATH, or as a URL for from
	write string // where it is written; empty: the copy was started with it
	from  string // a service that reads it from inside, as SERVICE:PORT
}

var apart = []apartProject{
	{name: "storage", spec: spec.Project{Volumes: map[string]string{"shared": ""}, Paths: map[string]string{"/srv/apart/store": ""}}, words: []apartWord{
		both("store:18080/file/named/name"), both("store:18080/file/external/name"), both("store:18080/file/directory/name"),
		both("store:18080/file/absolute/name"), {read: "store:18080/file/config/name"}, {read: "store:18080/file/secret/name"}}},
	{name: "pieces", subpath: true, words: []apartWord{
		both("store:18080/file/name"), {read: "reader:18081/file/nested/name", write: "store:18080/file/nested/name"}}},
	{name: "ports", spec: spec.Project{Networks: map[string]string{"host": ""}}, words: []apartWord{
		{read: "ADVERTISED"}, {read: "store:18084/env?WORD"}, {read: "several:80/env?WORD"}, {read: "host:18083/env?WORD"}}},
	{name: "networks", spec: spec.Project{Networks: map[string]string{"proxy": ""}, Profiles: []string{"stores"}}, words: []apartWord{
		{read: "http://front/env?WORD", from: "web:18080"}, {read: "http://proxied/env?WORD", from: "web:18080"},
		{read: "http://apart-linked/env?WORD", from: "web:18080"}}},
	{name: "subnet", words: []apartWord{{read: "STORE", write: "store:18081/file/name", from: "web:18080"}},
		refused: regexp.MustCompile("no configured subnet contains|not belong to any of this network's subnets")},
	{name: "builds", words: []apartWord{{read: "base:18080/env?WORD"}, {read: "follows:18081/env?WORD"}, {read: "layer:18082/env?WORD"}}},
	{name: "parts", spec: spec.Project{StablePorts: true}, words: []apartWord{
		{read: "http://apart-parts-store/file/name", write: "store:18081/file/name", from: "web:18080"}, both("store:18081/file/name")}},
}

// words tell two copies apart.
var words = [2]string{"first", "second"}

// both is a place that is both written and read.
func both(at string) apartWord { return apartWord{read: at, write: at} }

// Variables for TestUpCopiesStayApart when it runs on another engine.
const (
	onlyApart = "SEATRIAL_TEST_APART"      // the names of projects, instead of all
	noSubpath = "SEATRIAL_TEST_NO_SUBPATH" // the refusal of projects that need subpaths
)

func TestUpCopiesStayApart(t *testing.T) {
	t.Parallel()
	img := probe(t)
	before := checkout(t, "testdata/apart")
	// The check must fail if both copies have the same name.
	controls := enginetest.Sample(t, "SEATRIAL_CONTROLS", 1, len(apart), "projects whose copies are also given one name")
	control := rand.Perm(len(apart))[:controls]
	t.Run("projects", func(t *testing.T) {
		for i, p := range apart {
			if only := os.Getenv(onlyApart); only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
				continue
			}
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				start := func(t seatrial.T, word string, up func(seatrial.T, spec.Project) *seatrial.Project) *seatrial.Project {
					s := p.spec
					s.Files = []string{"testdata/apart/" + p.name}
					s.Images = map[string]string{"example/probe:1": img.Ref}
					s.Env = map[string]string{"WORD": word}
					return up(t, s)
				}
				if lack := os.Getenv(noSubpath); p.subpath && lack != "" {
					mustFail(t, lack, func(t seatrial.T) { start(t, words[0], seatrial.Up) })
					return
				}
				var copies [2]*seatrial.Project
				seatrial.Together(t,
					func(t seatrial.T) { copies[0] = start(t, words[0], seatrial.Up) },
					func(t seatrial.T) { copies[1] = start(t, words[1], seatrial.Up) })
				for _, w := range p.words {
					if got := w.exchange(t, copies, words); got != words {
						t.Errorf("the copies have %q at %q, want %q", got, w.read, words)
					}
				}
				if !slices.Contains(control, i) {
					return
				}
				err := seatrial.Try(t, func(t seatrial.T) { copies[1] = start(t, words[1], seatrial.UpAs(copies[0].Name)) })
				if err != nil && p.refused != nil && p.refused.MatchString(err.Error()) {
					return
				} else if err != nil {
					t.Fatal(err)
				}
				if copies[1].Name != copies[0].Name {
					t.Fatalf("the projects are %s and %s, want one name", copies[0].Name, copies[1].Name)
				}
				for _, w := range p.words {
					if got := w.exchange(t, copies, words); got == words {
						t.Errorf("two projects of one name have %q at %q, too: this test cannot fail", got, w.read)
					}
				}
			})
		}
	})
	if after := checkout(t, "testdata/apart"); !slices.Equal(before, after) {
		t.Errorf("the checkout has changed:\n%s\nit was\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}

// exchange writes a word into each copy, and then reads those of both.
func (w apartWord) exchange(t *testing.T, copies [2]*seatrial.Project, words [2]string) (got [2]string) {
	t.Helper()
	if w.write != "" {
		for i, app := range copies {
			enginetest.Put(t, urlOf(t, app, w.write), words[i])
		}
	}
	for i, app := range copies {
		at := w.read
		switch at {
		case "ADVERTISED":
			got[i] = enginetest.Get(t, enginetest.Get(t, urlOf(t, app, "store:18080/env?ADVERTISED_URL"))+"/env?WORD")
			continue
		case "STORE":
			at = enginetest.Get(t, urlOf(t, app, w.from+"/env?STORE")) + "/file/name"
		}
		if w.from != "" {
			got[i] = enginetest.Get(t, urlOf(t, app, w.from+"/fetch?"+at))
		} else {
			got[i] = enginetest.Get(t, urlOf(t, app, at))
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

// checkout lists a directory, with modes and sizes.
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

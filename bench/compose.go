// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/spec"
)

// levels are eight services, each of which waits until one of the level below is healthy.
var levels = [][]string{{"db", "cache", "queue"}, {"orders", "users", "search"}, {"web", "admin"}}

// A project is a directory with a Compose file whose services each publish a port.
type project struct {
	dir, file string
	services  []string
	ports     []int // of the machine
}

// project writes a project; only its last service uses the variable CHANGED.
func (b *bed) project(name string, levels [][]string) (*project, error) {
	p := &project{dir: filepath.Join(b.dir, name)}
	p.file = filepath.Join(p.dir, "compose.yaml")
	for _, services := range levels {
		p.services = append(p.services, services...)
	}
	var err error
	if p.ports, err = freePorts(len(p.services)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return nil, err
	}
	return p, os.WriteFile(p.file, []byte(p.text(b.probe, levels)), 0o644)
}

func (p *project) text(image string, levels [][]string) string {
	var text strings.Builder
	text.WriteString("services:\n")
	n := 0
	for level, services := range levels {
		for i, service := range services {
			fmt.Fprintf(&text, "  %s:\n    image: %s\n    command: [-serve, ':80']\n    ports: ['127.0.0.1:%d:80']\n", service, image, p.ports[n])
			if level > 0 {
				below := levels[level-1]
				fmt.Fprintf(&text, "    depends_on: {%s: {condition: service_healthy}}\n", below[i%len(below)])
			}
			if n++; n == len(p.services) {
				text.WriteString("    environment: {CHANGED: '${CHANGED:-0}'}\n")
			}
		}
	}
	return text.String()
}

// addresses returns the services' addresses as the file has them.
func (p *project) addresses() (all []string) {
	for _, port := range p.ports {
		all = append(all, "127.0.0.1:"+strconv.Itoa(port))
	}
	return all
}

// ofOurs returns the services' addresses in a project of seatrial.
func (p *project) ofOurs(t seatrial.T, up *seatrial.Project) (all []string) {
	for _, service := range p.services {
		all = append(all, up.Service(t, service).Addr(t, 80))
	}
	return all
}

// name is the project's name for docker compose.
func (p *project) name() string { return mark + "-" + filepath.Base(p.dir) }

// compose runs docker compose on the project.
func (p *project) compose(b *bed, env []string, args ...string) error {
	_, err := output(p.command(b, env, args...))
	return err
}

func (p *project) command(b *bed, env []string, args ...string) *exec.Cmd {
	c := exec.CommandContext(b.ctx, "docker", append([]string{"compose", "--project-name", p.name(), "--file", p.file}, args...)...)
	c.Env = append(os.Environ(), env...)
	return c
}

// down removes what is left of the project.
func (p *project) down() {
	_, _ = quiet("docker", "compose", "--project-name", p.name(), "--file", p.file, "down", "--volumes", "--timeout", "0")
}

func composeRows() []row {
	return []row{{
		name: "compose", work: "a Compose project of eight services in three levels of health checks, until each has answered a request, and until all of it is gone",
		aim:     "≤ 0.8 ready, ≤ 0.2 gone",
		guards:  []guard{{"ready", "docker compose up --wait, down", 1.5}, {"gone", "docker compose up --wait, down", 1.2}},
		prepare: prepareCompose,
	}, {
		name: "update", work: "one service of eight changed, until it is ready again", aim: "≤ 0.8",
		prepare: prepareUpdate,
	}, {
		name: "copies", work: "copies of a project of two services at once, until each has answered a request, and until all of them are gone", aim: "≤ 1.03 of docker compose, which has files that were changed for it; flat memory",
		unit: "ms, MB", runs: 3,
		prepare: prepareCopies,
	}, {
		name: "packages", work: fmt.Sprintf("the second run of %d processes at once, as those of packages, that use a project of two services, until each has had an answer and ended", packages), aim: "0 starts, ≤ 0.1",
		unit:    "starts, ms",
		prepare: preparePackages,
	}}
}

// prepareCopies starts several copies at once: for seatrial of one unchanged file, for the others of
// as many files with different ports.
func prepareCopies(b *bed) ([]side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	const most = 16
	var copies []*project
	for i := range most {
		p, err := b.project("copy"+strconv.Itoa(i), [][]string{{"db"}, {"web"}})
		if err != nil {
			return nil, err
		}
		copies = append(copies, p)
		b.tidys = append(b.tidys, p.down)
	}
	each := func(run func(n int) (footprint, error)) func() (sample, error) {
		return func() (s sample, err error) {
			for _, n := range []int{2, 8, most} {
				f, err := run(n)
				if err != nil {
					return nil, err
				}
				s = append(s, f.figures(strconv.Itoa(n))...)
			}
			return s, nil
		}
	}
	module := b.composeModule()
	return []side{{"seatrial.Up", each(func(n int) (footprint, error) {
		return footprintWithCommands(exec.CommandContext(b.ctx, self, "child", "copies", copies[0].file, strconv.Itoa(n)))
	})}, {"docker compose up --wait, down", each(func(n int) (f footprint, err error) {
		var mu sync.Mutex
		do := func(p *project, args ...string) error {
			c := p.command(b, nil, args...)
			_, err := output(c)
			mu.Lock()
			defer mu.Unlock()
			f.Processor += processorIn(c)
			return err
		}
		began := time.Now()
		err = parallel.Do(copies[:n], func(p *project) error {
			return errors.Join(do(p, "up", "--detach", "--wait"), b.answered(p.addresses()...))
		})
		f.Ready = since(began)
		over := time.Now()
		err = errors.Join(err, parallel.Do(copies[:n], func(p *project) error { return do(p, "down", "--volumes") }))
		f.Gone = since(over)
		return f, err
	})}, {"testcontainers-go's Compose module", each(func(n int) (footprint, error) { return module(copies[:n]...) })}}, nil
}

// printCopies starts copies of a project in this process, and prints its footprint.
func printCopies(file, count string) error {
	n, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	b, p := &bed{ctx: context.Background()}, &project{file: file, services: []string{"db", "web"}}
	var ready float64
	var over time.Time
	err = asTest(func(t *enginetest.Recorder) {
		began := time.Now()
		failed := parallel.Do(make([]struct{}, n), func(struct{}) error {
			return b.answered(p.ofOurs(t, seatrial.Up(t, spec.Project{Files: []string{p.file}}))...)
		})
		if failed != nil {
			t.Errorf("%v", failed)
		}
		ready, over = since(began), time.Now()
	})
	if err != nil {
		return err
	}
	gone := since(over)
	f, _ := takenNow() // where it cannot be read, it is not shown
	f.Ready, f.Gone = ready, gone
	return json.NewEncoder(os.Stdout).Encode(f)
}

// composeModule returns a function that starts and removes projects by testcontainers-go's Compose
// module, in a process of its own.
func (b *bed) composeModule() func(projects ...*project) (footprint, error) {
	program := sync.OnceValues(func() (string, error) { return b.program("bench/testdata/compose", ".") })
	return func(projects ...*project) (footprint, error) {
		command, err := program()
		if err != nil {
			return footprint{}, err
		}
		var args []string
		for _, p := range projects {
			args = append(args, strings.Join(append([]string{p.name(), p.file}, p.addresses()...), ","))
		}
		c := exec.CommandContext(b.ctx, command, args...)
		c.Env = append(os.Environ(), "TESTCONTAINERS_RYUK_DISABLED=true")
		return footprintWithCommands(c)
	}
}

const packages = 10

// warm is how long the shared project stays, which is from one run to the next.
const warm = time.Minute

// preparePackages starts processes at once that share a project that an earlier process has
// started, or have one each.
func preparePackages(b *bed) ([]side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := b.project("packages", [][]string{{"db"}, {"web"}})
	if err != nil {
		return nil, err
	}
	use := func(how string) (string, error) { return b.command(self, "child", "share", how, p.file) }
	by := func(how string, before func() error) func() (sample, error) {
		return func() (sample, error) {
			if err := before(); err != nil {
				return nil, err
			}
			from, err := b.engineTime()
			if err != nil {
				return nil, err
			}
			began := time.Now()
			err = parallel.Do(make([]struct{}, packages), func(struct{}) error {
				_, err := use(how)
				return err
			})
			took := since(began)
			if err != nil {
				return nil, err
			}
			started, err := b.started(from, "db")
			return sample{{"starts of the project", float64(started)}, {"over", took}}, err
		}
	}
	var shared string
	b.tidys = append(b.tidys, func() {
		if shared != "" {
			_, _ = quiet("docker", "compose", "--project-name", shared, "down", "--volumes", "--timeout", "0")
		}
	})
	return []side{{"seatrial.Shared", by("shared", func() (err error) {
		shared, err = use("shared")
		return err
	})}, {"seatrial.Up in each", by("private", func() error { return nil })}}, nil
}

func (b *bed) engineTime() (string, error) {
	return b.command("docker", "info", "--format", "{{.SystemTime}}")
}

// started counts the starts of a service, in whatever project, since a time of the engine's clock.
func (b *bed) started(since, service string) (int, error) {
	until, err := b.engineTime()
	if err != nil {
		return 0, err
	}
	ids, err := b.command("docker", "events", "--since", since, "--until", until, "--filter", "type=container", "--filter", "event=start",
		"--filter", "label=com.docker.compose.service="+service, "--filter", "image="+b.probe, "--format", "{{.Actor.ID}}")
	return len(strings.Fields(ids)), err
}

// useHere uses a project in this process, shared or not, and prints its name.
func useHere(how, file string) error {
	b, p := &bed{ctx: context.Background()}, &project{file: file, services: []string{"db", "web"}}
	return asTest(func(t *enginetest.Recorder) {
		project := spec.Project{Files: []string{file}}
		var up *seatrial.Project
		if how == "shared" {
			up = seatrial.Shared(t, spec.Shared{Name: mark, Project: project, Warm: warm})
		} else {
			up = seatrial.Up(t, project)
		}
		if err := b.answered(p.ofOurs(t, up)...); err != nil {
			t.Errorf("%v", err)
		}
		fmt.Println(up.Name)
	})
}

func prepareCompose(b *bed) ([]side, error) {
	p, err := b.project("eight", levels)
	if err != nil {
		return nil, err
	}
	module := b.composeModule()
	b.tidys = append(b.tidys, p.down)
	return []side{{"seatrial.Up", func() (sample, error) {
		var ready float64
		var over time.Time
		err := asTest(func(t *enginetest.Recorder) {
			began := time.Now()
			up := seatrial.Up(t, spec.Project{Files: []string{p.file}})
			if err := b.answered(p.ofOurs(t, up)...); err != nil {
				t.Errorf("%v", err)
			}
			ready, over = since(began), time.Now()
		})
		return sample{{"ready", ready}, {"gone", since(over)}}, err
	}}, {"docker compose up --wait, down", func() (sample, error) {
		began := time.Now()
		err := p.compose(b, nil, "up", "--detach", "--wait")
		if err == nil {
			err = b.answered(p.addresses()...)
		}
		ready, over := since(began), time.Now()
		err = errors.Join(err, p.compose(b, nil, "down", "--volumes"))
		return sample{{"ready", ready}, {"gone", since(over)}}, err
	}}, {"testcontainers-go's Compose module", func() (sample, error) {
		took, err := module(p)
		return sample{{"ready", took.Ready}, {"gone", took.Gone}}, err
	}}, {"raw Engine API, rm --force of all at once", func() (sample, error) {
		if err := p.compose(b, nil, "up", "--detach"); err != nil {
			return nil, err
		}
		list, err := b.api.ContainerList(b.ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("label", "com.docker.compose.project="+p.name())})
		if err != nil {
			return nil, err
		}
		began := time.Now()
		err = parallel.Do(list.Items, func(c container.Summary) error {
			_, err := b.api.ContainerRemove(b.ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			return err
		})
		if err == nil {
			_, err = b.api.NetworkRemove(b.ctx, p.name()+"_default", client.NetworkRemoveOptions{})
		}
		return sample{{"gone", since(began)}}, err
	}}}, nil
}

func prepareUpdate(b *bed) ([]side, error) {
	p, err := b.project("updated", levels)
	if err != nil {
		return nil, err
	}
	if err := p.compose(b, nil, "up", "--detach", "--wait"); err != nil {
		return nil, err
	}
	test := newLasting()
	b.tidys = append(b.tidys, p.down, test.end)
	asSpec := func(n int) spec.Project {
		return spec.Project{Files: []string{p.file}, Env: map[string]string{"CHANGED": strconv.Itoa(n)}}
	}
	var up *seatrial.Project
	if err := test.do(func(t *enginetest.Recorder) { up = seatrial.Up(t, asSpec(0)) }); err != nil {
		return nil, err
	}
	n := 0
	return []side{{"Project.Update", func() (sample, error) {
		n++
		began := time.Now()
		err := test.do(func(t *enginetest.Recorder) { up.Update(t, asSpec(n)) })
		return sample{{"updated", since(began)}}, err
	}}, {"docker compose up --wait", func() (sample, error) {
		n++
		began := time.Now()
		err := p.compose(b, []string{"CHANGED=" + strconv.Itoa(n)}, "up", "--detach", "--wait")
		return sample{{"updated", since(began)}}, err
	}}}, nil
}

func commandRows() []row {
	return []row{{
		name: "run", work: "a command that does nothing, beside a project of two services that it is started and removed for", aim: "≤ 0.9",
		prepare: func(b *bed) ([]side, error) {
			p, err := b.project("two", [][]string{{"db"}, {"web"}})
			if err != nil {
				return nil, err
			}
			command, err := b.program(".", "./cmd/seatrial")
			if err != nil {
				return nil, err
			}
			b.tidys = append(b.tidys, p.down)
			return []side{{"seatrial run -- true", func() (sample, error) {
				began := time.Now()
				c := exec.CommandContext(b.ctx, command, "run", "--", "true")
				c.Dir = p.dir
				_, err := output(c)
				return sample{{"over", since(began)}}, err
			}}, {"docker compose up --wait && true; down", func() (sample, error) {
				began := time.Now()
				err := errors.Join(p.compose(b, nil, "up", "--detach", "--wait"), exec.Command("true").Run(), p.compose(b, nil, "down", "--volumes"))
				return sample{{"over", since(began)}}, err
			}}}, nil
		},
	}}
}

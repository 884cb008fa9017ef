// SPDX-License-Identifier: Apache-2.0

package main

import (
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

// compose runs docker compose on the project.
func (p *project) compose(b *bed, env []string, args ...string) error {
	c := exec.CommandContext(b.ctx, "docker", append([]string{"compose", "--project-name", mark + "-" + filepath.Base(p.dir), "--file", p.file}, args...)...)
	c.Env = append(os.Environ(), env...)
	_, err := output(c)
	return err
}

// down removes what is left of the project.
func (p *project) down() {
	_, _ = quiet("docker", "compose", "--project-name", mark+"-"+filepath.Base(p.dir), "--file", p.file, "down", "--volumes", "--timeout", "0")
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
		name: "copies", work: "copies of a project of two services at once, until each has answered a request, and until all of them are gone", aim: "no more than docker compose, for files that were changed for it",
		prepare: prepareCopies,
	}}
}

// prepareCopies starts several copies at once: for seatrial of one unchanged file, for docker
// compose of as many files with different ports.
func prepareCopies(b *bed) ([]side, error) {
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
	each := func(run func(n int) (ready, gone float64, err error)) func() (sample, error) {
		return func() (s sample, err error) {
			for _, n := range []int{2, 8, most} {
				ready, gone, err := run(n)
				if err != nil {
					return nil, err
				}
				s = append(s, figure{fmt.Sprintf("%d ready", n), ready}, figure{fmt.Sprintf("%d gone", n), gone})
			}
			return s, nil
		}
	}
	return []side{{"seatrial.Up", each(func(n int) (ready, gone float64, err error) {
		var over time.Time
		err = asTest(func(t *enginetest.Recorder) {
			began := time.Now()
			failed := parallel.Do(copies[:n], func(*project) error {
				return b.answered(copies[0].ofOurs(t, seatrial.Up(t, spec.Project{Files: []string{copies[0].file}}))...)
			})
			if failed != nil {
				t.Errorf("%v", failed)
			}
			ready, over = since(began), time.Now()
		})
		return ready, since(over), err
	})}, {"docker compose up --wait, down", each(func(n int) (ready, gone float64, err error) {
		began := time.Now()
		err = parallel.Do(copies[:n], func(p *project) error {
			return errors.Join(p.compose(b, nil, "up", "--detach", "--wait"), b.answered(p.addresses()...))
		})
		ready, over := since(began), time.Now()
		err = errors.Join(err, parallel.Do(copies[:n], func(p *project) error { return p.compose(b, nil, "down", "--volumes") }))
		return ready, since(over), err
	})}}, nil
}

func prepareCompose(b *bed) ([]side, error) {
	p, err := b.project("eight", levels)
	if err != nil {
		return nil, err
	}
	module := sync.OnceValues(func() (string, error) { return b.program("bench/testdata/compose", ".") })
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
		program, err := module()
		if err != nil {
			return nil, err
		}
		c := exec.CommandContext(b.ctx, program, append([]string{p.file}, p.addresses()...)...)
		c.Env = append(os.Environ(), "TESTCONTAINERS_RYUK_DISABLED=true")
		out, err := output(c)
		if err != nil {
			return nil, err
		}
		var took struct{ Ready, Gone float64 }
		err = json.Unmarshal([]byte(out[strings.LastIndex(out, "\n")+1:]), &took)
		return sample{{"ready", took.Ready}, {"gone", took.Gone}}, err
	}}, {"raw Engine API, rm --force of all at once", func() (sample, error) {
		if err := p.compose(b, nil, "up", "--detach"); err != nil {
			return nil, err
		}
		list, err := b.api.ContainerList(b.ctx, client.ContainerListOptions{All: true, Filters: client.Filters{}.Add("label", "com.docker.compose.project="+mark+"-"+filepath.Base(p.dir))})
		if err != nil {
			return nil, err
		}
		began := time.Now()
		err = parallel.Do(list.Items, func(c container.Summary) error {
			_, err := b.api.ContainerRemove(b.ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			return err
		})
		if err == nil {
			_, err = b.api.NetworkRemove(b.ctx, mark+"-"+filepath.Base(p.dir)+"_default", client.NetworkRemoveOptions{})
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

// SPDX-License-Identifier: Apache-2.0

package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/client"

	"github.com/seatrial/seatrial/tailor"
)

// A project is files that docker compose is given.
type project struct {
	host  string // the engine's
	api   *client.Client
	dir   string
	files []string
	args  []string // profiles
	env   []string
	made  []string // env files, relative to the work directory
}

// compose runs a docker compose command.
func (p *project) compose(ctx context.Context, name string, env []string, more ...string) (stdout, stderr string, err error) {
	args := []string{"compose", "--ansi", "never", "--progress", "plain", "-p", name, "--project-directory", p.dir}
	args = append(args, p.args...)
	for _, f := range p.files {
		args = append(args, "-f", f)
	}
	ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "docker", append(args, more...)...)
	cmd.Dir = p.dir
	cmd.Env = append(append(append([]string{"PWD=" + p.dir}, p.env...), env...), "DOCKER_HOST="+p.host, "DOCKER_CONFIG="+os.Getenv("DOCKER_CONFIG"))
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err = cmd.Run()
	return o.String(), e.String(), err
}

var missingEnvFile = regexp.MustCompile(`env file (/\S+) not found`)

// config returns the model of the project. Env files that are not there, as they
// are not part of the corpus, are made, empty.
func (p *project) config(ctx context.Context, work string, env []string) (map[string]any, error) {
	for range 20 {
		out, stderr, err := p.compose(ctx, "config", env, "config", "--format", "json")
		if err == nil {
			var model map[string]any
			return model, json.Unmarshal([]byte(out), &model)
		}
		m := missingEnvFile.FindStringSubmatch(stderr)
		if m == nil || !strings.HasPrefix(m[1], work) || touch(m[1]) != nil {
			return nil, fmt.Errorf("%w: %s", err, last(stderr, 3))
		}
		rel, _ := filepath.Rel(work, m[1])
		p.made = append(p.made, rel)
	}
	return nil, fmt.Errorf("too many env files are missing")
}

// An attempt is what came of two copies.
type attempt struct {
	Reasons []string            `json:"reasons,omitempty"` // short, for counting
	Details []string            `json:"details,omitempty"`
	Names   map[string][]string `json:"names,omitempty"` // "service name" → services that it means
	Seconds int                 `json:"seconds"`
}

func (a *attempt) add(reason, format string, args ...any) {
	if !slices.Contains(a.Reasons, reason) {
		a.Reasons = append(a.Reasons, reason)
	}
	a.Details = append(a.Details, reason+": "+fmt.Sprintf(format, args...))
}

// reasons sort what docker compose says.
var reasons = []struct {
	name    string
	pattern *regexp.Regexp
}{
	{"container name", regexp.MustCompile(`container name .* is already in use`)},
	{"host port", regexp.MustCompile(`port is already allocated|address already in use|ports are not available`)},
	{"subnet", regexp.MustCompile(`Pool overlaps|pool overlaps`)},
	{"no such network driver", regexp.MustCompile(`overlay|macvlan|ipvlan|swarm`)},
	{"no such address", regexp.MustCompile(`cannot assign requested address`)},
	{"external secret", regexp.MustCompile(`unsupported external (secret|config)`)},
}

func (a *attempt) addStart(id, stderr string) {
	for _, r := range reasons {
		if r.pattern.MatchString(stderr) {
			a.add(r.name, "%s: %s", id, last(stderr, 4))
			return
		}
	}
	a.add("other", "%s: %s", id, last(stderr, 6))
}

// twice starts two copies at once, and finds out what they share.
func (p *project) twice(ctx context.Context, model map[string]any, work, kind string, names []string, plan *tailor.Plan, values func(copy int) []string) (*attempt, error) {
	began, a := time.Now(), &attempt{Names: map[string][]string{}}
	s := &stage{model, work}
	if err := external(ctx, p.api, model); err != nil {
		return nil, err
	}
	ids := []string{kind + "a", kind + "b"}
	var wg sync.WaitGroup
	outs, errs := make([]string, 2), make([]error, 2)
	for i, id := range ids {
		if err := os.MkdirAll(filepath.Join(work, id, "control"), 0o777); err != nil {
			return nil, err
		}
		var copies []tailor.Copy
		var env []string
		if plan != nil {
			copies, env = plan.Copies, values(i)
		}
		override, err := s.override(id, filepath.Join(work, id, "control"), names, copies)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(work, id, "standin.yaml")
		if err := os.WriteFile(file, []byte(override), 0o666); err != nil {
			return nil, err
		}
		own := *p
		own.files = append(slices.Clone(p.files), file)
		wg.Go(func() { _, outs[i], errs[i] = own.compose(ctx, id, env, "up", "-d") })
	}
	wg.Wait()
	for i, id := range ids {
		if errs[i] != nil {
			a.addStart(id, outs[i])
		}
	}
	running, err := p.running(ctx, a, s.jobs())
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if err := touch(filepath.Join(work, id, "control", "go")); err != nil {
			return nil, err
		}
	}
	if err := a.read(work, ids, running); err != nil {
		return nil, err
	}
	a.Seconds = int(time.Since(began).Seconds())
	return a, nil
}

// external makes what the file expects to find on the machine.
func external(ctx context.Context, api *client.Client, model map[string]any) error {
	made := map[string]bool{}
	for _, kind := range []string{"networks", "volumes"} {
		for key, r := range object(model[kind]) {
			if object(r)["external"] != true {
				continue
			}
			name, ok := object(r)["name"].(string)
			if !ok {
				name = key
			}
			if made[kind+name] {
				continue
			}
			made[kind+name] = true
			var err error
			if kind == "networks" && name != "host" && name != "bridge" && name != "none" {
				_, err = api.NetworkCreate(ctx, name, client.NetworkCreateOptions{})
			} else if kind == "volumes" {
				_, err = api.VolumeCreate(ctx, client.VolumeCreateOptions{Name: name})
			}
			if err != nil {
				return fmt.Errorf("making what is external: %w", err)
			}
		}
	}
	return nil
}

// running returns how many stand-ins will report. Those that don't run, though
// they should, are reasons.
func (p *project) running(ctx context.Context, a *attempt, jobs map[string]bool) (int, error) {
	list, err := p.api.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, c := range list.Items {
		switch service := c.Labels["com.docker.compose.service"]; {
		case jobs[service]:
		case c.State == "running":
			n++
		case len(a.Reasons) == 0:
			a.add("not running", "%s %s: %s", c.Labels["com.docker.compose.project"], service, c.Status)
		}
	}
	return n, nil
}

// read reads the reports of so many stand-ins.
func (a *attempt) read(work string, ids []string, running int) error {
	var files []string
	for end := time.Now().Add(time.Minute); len(files) < running && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		files, _ = filepath.Glob(filepath.Join(work, "?[ab]", "control", "report-*"))
	}
	if len(files) < running {
		a.add("no report", "%d of %d stand-ins reported", len(files), running)
	}
	for _, f := range files {
		var r struct {
			Service      string
			Trouble      []string
			Names, Marks map[string][]string
		}
		content, err := os.ReadFile(f)
		if err == nil {
			err = json.Unmarshal(content, &r)
		}
		if err != nil {
			return err
		}
		id := filepath.Base(filepath.Dir(filepath.Dir(f)))
		for _, t := range r.Trouble {
			reason := "trouble"
			if strings.Contains(t, "address already in use") {
				reason = "machine's network"
			}
			a.add(reason, "%s %s: %s", id, r.Service, t)
		}
		for name, who := range r.Names {
			var services []string
			for _, w := range who {
				copy, service, _ := strings.Cut(w, "/")
				if copy != id {
					a.add("name of the other copy", "%s %s: %s is %s", id, r.Service, name, w)
				}
				services = append(services, service)
			}
			if len(services) > 0 {
				slices.Sort(services)
				a.Names[r.Service+" "+name] = slices.Compact(services)
			}
		}
		for at, whose := range r.Marks {
			for _, w := range whose {
				if w != id && slices.Contains(ids, w) {
					a.add("writable mount", "%s %s: %s has the mark of %s", id, r.Service, at, w)
				}
			}
		}
	}
	slices.Sort(a.Reasons)
	slices.Sort(a.Details)
	return nil
}

// clean removes everything from the engine.
func clean(ctx context.Context, api *client.Client) error {
	list, err := api.ContainerList(ctx, client.ContainerListOptions{All: true})
	var wg sync.WaitGroup
	for _, c := range list.Items {
		wg.Go(func() {
			_, _ = api.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		})
	}
	wg.Wait()
	if err == nil {
		_, err = api.NetworkPrune(ctx, client.NetworkPruneOptions{})
	}
	if err == nil {
		_, err = api.VolumePrune(ctx, client.VolumePruneOptions{All: true})
	}
	if err == nil {
		list, err = api.ContainerList(ctx, client.ContainerListOptions{All: true})
	}
	if err == nil && len(list.Items) > 0 {
		err = fmt.Errorf("%d containers are left", len(list.Items))
	}
	if err != nil {
		return fmt.Errorf("cleaning the engine: %w", err)
	}
	return nil
}

func last(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

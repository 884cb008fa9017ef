// SPDX-License-Identifier: Apache-2.0

package standin

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
	"github.com/seatrial/seatrial/tailor"
)

// A result is what came of one file, as a line of JSON.
type result struct {
	File     string   `json:"file"`
	Rejected string   `json:"rejected,omitempty"` // by docker compose config
	Services int      `json:"services"`
	Plain    *attempt `json:"plain,omitempty"`
	Refused  []string `json:"refused,omitempty"`  // rules, without the preset
	Isolate  bool     `json:"isolate,omitempty"`  // tailored with the preset
	Hopeless []string `json:"hopeless,omitempty"` // rules, with it
	Tailored *attempt `json:"tailored,omitempty"`
	Lost     []string `json:"lost,omitempty"`  // names that mean something else, once tailored
	Error    string   `json:"error,omitempty"` // of this test
}

func (r *result) failed() bool {
	return r.Error != "" || r.Tailored != nil && (len(r.Tailored.Reasons) > 0 || len(r.Lost) > 0)
}

// Two copies of real files start at once, with the docker compose command and
// seatrial's override and nothing else, and share no port, no name and no writable
// mount: a program that stands in for all images looks from inside. How it goes
// without the override is measured, too.
//
// SEATRIAL_STANDIN is the number of files, SEATRIAL_STANDIN_ENGINES that of
// engines, with one file at a time each. SEATRIAL_STANDIN_RESULTS names a file that
// has the results, to which new ones are added: files in it are not tried again.
func TestStandIn(t *testing.T) {
	corpus := os.Getenv("SEATRIAL_CORPUS")
	if corpus == "" || testing.Short() {
		t.Skip("SEATRIAL_CORPUS names no directory with real files")
	}
	dockerd := enginetest.NeedDockerd(t, enginetest.Dockerd)
	number, engines := setting(t, "SEATRIAL_STANDIN", 5), setting(t, "SEATRIAL_STANDIN_ENGINES", 1)
	all := open(t, os.Getenv("SEATRIAL_STANDIN_RESULTS"))
	program := archive(t)
	files := make(chan string)
	var wg sync.WaitGroup
	for range engines {
		e := swarmtest.StartEngine(t, swarmtest.EngineSpec{Dockerd: dockerd, Args: []string{
			// Networks of the files' own choice are to collide with each other only.
			"--default-address-pool", "base=100.64.0.0/10,size=24", "--dns", "127.0.0.1",
			"--userland-proxy=false", "--log-driver", "none"}}) // which only cost time
		cmd := exec.Command("docker", "-H", e.Host(), "import", "-", image)
		cmd.Stdin = bytes.NewReader(program)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("importing the stand-in: %v\n%s", err, out)
		}
		api, err := client.New(client.WithHost(e.Host()))
		if err != nil {
			t.Fatal(err)
		}
		w := &worker{corpus: corpus, host: e.Host(), api: api, temp: t.TempDir()}
		wg.Go(func() {
			for file := range files {
				all.add(t, w.try(t.Context(), file))
			}
		})
	}
	end, ok := t.Deadline()
	for _, file := range shuffled(t, corpus) {
		if all.accepted()+engines > number && all.accepted() >= number || ok && time.Until(end) < 3*time.Minute {
			break
		}
		if only := os.Getenv("SEATRIAL_STANDIN_ONLY"); only != "" && !strings.Contains(file, only) {
			continue
		}
		if !all.has(file) {
			files <- file
		}
	}
	close(files)
	wg.Wait()
	all.report(t)
}

func setting(t *testing.T, name string, otherwise int) int {
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		t.Fatalf("%s is %q", name, value)
	}
	return n
}

// shuffled are the shipped files of Compose's style, always in the same order.
func shuffled(t *testing.T, corpus string) []string {
	content, err := os.ReadFile(filepath.Join(corpus, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var header, files []string
	for line := range strings.Lines(string(content)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if header == nil {
			header = fields
			continue
		}
		field := func(name string) string { return fields[slices.Index(header, name)] }
		if field("class") == "shipped" && field("stack_style") == "0" {
			files = append(files, field("file"))
		}
	}
	rand.New(rand.NewPCG(6, 3)).Shuffle(len(files), func(i, j int) { files[i], files[j] = files[j], files[i] })
	return files
}

// archive compiles the program, and returns the file system of its image.
func archive(t *testing.T) []byte {
	name := filepath.Join(t.TempDir(), "standin")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-tags=netgo", "-o", name, "./program")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compiling the stand-in: %v\n%s", err, out)
	}
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []*tar.Header{
		{Name: "tmp/", Mode: 0o1777, Typeflag: tar.TypeDir},
		{Name: "standin", Mode: 0o755, Size: int64(len(content)), Typeflag: tar.TypeReg},
	} {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A worker tries one file after the other on an engine of its own.
type worker struct {
	corpus, host, temp string
	api                *client.Client
	leased             int
}

func (w *worker) try(ctx context.Context, file string) *result {
	r := &result{File: file}
	if err := w.run(ctx, r); err != nil {
		r.Error = err.Error()
	}
	for _, a := range []*attempt{r.Plain, r.Tailored} {
		if a != nil {
			a.Names = nil // they were compared
		}
	}
	return r
}

func (w *worker) run(ctx context.Context, r *result) error {
	plain, err := w.unpack(r.File, "p")
	if err != nil {
		return err
	}
	defer os.RemoveAll(plain.work)
	base := tailor.BaseEnv(os.Environ())
	base["HOME"] = filepath.Join(plain.work, "home")
	given := blanks(ctx, plain.file, base)
	p := &project{host: w.host, api: w.api, dir: filepath.Dir(plain.file), files: []string{plain.file}, env: environ(base, given)}
	model, err := p.config(ctx, plain.work, nil)
	if err != nil {
		r.Rejected = err.Error()
		return nil
	}
	if r.Services = len(object(model["services"])); r.Services == 0 {
		r.Rejected = "no service is on"
		return nil
	}
	names := (&stage{model: model}).names()
	r.Plain, err = p.twice(ctx, model, plain.work, "p", names, nil, nil)
	if err := errors.Join(err, clean(ctx, w.api)); err != nil {
		return fmt.Errorf("plain: %w", err)
	}
	if err := w.tailored(ctx, r, names, p.made); err != nil {
		return fmt.Errorf("tailored: %w", err)
	}
	return nil
}

func (w *worker) tailored(ctx context.Context, r *result, names, envFiles []string) error {
	copied, err := w.unpack(r.File, "t")
	if err != nil {
		return err
	}
	defer os.RemoveAll(copied.work)
	base := tailor.BaseEnv(os.Environ())
	base["HOME"] = filepath.Join(copied.work, "home")
	given := blanks(ctx, copied.file, base)
	p := &project{host: w.host, api: w.api, dir: filepath.Dir(copied.file), files: []string{copied.file}, env: environ(base, given)}
	for _, name := range envFiles {
		if err := touch(filepath.Join(copied.work, name)); err != nil {
			return err
		}
	}
	s := spec.Project{Files: []string{copied.file}, Env: given}
	plan, err := tailor.Compose(ctx, s, tailor.Options{Base: base})
	if r.Refused = rules(err); r.Refused != nil {
		s.Isolate, r.Isolate = true, true
		plan, err = tailor.Compose(ctx, s, tailor.Options{Base: base})
		if r.Hopeless = rules(err); r.Hopeless != nil {
			return nil
		}
	}
	if err != nil {
		return err
	}
	p.dir, p.files, p.env = plan.Dir, plan.Files, environ(plan.Env, nil)
	for _, profile := range plan.Profiles {
		p.args = append(p.args, "--profile", profile)
	}
	if o := plan.Override(); o != nil {
		file := filepath.Join(copied.work, "tailored.yaml")
		if err := os.WriteFile(file, o, 0o666); err != nil {
			return err
		}
		p.files = append(p.files, file)
	}
	values := []map[string]string{w.lease(plan), w.lease(plan)}
	model, err := p.config(ctx, copied.work, environ(values[0], nil))
	if err != nil {
		return err
	}
	r.Tailored, err = p.twice(ctx, model, copied.work, "t", names, plan, func(i int) []string { return environ(values[i], nil) })
	if err := errors.Join(err, clean(ctx, w.api)); err != nil {
		return err
	}
	for at, services := range r.Plain.Names {
		got := r.Tailored.Names[at]
		for _, service := range services { // some may not have been there, if not all came up
			if !slices.Contains(got, service) && len(r.Tailored.Reasons) == 0 {
				r.Lost = append(r.Lost, fmt.Sprintf("%s was %v, and is %v", at, services, got))
				break
			}
		}
	}
	slices.Sort(r.Lost)
	return nil
}

// A copied file is in a directory of its own, with all that is beside it.
type copied struct{ work, file string }

func (w *worker) unpack(file, kind string) (copied, error) {
	work, err := os.MkdirTemp(w.temp, kind)
	if err != nil {
		return copied{}, err
	}
	parts := strings.SplitN(filepath.ToSlash(file), "/", 3) // files/owner+repository/…
	root := filepath.Join(work, "checkout")
	err = copyAll(filepath.Join(w.corpus, parts[0], parts[1]), root)
	return copied{work, filepath.Join(root, parts[2])}, err
}

// blanks gives a value to each variable that has none, where a blank would break
// the file: their files are not in the corpus.
func blanks(ctx context.Context, file string, base map[string]string) map[string]string {
	plan, _ := tailor.Compose(ctx, spec.Project{Files: []string{file}}, tailor.Options{Base: base})
	env := map[string]string{}
	if plan == nil {
		return env
	}
	for _, f := range plan.Findings {
		if name, ok := strings.CutPrefix(f.What, "variable "); ok && f.Severity == tailor.Refuse {
			name, _, _ = strings.Cut(name, " ")
			env[name] = "1"
			if strings.Contains(f.Path, "volumes") {
				env[name] = "./given" // a path
			}
		}
	}
	return env
}

func environ(env, more map[string]string) []string {
	var all []string
	for _, m := range []map[string]string{env, more} {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			all = append(all, name+"="+m[name])
		}
	}
	return all
}

// rules returns why a plan was refused, if it was.
func rules(err error) []string {
	var refused *tailor.RefusedError
	if !errors.As(err, &refused) {
		return nil
	}
	var all []string
	for _, f := range refused.Findings {
		all = append(all, f.Rule)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// lease gives values to the variables of a plan: numbers below those that the
// kernel takes by itself, and ranges that no other copy on the engine has.
func (w *worker) lease(plan *tailor.Plan) map[string]string {
	values := map[string]string{}
	for _, p := range plan.Leases.Ports {
		values[p.Variable] = fmt.Sprint(20000 + w.leased%10000)
		w.leased++
	}
	for _, s := range plan.Leases.Subnets {
		from := netip.MustParsePrefix(s.Subnet)
		n := byte(w.leased % 200)
		w.leased++
		to := netip.AddrFrom4([4]byte{10, 20 + n, 0, 0})
		switch {
		case from.Addr().Is6():
			to = netip.MustParseAddr(fmt.Sprintf("fd%02x::", n))
		case from.Bits() < 16:
			to = netip.AddrFrom4([4]byte{20 + n%40, 0, 0, 0})
		}
		v, err := s.Values(netip.PrefixFrom(to, from.Bits()))
		if err != nil {
			panic(err) // it is of the same size
		}
		maps.Copy(values, v)
	}
	for _, c := range plan.Contexts {
		values[c.Variable] = "/none" // nothing is built
	}
	return values
}

// results collects the results, in a file if there is one.
type results struct {
	mu   sync.Mutex
	all  []*result
	file *os.File
}

func open(t *testing.T, name string) *results {
	all := &results{}
	if name == "" {
		return all
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o666)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	all.file = f
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		r := &result{}
		if err := json.Unmarshal(lines.Bytes(), r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all.all = append(all.all, r)
	}
	return all
}

func (rs *results) has(file string) bool {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return slices.ContainsFunc(rs.all, func(r *result) bool { return r.File == file })
}

// accepted is the number of files that docker compose config takes.
func (rs *results) accepted() int {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	n := 0
	for _, r := range rs.all {
		if r.Rejected == "" {
			n++
		}
	}
	return n
}

func (rs *results) add(t *testing.T, r *result) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.all = append(rs.all, r)
	if rs.file == nil {
		return
	}
	line, err := json.Marshal(r)
	if err == nil {
		_, err = rs.file.Write(append(line, '\n'))
	}
	if err != nil {
		t.Error(err)
	}
}

func (rs *results) report(t *testing.T) {
	var n, services, before, planned, after, preset, presetAfter, hopeless int
	whyBefore, whyAfter, whyHopeless := map[string]int{}, map[string]int{}, map[string]int{}
	for _, r := range rs.all {
		if r.failed() {
			t.Errorf("%s: %s %v %v", r.File, r.Error, r.Tailored, r.Lost)
		}
		if r.Rejected != "" || r.Plain == nil {
			continue
		}
		n++
		services += r.Services
		if len(r.Plain.Reasons) == 0 {
			before++
		}
		for _, why := range r.Plain.Reasons {
			whyBefore[why]++
		}
		ok := !r.failed()
		switch {
		case r.Hopeless != nil:
			hopeless++
			for _, why := range r.Hopeless {
				whyHopeless[why]++
			}
			continue
		case r.Isolate:
			preset++
			if ok {
				presetAfter++
			}
		default:
			planned++
			if ok {
				after++
			}
		}
		if !ok && r.Tailored != nil {
			for _, why := range r.Tailored.Reasons {
				whyAfter[why]++
			}
		}
	}
	t.Logf("%d files that docker compose takes, with %d services; %d others", n, services, len(rs.all)-n)
	t.Logf("before: %d start twice and share nothing; why not: %v", before, whyBefore)
	t.Logf("after: %d of %d planned by default, %d of %d with the preset; why not: %v", after, planned, presetAfter, preset, whyAfter)
	t.Logf("refused also with the preset: %d: %v", hopeless, whyHopeless)
}

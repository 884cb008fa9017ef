// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
)

const pageHead = `# How long things take, beside the peers

<!-- make bench writes this page, up to the line about what was done. -->

` + "`make bench`" + ` measures this: each side takes its turn, in an order that changes from round to round, on the same engine, in its
best configuration. What is measured once is ours first, then theirs, and ` + "`growth-environments`" + ` takes its steps in order. A number is
the median of the rounds, with where the middle half of them lies. A ratio is the median, over the rounds, of our number divided by
the peer's of the same round, so that a machine that becomes slower does not change it. It can differ from the ratio of the two
medians, most of all in row ` + "`wait`" + ` and with few rounds. Below 1 we are faster, or smaller.

What the peers are given: testcontainers-go looks every 10 ms, where 100 are its default, and has no reaper unless the table says so; the
stand-in for the reaper answers as it does, and removes nothing. It builds with the classic builder: asked for BuildKit, this version
broke off a large context each time, with ` + "`use of closed network connection`" + `; with a small one, as ` + "`build-once`" + ` has, BuildKit was
not tried. dockertest has no conditions: its ` + "`Retry`" + ` calls a function of ours, and waits for half a second, more or less, before
it calls it again. ` + "`docker compose down`" + ` asks each container to end, which they do at once; we remove by force.

Processor time in row ` + "`copies`" + ` is that of the test's process and of all commands that it runs; memory is that of the process alone, at most.
The builds of ` + "`build-once`" + ` are counted in BuildKit's history, and those of testcontainers-go by the images that came of them.
Rows ` + "`stack`" + ` and ` + "`swarm`" + ` start engines of their own. The 99th percentile of a few files is the slowest of them.

`

// own begins the part that people write below the tables, which is kept.
const own = "<!-- written by hand from here -->\n"

// writePage writes the page from the results, if there are those of all rows: a page of a part
// would take the place of the whole one.
func writePage(ctx context.Context, file, results string) error {
	var tables bytes.Buffer
	var missing []string
	for _, r := range rows() {
		res, err := readResult(filepath.Join(results, r.name+".json"))
		if os.IsNotExist(err) {
			missing = append(missing, r.name)
			continue
		} else if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		tables.WriteString(res.table(r.name))
	}
	if len(missing) > 0 {
		fmt.Printf("%s stays as it is, because these rows are not measured here: %s. make bench without ROW measures them.\n", file, strings.Join(missing, ", "))
		return nil
	}
	var b bytes.Buffer
	b.WriteString(pageHead)
	b.WriteString(machine(ctx, filepath.Dir(filepath.Dir(file))))
	b.Write(tables.Bytes())
	b.WriteString("\n" + own)
	if old, err := os.ReadFile(file); err == nil {
		if _, written, ok := strings.Cut(string(old), own); ok {
			b.WriteString(written)
		}
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		return err
	}
	fmt.Println("written:", file)
	return nil
}

func (r *result) table(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s%s\n\nRow `%s`, %s.", strings.ToUpper(r.Work[:1]), r.Work[1:], name, times(len(r.Sides[0].Runs)))
	if r.Aim != "" {
		fmt.Fprintf(&b, " The aim: %s.", r.Aim)
	}
	fmt.Fprintf(&b, "\n\n| | | %s | %s |\n|---|---|---|---|\n", r.Unit, cmp.Or(r.Ratio, "ours by theirs"))
	for _, figure := range r.figures() {
		for i, m := range r.Sides {
			all := m.of(figure)
			if len(all) == 0 {
				continue
			}
			s := spreadOf(all)
			ratio := ""
			if quotients := ratios(r.Sides[0].of(figure), all); i > 0 && len(quotients) > 0 {
				q := spreadOf(quotients)
				ratio = fmt.Sprintf("**%.2f** (%.2f to %.2f)", q.median, q.low, q.high)
				if q.low == q.high {
					ratio = fmt.Sprintf("**%.2f**", q.median)
				}
			}
			value := fmt.Sprintf("%s (%s to %s)", number(s.median), number(s.low), number(s.high))
			switch {
			case s.median < 0: // not a time: the awaited event did not come
				value, ratio = number(-s.median)+" too early", ""
			case s.low == s.high:
				value = number(s.median)
			}
			if early := tooEarly(all); early > 0 && s.median >= 0 {
				value += fmt.Sprintf("; %d too early", early)
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", figure, m.Who, value, ratio)
		}
	}
	for _, m := range r.Sides {
		if m.Failed != "" {
			fmt.Fprintf(&b, "\n%s cannot do it here: `%s`\n", m.Who, why(m.Failed))
		}
	}
	return b.String()
}

// tooEarly counts the runs that ended before what they waited for.
func tooEarly(all []float64) (n int) {
	for _, v := range all {
		if v < 0 {
			n++
		}
	}
	return n
}

// why returns the line of a failure that names its cause, without paths of this machine.
func why(failure string) string {
	line, rest, _ := strings.Cut(failure, "\n")
	line = cmp.Or(errorline.Of(nil, strings.Split(rest, "\n")), line)
	return path.ReplaceAllString(strings.ReplaceAll(line, "`", "'"), "$1")
}

// path is an absolute path; its last element is kept.
var path = regexp.MustCompile(`(?:/[\w.+-]+)+/([\w.+-]+)`)

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d runs", n)
}

func number(v float64) string {
	switch size := math.Abs(v); {
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// machine describes the machine, without names, and all that is measured.
func machine(ctx context.Context, root string) string {
	says := func(name string, args ...string) string {
		out, err := exec.CommandContext(ctx, name, args...).Output()
		if err != nil {
			return "unknown"
		}
		return strings.TrimSpace(string(out))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d processors%s, %s/%s, %s. Engine %s, docker compose %s, buildx %s.\n", runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		says("docker", "version", "--format", "{{.Server.Version}}"), says("docker", "compose", "version", "--short"), second(says("docker", "buildx", "version")))
	if info, ok := debug.ReadBuildInfo(); ok {
		var peers []string
		for _, dep := range info.Deps {
			switch dep.Path {
			case "github.com/testcontainers/testcontainers-go", "github.com/ory/dockertest/v3", "github.com/moby/moby/client":
				peers = append(peers, strings.TrimPrefix(dep.Path, "github.com/")+" "+dep.Version)
			}
		}
		peers = append(peers, strings.Split(strings.ReplaceAll(says("go", "-C", filepath.Join(root, "bench", "testdata", "compose"), "list", "-m", "-f", "{{.Path}} {{.Version}}",
			"github.com/testcontainers/testcontainers-go/modules/compose", "github.com/docker/compose/v5"), "github.com/", ""), "\n")...)
		fmt.Fprintf(&b, "Peers: %s. The raw API is that of moby/moby/client, with nothing around it.\n", strings.Join(peers, ", "))
	}
	return b.String()
}

func second(text string) string {
	if words := strings.Fields(text); len(words) > 1 {
		return words[1]
	}
	return text
}

// memory returns the size of the machine's memory, if the kernel shows it.
func memory() string {
	content, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return ""
	}
	var kib int
	if _, err := fmt.Sscanf(string(content), "MemTotal: %d kB", &kib); err != nil {
		return ""
	}
	return fmt.Sprintf(", %d GiB of memory", (kib+1<<19)>>20)
}

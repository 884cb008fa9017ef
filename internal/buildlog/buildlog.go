// SPDX-License-Identifier: Apache-2.0

package buildlog

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/lazyregexp"
)

// A Failure is the step that failed.
type Failure struct {
	Line    int      // of the Dockerfile; 0 if the step is none of it
	Step    string   // as the Dockerfile has it: RUN go build ./...
	Why     string   // exit code 1, or what BuildKit says
	Missing string   // what was to be copied from the context and is not there
	Output  []string // of the step
	Tail    []string // what buildx tells of the step at its end
}

// String tells the failure in one line: RUN go build ./...: exit code 1: main.go:3:2:
// undefined: shop.
func (f *Failure) String() string {
	text := f.Why
	if line := cmp.Or(errorline.OfExit(1, f.Output, nil), f.complaint()); line != "" {
		text += ": " + line
	}
	if f.Step != "" {
		text = short(f.Step) + ": " + text
	}
	return text
}

// complaint returns the last line of the step if a program of it says that, as programs do
// on stderr: sed: -e expression #1, char 5: unterminated `s' command.
func (f *Failure) complaint() string {
	for _, line := range slices.Backward(f.Output) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, _, ok := strings.Cut(line, ": ")
		if ok && slices.Contains(strings.Fields(f.Step), name) {
			return line
		}
		break
	}
	return ""
}

// How much of a step's command the first line of a message shows.
const mostStep = 80

func short(step string) string {
	step = strings.Join(strings.Fields(step), " ")
	from := elsewhere.FindString(step)
	step = options.ReplaceAllString(step, "$1"+from)
	if runes := []rune(step); len(runes) > mostStep {
		return string(runes[:mostStep]) + "…"
	}
	return step
}

var (
	announced = lazyregexp.New(`^#(\d+) \[([^\]]+)\] (.+)$`)
	printed   = lazyregexp.New(`^#(\d+) \d+\.\d+ ?(.*)$`)
	done      = lazyregexp.New(`^#(\d+) (?:DONE|CACHED|CANCELED)`)
	failed    = lazyregexp.New(`^#(\d+) ERROR: (.*)$`)
	atLine    = lazyregexp.New(`^\S+:(\d+)$`)
	heading   = lazyregexp.New(`^ > (\[[^\]]*\] |https?://)(.*):$`)
	inTail    = lazyregexp.New(`^\d+\.\d+ (.*)$`)
	exitCode  = lazyregexp.New(`did not complete successfully: exit code: (\d+)`)
	frames    = lazyregexp.New(`^(ERROR: )?((failed to build|failed to solve|failed to (?:compute|load) cache key|failed to calculate checksum of ref \S+|(?:\S+: )?failed to resolve source metadata for \S+|dockerfile parse error on line \d+): )*`)
	marked    = lazyregexp.New(`^ *\d+ \| >>> +(\S.*)$`)
	missing   = lazyregexp.New(`^"(/[^"]*)": not found$`)
)

// Failed returns the step that failed, by the lines that a build printed, or the last of
// them. It returns nil if they do not tell of one.
func Failed(lines []string) *Failure {
	f := &Failure{}
	output, steps, number := map[string][]string{}, map[string]string{}, ""
	written := ""   // the instruction, as the Dockerfile has it
	remote := false // BuildKit names what it fetches, not the instruction
	end := -1       // where buildx begins to tell of the failure
	for i, line := range lines {
		line = strings.TrimRight(line, "\r")
		switch {
		case end < 0 && announced.MatchString(line):
			m := announced.FindStringSubmatch(line)
			steps[m[1]] = m[3]
		case end < 0 && printed.MatchString(line):
			m := printed.FindStringSubmatch(line)
			output[m[1]] = append(output[m[1]], m[2])
		case end < 0 && failed.MatchString(line):
			m := failed.FindStringSubmatch(line)
			number, f.Why = m[1], m[2]
		case heading.MatchString(line):
			end = i
			f.Step, f.Tail = heading.FindStringSubmatch(line)[2], lines[i:]
			remote = heading.FindStringSubmatch(line)[1] != "" && !strings.HasPrefix(line, " > [")
		case f.Line == 0 && atLine.MatchString(line) && (end >= 0 || i+1 < len(lines) && strings.HasPrefix(lines[i+1], "-----")):
			f.Line, _ = strconv.Atoi(atLine.FindStringSubmatch(line)[1])
		case end >= 0 && f.Line == 0 && inTail.MatchString(line):
			f.Output = append(f.Output, inTail.FindStringSubmatch(line)[1])
		case marked.MatchString(line) && written == "":
			written = marked.FindStringSubmatch(line)[1]
		case strings.HasPrefix(line, "ERROR: ") || strings.HasPrefix(line, "failed to solve: "):
			f.Why = line
		}
	}
	if f.Why == "" {
		return nil
	}
	if all := output[number]; len(all) >= len(f.Output) { // the end shows a part of it
		f.Output = all
	}
	if f.Step == "" {
		f.Step = steps[number]
	}
	if remote && written != "" {
		f.Step = written
	}
	f.Why = frames.ReplaceAllString(f.Why, "")
	if name, ok := strings.CutPrefix(f.Step, "load metadata for "); ok { // the step before there is one
		f.Step = "FROM " + name
		f.Why = strings.TrimPrefix(f.Why, name+": ")
		f.Why = frames.ReplaceAllString(f.Why, "")
		if elsewhere.MatchString(written) { // it takes files of an image
			f.Step, f.Why = written, name+": "+f.Why
		}
	}
	if m := exitCode.FindStringSubmatch(f.Why); m != nil {
		f.Why = "exit code " + m[1]
	}
	if m := missing.FindStringSubmatch(f.Why); m != nil && !elsewhere.MatchString(f.Step) {
		f.Missing = strings.TrimPrefix(m[1], "/")
	}
	return f
}

// Running returns the steps that were under way when a build was ended, as the Dockerfile
// has them.
func Running(lines []string) (steps []string) {
	under := map[string]string{}
	var order []string
	for _, line := range lines {
		line = strings.TrimRight(line, "\r")
		if m := announced.FindStringSubmatch(line); m != nil {
			if under[m[1]] == "" {
				order = append(order, m[1])
			}
			under[m[1]] = m[3]
		} else if m := done.FindStringSubmatch(line); m != nil {
			delete(under, m[1])
		} else if m := failed.FindStringSubmatch(line); m != nil {
			delete(under, m[1])
		}
	}
	for _, number := range order {
		if step := under[number]; step != "" {
			steps = append(steps, short(step))
		}
	}
	return steps
}

// Step returns what a line announces, a step of the Dockerfile with its place among the
// others, or nothing: [build 2/3] RUN make.
func Step(line string) string {
	m := announced.FindStringSubmatch(strings.TrimRight(line, "\r"))
	if m == nil || !ofDockerfile.MatchString(m[2]) {
		return ""
	}
	return fmt.Sprintf("[%s] %s", m[2], m[3])
}

// options are those of an instruction, which stand before what it does.
var options = lazyregexp.New(`^([A-Z]+)(?: --[a-z]\S*)+`)

// elsewhere is where something is copied from that is not the context.
var elsewhere = lazyregexp.New(` --from=\S+`)

var ofDockerfile = lazyregexp.New(`\d+/\d+$`)

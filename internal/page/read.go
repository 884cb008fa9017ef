// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seatrial/seatrial/internal/lazyregexp"
)

// Name is the name of the page in its directory.
const Name = "report.html"

// These bound a page. What was cut is said in its place.
const (
	MostLines = 100_000  // of all logs
	mostLog   = 16 << 20 // bytes of all logs
	mostLine  = 4 << 10  // bytes of one line
	mostFile  = 256 << 10
	mostFiles = 4 << 20 // bytes of all other files
	mostPlans = 20      // of updates; the last one stands for those after it
)

// Evidence is what an artifact directory holds.
type Evidence struct {
	Test     string // its name, or that of the directory
	Package  string // its path, if the time line has it
	Failure  string // nothing if the test passed
	Repeat   string // the command that repeats the test
	Note     string // what the page itself knows of the failure
	Unended  bool   // the test was cut off; Failure says so
	Timeline []Event
	Services []Service
	Log      Log
	Plans    []Plan // the first, and one for each update
	Networks []Network
	Files    []File // all others
	Cut      []string
}

// A Plan is what was changed of the shipped files, and why.
type Plan struct {
	Text string
	Diff string // the lines before and after
}

// An Event is a line of the time line.
type Event struct {
	At    string // the time of day in UTC: 15:04:05.123
	After string // since the beginning of the test: 1.234s
	Text  string
	Class string // how it is shown
}

// A Service is a container, with where it can be reached, or a task that failed.
type Service struct {
	Name, State string
	Limit       string // of its memory, if it has one
	Wrong       string // what the failure says of it, where its state does not
	Check       string // its health check, if that fails
	Networks    []string
	Ports       []string
	Usage       Usage

	members map[string]string // its address, by network
	task    string            // the id of the swarm's task that it is
	order   attempt           // that task
	file    string            // what files about it begin with
}

// A Network is one that containers of the test are in.
type Network struct {
	Name    string
	Members []string // with their addresses
}

const outOfMemory = "out of memory"

// Bad reports whether the service is not as it should be.
func (s Service) Bad() bool { return s.Wrong != "" || s.isBadState() }

// isBadState reports whether the engine says so.
func (s Service) isBadState() bool {
	for _, word := range []string{"unhealthy", outOfMemory} {
		if strings.Contains(s.State, word) {
			return true
		}
	}
	word, rest, _ := strings.Cut(s.State, " ")
	return slices.Contains([]string{"restarting", "dead", "failed", "rejected"}, word) || word == "exited" && !strings.HasPrefix(rest, "0")
}

// Shown returns the other files, those first that people look at.
func (e *Evidence) Shown() []File {
	return slices.SortedStableFunc(slices.Values(e.Files), func(a, b File) int { return rank(a.Name) - rank(b.Name) })
}

// Files of a rank up to this are what was shipped, and from that on they are folded once more.
const (
	shippedRank = 1
	moreRank    = 4
)

// rank sorts files by who asks for them.
func rank(name string) int {
	name = numbered.ReplaceAllString(name, "$1")
	switch {
	case strings.HasPrefix(name, "shipped-"), strings.HasPrefix(name, "replaced-"):
		return 0
	case strings.HasSuffix(name, ".Dockerfile"), strings.HasSuffix(name, ".dockerignore"):
		return 1
	case strings.HasSuffix(name, ".log"):
		return 2
	case describeKind(name) == "": // tests write it
		return 3
	case strings.HasSuffix(name, ".tasks.json"):
		return moreRank
	case name == "about.txt":
		return 5
	case containerOf(name, "stats.txt") != "":
		return 6
	case containerOf(name, "inspect.json") != "":
		return 8
	}
	return 7
}

// Times returns the time line with what each line is of: bad news, or the clean-up.
func (e *Evidence) Times() []Event {
	over := false
	for i := range e.Timeline {
		line := &e.Timeline[i]
		switch {
		case line.Failed():
			line.Class = "bad"
			_, cause := split(e.whole(strings.TrimPrefix(line.Text, failedMark)))
			line.Text = failedMark + cause
		case over:
			line.Class = "over"
		case badNews.MatchString(line.Text):
			line.Class = "bad"
		}
		over = over || line.Text == testOver
	}
	return e.Timeline
}

// whole returns the first line of the message that the time line has the beginning of.
func (e *Evidence) whole(text string) string {
	begin, is := strings.CutSuffix(text, " …")
	if !is {
		return text
	}
	for line := range strings.Lines(e.Failure) {
		if strings.HasPrefix(line, begin) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return text
}

var badNews = lazyregexp.New(`^container .* (has ended with code [1-9]|is unhealthy|is out of memory)`)

// said returns what about.txt says of something.
func said(about, of string) string {
	for line := range strings.Lines(about) {
		if what, is := strings.CutPrefix(line, of+"  "); is {
			return strings.TrimSpace(what)
		}
	}
	return ""
}

// What lines of the time line say that this package looks for.
const (
	failedMark = "FAILED: "
	testOver   = "the test has ended" // what comes is the clean-up
	testShared = "tests share this, until their process ends"
	isUp       = "the environment is up" // and stays so, without the command that started it
)

// Failed reports whether the line says why the test failed.
func (e Event) Failed() bool { return strings.HasPrefix(e.Text, failedMark) }

// A Log has the lines of all services.
type Log struct {
	Sources []string `json:"sources"`
	Lines   []Line   `json:"lines"`
}

// A Line is one line of a service's log.
type Line struct {
	At     int64 // milliseconds since 1970, 0 if that is not known
	Source int   // in Log.Sources
	Err    bool  // of stderr
	Level  string
	Text   string
}

// MarshalJSON writes a line as a list: a page has many.
func (l Line) MarshalJSON() ([]byte, error) {
	stream := 0
	if l.Err {
		stream = 1
	}
	return json.Marshal([]any{l.At, l.Source, stream, l.Level, l.Text})
}

// A File is one that has no place of its own on the page.
type File struct{ Name, Text string }

// Is reports whether a directory is the artifact directory of a test.
func Is(dir string) bool {
	for _, name := range []string{"failure.txt", "timeline.txt"} {
		if info, err := os.Lstat(filepath.Join(dir, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// Read reads an artifact directory. Mask hides what must not be shown; nil hides nothing.
func Read(dir string, mask func(string) string) (*Evidence, error) {
	if mask == nil {
		mask = func(text string) string { return text }
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the artifact directory %s: %w", dir, err)
	}
	entries, err := os.ReadDir(abs)
	if err != nil {
		return nil, fmt.Errorf("reading the artifact directory: %w", err)
	}
	r := &reader{dir: abs, mask: mask, usage: map[string]Usage{}, tasks: map[string]attempt{}, Evidence: &Evidence{Test: filepath.Base(abs)}}
	var logs, others []string
	for _, entry := range entries {
		name := entry.Name()
		switch ext := filepath.Ext(name); {
		case !entry.Type().IsRegular() || name == Name || strings.HasPrefix(name, "."): // a link may lead out of the directory; marks are ours
		case name == "failure.txt", name == "timeline.txt", name == "merged.log", name == "plan.txt":
			others = append(others, name)
		case ext == ".out" || ext == ".err":
			logs = append(logs, name)
		default:
			others = append(others, name)
		}
	}
	merged := slices.Contains(others, "merged.log")
	for _, name := range others {
		if err := r.file(name); err != nil {
			return nil, err
		}
	}
	for _, name := range logs {
		if merged { // it has all of them
			break
		}
		if err := r.single(name); err != nil {
			return nil, err
		}
	}
	r.trimLog()
	r.arrange()
	return r.Evidence, nil
}

type reader struct {
	*Evidence
	dir  string
	mask func(string) string
	size int // of the files so far

	usage map[string]Usage   // by container
	tasks map[string]attempt // by id
}

func (r *reader) cut(format string, args ...any) { r.Cut = append(r.Cut, fmt.Sprintf(format, args...)) }

// file reads a file that is no log of a single service.
func (r *reader) file(name string) error {
	if name == "merged.log" {
		return r.lines(name, r.mergedLine)
	}
	text, err := r.text(name)
	if err != nil {
		return err
	}
	switch {
	case name == "failure.txt":
		r.Failure = strings.TrimRight(text, "\n")
	case planText.MatchString(name):
		r.plan(name).Text = text
	case planDiff.MatchString(name):
		r.plan(name).Diff = text
	case containerOf(name, "usage.csv") != "":
		r.usage[containerOf(name, "usage.csv")] = readUsage(text)
	case name == "timeline.txt":
		for line := range strings.Lines(text) {
			if found := noted.FindStringSubmatch(line); found != nil {
				r.Timeline = append(r.Timeline, Event{At: found[1], After: found[2], Text: found[3]})
			} else { // a line more of the one before
				r.Timeline = append(r.Timeline, Event{Text: strings.TrimRight(line, "\n")})
			}
		}
	default:
		if name == "about.txt" {
			r.Repeat = said(text, "repeat it")
			r.Test = cmp.Or(said(text, "test"), r.Test)
		}
		if service, is := inspected([]byte(text)); is {
			service.Name = cmp.Or(containerOf(name, "inspect.json"), service.Name) // as the test calls it
			r.Services = append(r.Services, service)
		}
		if strings.HasSuffix(name, ".tasks.json") {
			r.readTasks([]byte(text))
		}
		r.Files = append(r.Files, File{name, text})
	}
	return nil
}

var (
	planText = lazyregexp.New(`^plan(~\d+)?\.txt$`)
	planDiff = lazyregexp.New(`^plan(~\d+)?\.diff$`)
)

// plan returns the plan that a file is of, by its number: that of the project as it was started has none.
func (r *reader) plan(name string) *Plan {
	n := 1
	if _, number, is := strings.Cut(strings.TrimSuffix(name, filepath.Ext(name)), "~"); is {
		n, _ = strconv.Atoi(number)
	}
	n = min(max(n, 1), mostPlans)
	for len(r.Plans) < n {
		r.Plans = append(r.Plans, Plan{})
	}
	return &r.Plans[n-1]
}

// containerOf returns the container that a file of this kind is about, with the number that
// the file has if there were several of its name: web.1~2 of web.1.inspect~2.json.
func containerOf(name, kind string) string {
	kind, ext, _ := strings.Cut(kind, ".")
	found := regexp.MustCompile(`^(.+)\.` + kind + `(~\d+)?\.` + ext + `$`).FindStringSubmatch(name)
	if found == nil {
		return ""
	}
	return found[1] + found[2]
}

// text returns the content of a file, bounded: its beginning and its end.
func (r *reader) text(name string) (string, error) {
	file, err := os.Open(filepath.Join(r.dir, name))
	if err != nil {
		return "", fmt.Errorf("reading an artifact: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("reading an artifact: %w", err)
	}
	most := min(mostFile, mostFiles-r.size)
	if most <= 0 {
		r.cut("%s is not shown: the page would be too large", name)
		return "", nil
	}
	content, err := io.ReadAll(io.LimitReader(file, int64(most)))
	if err != nil {
		return "", fmt.Errorf("reading an artifact: %w", err)
	}
	r.size += len(content)
	if info.Size() > int64(len(content)) {
		r.cut("%s: its first %d of %d bytes are shown", name, len(content), info.Size())
	}
	return plain(strings.ToValidUTF8(string(content), "\uFFFD"), r.mask), nil
}

// single reads a log of one service, whose lines have no times.
func (r *reader) single(name string) error {
	ext := filepath.Ext(name)
	source := strings.TrimSuffix(name, ext)
	return r.lines(name, func(text string) { r.add(0, source, ext == ".err", text) })
}

// mergedLine reads a line like "2026-01-02T15:04:05.123456789Z web err text".
func (r *reader) mergedLine(line string) {
	parts := strings.SplitN(line, " ", 4)
	if len(parts) >= 3 && (parts[2] == "out" || parts[2] == "err") {
		if at, err := time.Parse(time.RFC3339Nano, parts[0]); err == nil {
			r.add(at.UnixMilli(), parts[1], parts[2] == "err", strings.Join(parts[3:], " "))
			return
		}
	}
	r.add(0, "merged.log", false, line)
}

func (r *reader) add(at int64, source string, isErr bool, text string) {
	i := slices.Index(r.Log.Sources, source)
	if i < 0 {
		i = len(r.Log.Sources)
		r.Log.Sources = append(r.Log.Sources, source)
	}
	r.Log.Lines = append(r.Log.Lines, Line{at, i, isErr, level(text), text})
	if len(r.Log.Lines) >= 2*MostLines { // the last ones stay
		r.trimLog()
	}
}

// trimLog leaves the last lines, which are those before the failure.
func (r *reader) trimLog() {
	lines, size := r.Log.Lines, 0
	first := len(lines)
	for first > 0 && len(lines)-first < MostLines && size < mostLog {
		first--
		size += len(lines[first].Text)
	}
	if first > 0 {
		const said = "of the logs the last lines are shown"
		if !slices.Contains(r.Cut, said) {
			r.cut(said)
		}
		r.Log.Lines = slices.Clone(lines[first:])
	}
}

// lines hands on the lines of a file, each of bounded length.
func (r *reader) lines(name string, add func(string)) error {
	file, err := os.Open(filepath.Join(r.dir, name))
	if err != nil {
		return fmt.Errorf("reading an artifact: %w", err)
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 64<<10)
	var line []byte
	for more := 0; ; {
		part, err := in.ReadSlice('\n')
		room := max(0, mostLine-len(line))
		line = append(line, part[:min(room, len(part))]...)
		more += max(0, len(part)-room)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if len(line) > 0 {
			text := strings.ToValidUTF8(string(bytes.TrimRight(line, "\r\n")), "\uFFFD")
			if more > 1 {
				text += fmt.Sprintf(" … (%d bytes more)", more)
			}
			add(plain(text, r.mask))
		}
		line, more = line[:0], 0
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading an artifact: %w", err)
		}
	}
}

// ofPackage is the first line of a time line that says of which test it is.
var ofPackage = lazyregexp.New(`^test (.+) of package (\S+)$`)

// noted is a line of the time line: when, how long after the beginning, and what.
var noted = lazyregexp.New(`^([0-9:.]+) +([0-9.]+s)  (.*)`)

// The first word that speaks of a level decides; of lines without one, words that speak of trouble.
var levels = lazyregexp.New(`(?i:\b(?:(fatal|panic|error|err|critical|crit|severe|killed|(?:exit|exited with) (?:code|status) [1-9]\d*|exited with exit code [1-9]\d*|` +
	`failed|failure|refused|denied|cannot|could not|unable to|no such|not set|expired|exception|traceback)|(warn|warning)|(debug|trace))\b)|\b(?:INFO|NOTICE|LOG)\b|level"?[=:] ?"?info\b`)

// level returns what a line says of its weight: error, warn, debug, or nothing.
func level(text string) string {
	text = text[:min(len(text), 200)]
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "")
	}
	found := levels.FindStringSubmatch(text)
	switch {
	case found == nil:
		return ""
	case found[1] != "":
		return "error"
	case found[2] != "":
		return "warn"
	case found[3] != "":
		return "debug"
	}
	return ""
}

// inspected returns the service that the engine's answer about a container tells of.
func inspected(content []byte) (Service, bool) {
	var c struct {
		Name   string
		Config struct {
			Labels      map[string]string
			Healthcheck struct{ Test []string }
		}
		State struct {
			Status    string
			ExitCode  int
			OOMKilled bool
			Health    *struct{ Status string }
		}
		HostConfig      struct{ Memory int64 }
		NetworkSettings struct {
			Networks map[string]struct{ IPAddress, GlobalIPv6Address string }
			Ports    map[string][]struct{ HostIP, HostPort string }
		}
	}
	if json.Unmarshal(content, &c) != nil || c.Name == "" || c.State.Status == "" {
		return Service{}, false
	}
	s := Service{Name: strings.TrimPrefix(c.Name, "/"), State: c.State.Status, members: map[string]string{}, task: c.Config.Labels["com.docker.swarm.task.id"]}
	if s.State == "exited" {
		s.State += " " + strconv.Itoa(c.State.ExitCode)
	}
	if c.State.Health != nil && c.State.Health.Status != "none" {
		s.State += ", " + c.State.Health.Status
	}
	if test := c.Config.Healthcheck.Test; len(test) > 1 && strings.Contains(s.State, "unhealthy") {
		s.Check = strings.Join(test[1:], " ") // before it stands how it is run
	}
	if c.State.OOMKilled {
		s.State += ", " + outOfMemory
	}
	if c.HostConfig.Memory > 0 {
		s.Limit = fmt.Sprintf("memory limit %.4g MiB", float64(c.HostConfig.Memory)/(1<<20))
	}
	project := cmp.Or(c.Config.Labels["com.docker.compose.project"], c.Config.Labels["com.docker.stack.namespace"])
	for name, at := range c.NetworkSettings.Networks {
		name = strings.TrimPrefix(name, project+"_") // as its file calls it
		s.Networks = append(s.Networks, name)
		s.members[name] = cmp.Or(at.IPAddress, at.GlobalIPv6Address)
	}
	for port, bound := range c.NetworkSettings.Ports {
		text := port
		for i, b := range bound {
			text += []string{" ← ", ", "}[min(i, 1)] + b.HostIP + ":" + b.HostPort
		}
		s.Ports = append(s.Ports, text)
	}
	slices.Sort(s.Networks)
	slices.Sort(s.Ports)
	return s, true
}

// readTasks reads NAME.tasks.json. What is something else is shown as a file alone.
func (r *reader) readTasks(content []byte) {
	var all struct{ Tasks []attempt }
	_ = json.Unmarshal(content, &all)
	for i, t := range all.Tasks {
		r.tasks[cmp.Or(t.Task.ID, fmt.Sprint("none", len(r.tasks), i))] = t
	}
}

// arrange puts together what several files say of one thing, and what went wrong first.
func (r *reader) arrange() {
	r.nameTasks()
	if len(r.Timeline) > 0 {
		if found := ofPackage.FindStringSubmatch(r.Timeline[0].Text); found != nil {
			r.Test, r.Package = found[1], found[2]
		}
	}
	r.sayCutOff()
	r.diagnose()
	members := map[string][]string{}
	for _, s := range r.Services {
		for network, at := range s.members {
			members[network] = append(members[network], strings.TrimSpace(s.Name+" "+at))
		}
	}
	slices.SortStableFunc(r.Services, func(a, b Service) int {
		switch {
		case a.Bad() == b.Bad():
			return 0
		case a.Bad():
			return -1
		}
		return 1
	})
	for _, name := range slices.Sorted(maps.Keys(members)) {
		slices.Sort(members[name])
		r.Networks = append(r.Networks, Network{name, members[name]})
	}
	said := firstLine(r.Failure)
	for i := range r.Log.Lines { // what the failure quotes is bad news, whatever its words
		if l := &r.Log.Lines[i]; len(l.Text) >= 8 && l.Level != "error" && strings.Contains(said, l.Text) {
			l.Level = "error"
		}
	}
}

// sayCutOff says of a test that neither failed nor ended what nobody was left to say.
func (r *reader) sayCutOff() {
	n := len(r.Timeline)
	ended := func(e Event) bool { return e.Text == testOver || e.Text == testShared || e.Text == isUp }
	if r.Failure != "" || n == 0 || slices.ContainsFunc(r.Timeline, ended) {
		return
	}
	last := r.Timeline[n-1]
	r.Unended = true
	r.Failure = strings.TrimRight(fmt.Sprintf("%s did not end: go test -timeout or a kill ended it\n    the last line of its time line: %s %s", r.Test, last.At, last.Text), " ")
}

// nameTasks gives containers of a swarm the names of their tasks, and adds tasks that failed
// before they had a container.
func (r *reader) nameTasks() {
	most := map[string]int{} // by the name of a task
	for _, t := range r.tasks {
		most[t.Name] = max(most[t.Name], t.Attempt)
	}
	name := func(t attempt) string {
		if most[t.Name] < 2 {
			return t.Name
		}
		return fmt.Sprintf("%s (attempt %d)", t.Name, t.Attempt)
	}
	for i := range r.Services {
		s := &r.Services[i]
		s.Usage, s.file = r.usage[s.Name], s.Name
		t, is := r.tasks[s.task]
		if !is {
			continue
		}
		delete(r.tasks, s.task)
		s.Name, s.order = name(t), t
		switch {
		case t.failed() && strings.Contains(s.State, outOfMemory): // of which the swarm says nothing
			s.State = t.state() + ", " + outOfMemory
		case t.failed():
			s.State = t.state()
		case t.Node != "":
			s.State += " on " + t.Node
		}
	}
	maps.DeleteFunc(r.tasks, func(_ string, t attempt) bool { return !t.failed() })
	alone := slices.SortedFunc(maps.Values(r.tasks), newest)
	for _, t := range alone[:min(len(alone), mostTasks)] {
		r.Services = append(r.Services, Service{Name: name(t), State: t.state(), order: t})
	}
	if len(most) > 0 {
		slices.SortStableFunc(r.Services, func(a, b Service) int { return newest(a.order, b.order) })
	}
}

// All returns the artifact directories in and below a directory, sorted.
func All(root string) ([]string, error) {
	var all []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && Is(path) {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for artifact directories: %w", err)
	}
	return all, nil
}

// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
	"github.com/seatrial/seatrial/internal/quote"
)

// An event is a line of a log, with what belongs to it.
type event struct {
	text       string // what is to be quoted
	head       string // of it, without an exception that names no cause
	weight     weight
	line, end  int     // the first and the last of its lines
	exception  bool    // with a stack
	logged     bool    // by who caught it
	diagnostic bool    // of a compiler
	shape      string  // of its first line
	points     float64 // how much it tells, where it stands
	worth      float64 // and anywhere
}

// A reader makes events of lines.
type reader struct {
	lines []string
	next  int
	depth int // of the line that is read: how far it is indented
	all   []event
}

func eventsOf(lines []string) []event {
	r := &reader{lines: lines}
	for r.next < len(r.lines) {
		start := r.next
		e := r.read()
		if e.weight == none {
			continue
		}
		e.line, e.end = start, r.next-1
		e.logged = e.exception && levelOf(r.lines[start]) != ""
		if e.shape == "" {
			e.shape = quote.Shape(e.text)
		}
		r.all = append(r.all, e)
	}
	return r.all
}

var (
	pythonStack  = lazyregexp.New(`Traceback \(most recent call last\):$`)
	pythonChain  = lazyregexp.New(`^(The above exception was the direct cause|During handling of the above exception)`)
	causedBy     = lazyregexp.New(`^\s*(Caused by: |---> |\[cause\]: |cause: (?:\w*Error: ))\S`)
	thrown       = lazyregexp.New(`^(?:[\w$]+\.)*[\w$]*(?:Error|Exception|Throwable)(?: \(\w+\))?(?: \[\w+\])?: \S`)
	rubyRaise    = lazyregexp.New(`^\S+:\d+:in ['\x60].*': .*\(\S+\)$`)
	elixirRaise  = lazyregexp.New(`^\*\* \(\w+(\.\w+)*(Error|Exception)\) `)
	nodeSource   = lazyregexp.New(`^(file://|node:|/)\S*:\d+$`)
	place        = lazyregexp.New(`["'\x60](/|\w+[./:])\S*["'\x60]|(^|\s)/\w\S*|(^|\s)([a-z][\w.-]*|(\d+\.){3}\d+|\[[\da-f:]+\]):\d{2,5}\b`) // a file, or an address
	nodeReject   = lazyregexp.New(`^(UnhandledPromiseRejection\b.*?: ).*(The promise rejected with the reason .*)$`)
	raised       = lazyregexp.New(`^[A-Za-z_][\w.<>]*(:|$)`)                   // by Python
	ofFile       = lazyregexp.New(`^\w+Error: \[Errno \d+\] .*: ['"]\S+['"]$`) // which has none of the others
	rejected     = lazyregexp.New(`^\d+ validation errors? for `)              // pydantic's
	diagnostic   = lazyregexp.New(`^\S+\(\d+, \d+\) Error: |^\S+?[:(]\d+\S*: (fatal )?error\b|^\S+:\d+:\d+ - error\b|^Line \d+:\d+: |^\d+:\d+ +error |^-- [A-Z ]+ -+ \S+$|^error(\[E\d+\])?: `)
	ofParser     = lazyregexp.New(`^(?i:(?:fatal|parse|syntax|parser)? ?error|fatal): (\S+):\d+:\d+: `)                                        // which goes on after the first error of a file
	placed       = lazyregexp.New(`: error: \[GHC-\d+\]$|^-- [A-Z ]+ -+ \S+$|^(Execution|Syntax) error .*\)\.$|:\d+: Failure$|panicked at '$`) // what is there stands below: GHC's, Clojure's, GoogleTest's, Elm's
	table        = lazyregexp.New(`^Line +(\S+\.\w+)$`)                                                                                        // of findings in a file: PHPStan's
	tableRow     = lazyregexp.New(`^\d+ {2,}\S`)
	ornament     = lazyregexp.New(`^[*=#_─-]{3,}$`)
	callStack    = lazyregexp.New(`^(CallStack \(from HasCallStack\)|stack traceback|(?i:backtrace)):$`) // over a stack, and below what was thrown
	wasBelow     = lazyregexp.New(`(?i)\b(error|reason|cause) (was|is)$`)                                // a heading without a colon
	bullet       = lazyregexp.New(`^● \S`)                                                               // Jest's
	detail       = lazyregexp.New(`^\S+ \S+ \S+ \[\d+\] DETAIL:  `)                                      // PostgreSQL's
	list         = lazyregexp.New(`^(\[ERROR\] )?(?i:failures|errors|problems): *$`)                     // a heading
	label        = lazyregexp.New(`(?i)^((root )?causes?|reasons?|details?):$`)                          // below an error, over why
	leaf         = lazyregexp.New(`^[│ ]*[├└]─+ ?`)                                                      // of a tree below an error
	ofTree       = lazyregexp.New(`^[│├└╰]`)
	causeBelow   = lazyregexp.New(`^[│ ]*[├└╰]─+▶ ?`)                                             // the same of Rust's, of which each has the one below as its cause
	labelled     = lazyregexp.New(`^(?i:details?|reason|(?:root )?cause|original error): (\S.*)`) // in what was thrown
	loggedFrame  = lazyregexp.New(`^\[\w+\]\s+at [\w.$<>/]+\(.*\)$`)                              // a frame that was logged
	item         = lazyregexp.New(`^[-*] \S`)                                                     // of a list
	numbered     = lazyregexp.New(`^\d+: `)
	chainLink    = lazyregexp.New(`^(\d+): [^<\s:][^\s:]*(:? |$)`) // of causes, as Rust's libraries number them; a frame of a stack names a function
	hclPlace     = lazyregexp.New(`^on \S+ line \d+`)              // below an error, over the source
	excerpt      = lazyregexp.New(`^(\d* *\||-->|\^|~|(➜ *)?\d+▕|(→ *)?\d+ *│|│( *[~^]|$)|[┌└╭╰]─+ ?\[?\S+:\d+:\d)`)
	aborted      = lazyregexp.New(`^(\[\w+\] )?\S*(rails|rake) aborted!$`)
	class        = lazyregexp.New(`^(\w+[\\.])*\w+(Exception|Error)$`) // of an exception, over what it says
	opened       = lazyregexp.New(`(: [{\[]|\{error,)$`)
	unset        = lazyregexp.New(`^\w+: (undefined|null),?$`) // a field
	field        = lazyregexp.New(`^"message": "(.+)",?$`)
	property     = lazyregexp.New(`^  (level|message): ['"\x60](.*)['"\x60],?$`) // of an object of JavaScript's
	pointer      = lazyregexp.New(`^\s*\^+$`)
	pythonThread = lazyregexp.New(`^Exception in thread .*:$`)
	mavenLevel   = lazyregexp.New(`^\[(ERROR|FATAL)\]\s*`)
	npmUsage     = lazyregexp.New(`^npm (ERR!|error)\s+(Usage|Options):$`)
	hint         = lazyregexp.New(`^(\[[^\]]*\] )?(\[ ?(help|hint|tip)\]|(help|hint|tip):) `) // what to do, below an error
	scalac       = lazyregexp.New(`^\[error\] (-- \[E\d+\] .*: \S+:\d+:\d+) -+$`)             // a heading of Scala 3
	scalaTest    = lazyregexp.New(`^\[info\] +- .* \*\*\* FAILED \*\*\*$`)
	scalaLine    = lazyregexp.New(`^\[error\] *\d* *\|`)    // below it
	category     = lazyregexp.New(`^\w+: [\w.]+\[\d+\]$`)   // .NET's, over what is logged
	ignored      = lazyregexp.New(`^\.\.\.ignoring$`)       // Ansible's, of what failed before it
	stackBelow   = lazyregexp.New(`, Stack trace \(.*\):$`) // ClickHouse's
	untold       = lazyregexp.New(`^(WARNING|warn: [\w.]+\[\d+\]|[A-Z], \[[^\]]*\] +[A-Z]+ -- : (\[\S+\])?)$`)
	unraised     = lazyregexp.New(`^Exception ignored in: `) // Python's, while it frees what is left
	pipConflict  = lazyregexp.New(`^\S+ \S+ requires .*, (but you have .* which is incompatible|which is not installed)\.$`)
	echoed       = lazyregexp.New(`^([$>+%] |task: \[)`)                                                                                                  // a command, by what runs it
	ended        = lazyregexp.New(`^(\S+: (info: )?|\[\S+\] |\*\*\* )?(/\S+|\S+:) (exited|failed)( with)?( (return |exit )?(status|code))? [1-9]\d*\.?$`) // a script of a start, as s6, run-parts and others say
	runs         = lazyregexp.New(`(?i)\b(running|executing|exited)\b`)                                                                                   // they say so, too
	frame        = lazyregexp.New(`^(at |from |File "|#\d+ |\S+:\d+:in ['\x60][^'\x60]*'$|\w+:\w+/\d+, line \d+$|\d+\. .* @ 0x|\.\.\. \d+ |\[\d+\] [\w.!]+\(.*\)$|\([\w.]+ \d\S*\) \S+:\d+: )`)
)

// read returns the event that begins at the next line.
func (r *reader) read() event {
	line := r.lines[r.next]
	r.next++
	plain := strings.TrimSpace(line)
	r.depth = indentation(line)
	switch {
	case scalac.MatchString(plain):
		return r.ofScala(scalac.FindStringSubmatch(plain)[1])
	case strings.HasPrefix(plain, "Because ") && strings.HasPrefix(strings.TrimSpace(r.peek()), "and "): // a proof of a solver's, over lines
		for strings.HasPrefix(strings.TrimSpace(r.peek()), "and ") {
			plain += " " + r.following()
		}
		return event{text: plain, weight: failure}
	case ended.MatchString(plain) && r.saidBefore() != "":
		return event{text: r.saidBefore(), weight: failure}
	case wrapped.MatchString(plain) && !informs(plain) && ordinary(r.saidBefore()):
		return event{text: r.saidBefore(), weight: aside}
	case unraised.MatchString(plain) && pythonStack.MatchString(r.peek()):
		r.next++
		e := r.traceback()
		e.weight = min(e.weight, remark)
		return e
	case strings.HasPrefix(plain, "ERROR: pip's dependency resolver does not currently take into account"): // and goes on
		for pipConflict.MatchString(r.peek()) {
			r.next++
		}
		return event{}
	case ignored.MatchString(strings.TrimSpace(r.peek())):
		return event{}
	case line == "{" && strings.HasPrefix(r.peek(), " "):
		return r.inspected()
	case erlangMore.MatchString(plain):
		r.below()
		return event{}
	case strings.HasPrefix(plain, "Line ") && table.MatchString(plain):
		return r.ofTable(table.FindStringSubmatch(plain)[1])
	case plain == "" || excerpt.MatchString(plain) || frame.MatchString(plain) || loggedFrame.MatchString(plain) || line != plain && unset.MatchString(plain):
		return event{}
	case pythonStack.MatchString(plain):
		return r.traceback()
	case npmUsage.MatchString(plain):
		for r.next < len(r.lines) && npm.MatchString(r.lines[r.next]) {
			r.next++
		}
		return event{}
	case r.next < len(r.lines) && pointer.MatchString(r.lines[r.next]): // a line of source
		r.next++
		return event{}
	case plain == "Description:": // Spring's, of why an application does not start
		return event{text: r.following(), weight: fatal}
	case plain == "* What went wrong:": // Gradle's
		return r.wentWrong()
	case strings.HasPrefix(plain, "BUILD FAILED in "): // and its end: what is below came of it
		for r.peek() != "" {
			r.next++
		}
		return event{}
	case nodeSource.MatchString(line):
		if e, ok := r.thrownByNode(); ok {
			return e
		}
		return event{}
	case pythonChain.MatchString(plain) || pythonThread.MatchString(plain) && r.next < len(r.lines) && pythonStack.MatchString(r.lines[r.next]):
		return event{}
	case rubyRaise.MatchString(plain):
		return event{text: plain, weight: fatal, exception: hasFrames(r.below())}
	case aborted.MatchString(plain) && r.next < len(r.lines) && r.lines[r.next] != "": // the next line says why
		next := strings.TrimSpace(r.lines[r.next])
		if e := r.read(); e.weight >= failure {
			return e
		}
		return event{text: next, weight: failure}
	case strings.HasPrefix(plain, "Failure/Error: "):
		return r.ofRSpec(plain)
	case bullet.MatchString(plain):
		return event{text: joinedLines(strings.TrimPrefix(plain, "● "), r.following()), weight: failure}
	case scalaTest.MatchString(plain):
		return event{text: strings.TrimSpace(strings.TrimPrefix(r.following(), "[info]")), weight: failure}
	case strings.HasPrefix(plain, "You must install or update .NET"):
		return r.noFramework(plain)
	case strings.HasPrefix(plain, "*** FATAL CONFIG FILE ERROR"): // Redis's
		return event{text: joinedLines(plain, r.following(), r.following(), r.following()), weight: fatal}
	}
	if untold.MatchString(plain) && r.peek() != "" { // what it tells is in the next line
		level := levelIn(plain)
		text := joinedLines(plain, r.following())
		return event{text: text, weight: weigh(text, level), exception: hasFrames(r.below())}
	}
	plain = r.closed(stackBelow.ReplaceAllString(plain, ""))
	text, w := read(plain)
	e := event{text: text, weight: w, shape: quote.Shape(text)}
	if next := r.peek(); levelIn(plain) == "warn" && thrown.MatchString(next) && r.framesBelow(r.next+1) { // it was caught
		r.next++
		cause := detailed("", r.below())
		if e.weight == none {
			e.text = next
		}
		if cause == "" {
			e.head, cause = e.text, next
		}
		e.text, e.weight = joinedLines(e.text, cause), warning
		return e
	}
	if w < failure && levelIn(plain) == "" && plain != "" && callStack.MatchString(r.peek()) {
		w, e.weight = failure, failure
	}
	if w < failure { // what is below it may tell more, and is read by itself
		if (levelIn(plain) == "info" || passed.MatchString(plain)) && plain == line || harmless.MatchString(plain) {
			if raised := lastOf(r.below(), elixirRaise); raised != "" { // what ended an application is logged as a notice
				return event{text: raised, weight: fatal, exception: true}
			}
		}
		return e
	}
	switch {
	case strings.HasSuffix(text, ":") && pythonStack.MatchString(r.peek()):
		return r.read()
	case strings.HasPrefix(text, "ERROR in "): // webpack's: up to a blank line
		e.text = joinedLines(text, r.following())
		for r.peek() != "" && levelIn(r.peek()) == "" && r.peek()[0] != ' ' {
			r.next++
		}
	case list.MatchString(text):
		if next := mavenLevel.ReplaceAllString(r.following(), ""); next != "" {
			e.text = next
		}
	case strings.HasSuffix(text, ":") || placed.MatchString(text) || wasBelow.MatchString(text):
		heading := strings.HasSuffix(r.peek(), ":") && strings.TrimSpace(r.peek()) == r.peek() && text == "Error:"
		next := ""
		if r.depth == 0 || levelIn(r.peek()) == "" { // else it is another's
			next = mavenLevel.ReplaceAllString(r.following(), "")
		}
		if strings.HasSuffix(next, "{") { // a part of a configuration, with a comment on what is wrong
			for _, line := range slices.Backward(r.below()) {
				if comment, ok := strings.CutPrefix(line, "# "); ok && speaks(comment) {
					next = comment
				}
			}
		}
		if heading { // over another one
			next += ": " + r.following()
		}
		if strings.HasPrefix(text, "CMake Error ") { // in paragraphs
			for _, line := range r.below() {
				if !trouble.MatchString(next) {
					next += " " + line
				}
			}
		}
		outer := ""
		for numbered.MatchString(next) && r.next < len(r.lines) && numbered.MatchString(strings.TrimSpace(r.lines[r.next])) {
			outer = cmp.Or(outer, next)
			next = r.following() // of a list of causes the innermost, the last
		}
		e.text = joinedLines(text, numbered.ReplaceAllString(outer, ""), numbered.ReplaceAllString(next, ""))
		for strings.HasPrefix(strings.TrimSpace(r.peek()), "masked in: ") {
			r.next++
		}
		if strings.HasPrefix(strings.TrimSpace(r.peek()), "breaks: ") { // apk's
			e.text = joinedLines(e.text, r.following())
		}
		e.text = joinedLines(e.text, r.lastLine())
		if follows.MatchString(e.text) {
			e.weight = remark
		}
	case class.MatchString(text) && !causedBy.MatchString(r.nextSaid()) && !pythonStack.MatchString(r.nextSaid()):
		e.text = joinedLines(text, r.following())
	case opened.MatchString(text):
		for range 3 {
			if !strings.HasPrefix(r.peek(), " ") {
				break
			}
			e.text += " " + r.following()
		}
	}
	if next := strings.TrimSpace(r.peek()); levelIn(plain) != "" && !thrown.MatchString(plain) && (thrown.MatchString(next) && next == r.peek() || pythonStack.MatchString(next)) { // what was logged with it
		at, depth := r.next, r.depth
		if inner := r.read(); inner.exception {
			inner.weight = max(inner.weight, w)
			return inner
		}
		r.next, r.depth = at, depth
	}
	if thrown.MatchString(plain) {
		r.toFrames()
	}
	e.diagnostic = diagnostic.MatchString(plain)
	e.text = joinedLines(e.text, r.message())
	if r.next < len(r.lines) && detail.MatchString(r.lines[r.next]) {
		e.text = joinedLines(e.text, detail.ReplaceAllString(r.following(), ""))
	}
	for hint.MatchString(r.peek()) {
		r.next++
	}
	below := r.below()
	e.diagnostic = e.diagnostic || len(below) > 0 && strings.HasPrefix(below[0], "--> ")
	if len(below) > 0 && hclPlace.MatchString(below[0]) && levelIn(r.nextSaid()) == "" { // HCL's, with a sentence after the source
		e.text, e.diagnostic = joinedLines(e.text, r.following()), true
	}
	e.exception = hasFrames(below)
	if e.text = detailed(e.text, below); (e.diagnostic || category.MatchString(plain)) && follows.MatchString(e.text) {
		e.weight = remark
	}
	return e
}

// ofRSpec takes what RSpec says of an example that failed: the source, what was raised or
// expected, and the stack.
func (r *reader) ofRSpec(source string) event {
	var said []string
	for ; r.next < len(r.lines) && (r.peek() == "" || indentation(r.peek()) >= r.depth); r.next++ {
		plain := strings.TrimSpace(r.peek())
		if strings.HasPrefix(plain, "# ") {
			break
		}
		if plain != "" && plain != "(compared using ==)" && len(said) < mostOfRSpec {
			said = append(said, plain)
		}
	}
	return event{text: joinedLines(source, strings.Join(said, " ")), weight: failure}
}

const mostOfRSpec = 3 // lines: of the source, or of what was raised; expected; got

// ofScala takes what Scala 3 says of a place, which stands between the source and its marks.
func (r *reader) ofScala(heading string) event {
	e := event{text: heading, weight: failure, diagnostic: true}
	marked := false
	for ; scalaLine.MatchString(r.peek()); r.next++ {
		line := strings.TrimSpace(scalaLine.ReplaceAllString(r.peek(), ""))
		switch {
		case line != "" && strings.Trim(line, "^") == "":
			marked = true
		case marked && line != "":
			e.text = joinedLines(heading, line)
			marked = false
		}
	}
	return e
}

// inspected takes an object that JavaScript prints over lines, and reads it as what a logger
// wrote if it has a level and a message.
func (r *reader) inspected() event {
	start, level, text := r.next, "", ""
	for ; strings.HasPrefix(r.peek(), " "); r.next++ {
		if m := property.FindStringSubmatch(r.peek()); m != nil && m[1] == "level" {
			level = levels[strings.ToLower(m[2])]
		} else if m != nil {
			text = m[2]
		}
	}
	if level == "" || text == "" {
		r.next = start
		return event{}
	}
	return event{text: text, weight: weigh(text, level)}
}

// unclosed is a line with a field whose value goes on in the next lines.
var unclosed = lazyregexp.New(`\b(?:err|error|msg|message)="(?:[^"\\]|\\.)*$`)

// closed returns a line with the first of the lines that the value of its last field goes on in,
// and takes them all: a stack, or details. Without an end before the next line with a level, it is
// no such value.
func (r *reader) closed(line string) string {
	if !fieldLevel.MatchString(line) || !unclosed.MatchString(line) {
		return line
	}
	end := slices.IndexFunc(r.lines[r.next:], func(line string) bool {
		return strings.HasSuffix(line, `"`) || fieldLevel.MatchString(line)
	})
	if end < 0 || fieldLevel.MatchString(r.lines[r.next+end]) {
		return line
	}
	end += r.next + 1
	line += strings.TrimSuffix(" "+r.following(), `"`) + `"`
	r.next = max(r.next, end)
	return line
}

// ofTable takes a table of findings in a file, and returns the first.
func (r *reader) ofTable(file string) event {
	e := event{weight: failure, diagnostic: true}
	for ; strings.TrimSpace(r.peek()) != ""; r.next++ {
		if row := strings.TrimSpace(r.peek()); e.text == "" && tableRow.MatchString(row) {
			place, finding, _ := strings.Cut(row, " ")
			e.text = file + ":" + place + ": " + strings.TrimSpace(finding)
		}
	}
	if e.text == "" {
		return event{}
	}
	return e
}

// saidBefore returns the line before one that says that a script of a start ended with an
// error: that is what the script said of it, however it put that. It is empty if there is no
// such line, or if it counts as an error by itself.
func (r *reader) saidBefore() string {
	at := r.next - 2
	for at > 0 && strings.TrimSpace(r.lines[at]) == "" {
		at--
	}
	if at < 0 {
		return ""
	}
	said := strings.TrimSpace(r.lines[at])
	if n := len(r.all); n > 0 && r.all[n-1].end == at && r.all[n-1].weight >= failure || levelIn(said) != "" || runs.MatchString(said) || harmless.MatchString(said) {
		return ""
	}
	return said
}

// ordinary reports whether a line is a sentence of what a program has to say, and tells neither
// of what it does, nor of what goes well.
func ordinary(line string) bool {
	return len(words.FindAllString(line, mostBare)) == mostBare && !doing.MatchString(line) && !echoed.MatchString(line) && !wrapped.MatchString(line) && !passed.MatchString(line) && !fetched.MatchString(line) && !wentWell.MatchString(line) && !finished.MatchString(line)
}

// lastLine takes the last line of a log if it is the next one, has no level, and tells: it
// ends a paragraph.
func (r *reader) lastLine() string {
	rest := 0
	for _, line := range r.lines[r.next:] {
		if strings.TrimSpace(line) != "" {
			rest++
		}
	}
	next := strings.TrimSpace(r.peek())
	if _, w := read(next); rest != 1 || next == "" || levelIn(next) != "" || w == remark || vague(next) || frame.MatchString(next) {
		return ""
	}
	return r.following()
}

// toFrames passes over the other paragraphs of what was thrown, if frames of a stack come
// after them.
func (r *reader) toFrames() {
	for i := r.next; i < min(len(r.lines), r.next+mostParagraphs); i++ {
		plain := strings.TrimSpace(r.lines[i])
		if strings.HasPrefix(plain, "at ") && plain != r.lines[i] {
			r.next = i
			return
		}
		if thrown.MatchString(plain) || causedBy.MatchString(plain) || pythonStack.MatchString(plain) || levelIn(plain) != "" {
			return
		}
	}
}

// framesBelow reports whether frames of a stack come soon after a line of an exception.
func (r *reader) framesBelow(i int) bool {
	for ; i < min(len(r.lines), r.next+mostParagraphs); i++ {
		plain := strings.TrimSpace(r.lines[i])
		if plain == "" && i+1 < len(r.lines) && frame.MatchString(strings.TrimSpace(r.lines[i+1])) {
			continue
		}
		if plain == "" || causedBy.MatchString(plain) || levelIn(plain) != "" {
			return false
		}
		if frame.MatchString(plain) && plain != r.lines[i] {
			return true
		}
	}
	return false
}

// mostParagraphs is how many lines of a message may stand before its stack.
const mostParagraphs = 15

// peek returns the next line, which stays there.
func (r *reader) peek() string {
	if r.next < len(r.lines) {
		return r.lines[r.next]
	}
	return ""
}

// following takes the next line that is not blank.
func (r *reader) following() string {
	for r.next < len(r.lines) {
		line := strings.TrimSpace(r.lines[r.next])
		if frame.MatchString(line) {
			return ""
		}
		if r.next++; line != "" && !erlangBlank.MatchString(line) && !ornament.MatchString(line) {
			return strings.TrimSuffix(line, ":")
		}
	}
	return ""
}

// nextSaid returns the next line that is not blank, which stays there.
func (r *reader) nextSaid() string {
	for _, line := range r.lines[r.next:] {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// below takes the lines that belong to the one before: those that are indented more, also
// after a blank line, causes, and a tree up to a blank line.
func (r *reader) below() []string {
	var below []string
	continues, inTree := false, false
	for i := r.next; i < len(r.lines); i++ {
		line := r.lines[i]
		if strings.TrimSpace(line) == "" {
			if inTree {
				break
			}
			continue
		}
		indented := indentation(line) > r.depth
		inTree = inTree || ofTree.MatchString(strings.TrimSpace(line)) && indentation(line) == r.depth
		if n := len(below); !indented && n > 0 && causedBy.MatchString(below[n-1]) && r.framesBelow(i) {
			if !continues { // what an exception says may take several lines
				below[n-1], continues = joinedLines(below[n-1], strings.TrimSpace(line)), true
			}
			r.next = i + 1
			continue
		}
		continues = false
		if table.MatchString(strings.TrimSpace(line)) {
			break
		}
		if !indented && !strings.HasPrefix(line, "Caused by:") && !erlangMore.MatchString(line) && !excerpt.MatchString(line) && line != "}" && !inTree {
			break
		}
		below = append(below, strings.TrimSpace(line))
		r.next = i + 1
	}
	return below
}

// traceback takes Python's, with those that it followed from: the last exception is the
// one that nobody caught, and a file that could not be used explains it. All of it may be
// indented, as by a tool that ran the program, or not at all, or broken into short lines.
func (r *reader) traceback() event {
	e, file := event{weight: failure, exception: true}, ""
	margin, chain, cause, frames := indentation(r.lines[r.next-1]), false, "", r.next
lines:
	for ; r.next < len(r.lines); r.next++ {
		line := r.lines[r.next]
		plain := strings.TrimSpace(line)
		switch {
		case pythonChain.MatchString(plain):
			if chain = true; strings.HasPrefix(plain, "The above") {
				cause = e.text
			}
			if ofFile.MatchString(e.text) {
				file = e.text
			}
		case pythonStack.MatchString(plain) && e.text != "" && !chain: // another's
			break lines
		case indentation(line) > margin:
			frames = r.next + 1
		case plain == "" || strings.HasPrefix(plain, "> File ") || pythonStack.MatchString(plain) || harmless.MatchString(plain):
		case e.text == "" && r.next < frames+mostParagraphs && indentation(line) == margin && !raised.MatchString(plain): // broken
		case indentation(line) == margin && (e.text == "" || r.chained(margin)):
			if e.text, chain = plain, false; cause != "" && whatOnly(plain) && !whatOnly(cause) {
				e.text = cause
			}
			if rejected.MatchString(afterName(plain)) && r.next+2 < len(r.lines) {
				e.text = joinedLines(plain, strings.TrimSpace(r.lines[r.next+1]), strings.TrimSpace(r.lines[r.next+2]))
				r.next += 2
			}
		default:
			break lines
		}
	}
	if e.text == "" { // it was cut off
		r.next = min(frames, len(r.lines))
		return event{}
	}
	if strings.HasSuffix(e.text, ":") {
		if list.MatchString(r.nextSaid()) {
			r.following()
		}
		if levelIn(r.nextSaid()) == "" {
			e.text = joinedLines(e.text, r.following())
		}
	}
	if whole := joinedLines(e.text, file); len(whole) <= mostRunes {
		e.text = whole
	}
	return e.remarked()
}

// remarked is an event that is no more than a remark if what it says follows from another.
func (e event) remarked() event {
	if follows.MatchString(e.text) {
		e.weight = remark
	}
	return e
}

// afterName returns the message of an exception.
func afterName(line string) string {
	_, message, _ := strings.Cut(line, ": ")
	return message
}

// thrownByNode takes what Node.js prints of an exception that nobody caught, after the
// place in the source: the line there, what was thrown with its stack, and its fields.
func (r *reader) thrownByNode() (event, bool) {
	i, mark := r.next, false
	for ; i < len(r.lines) && i < r.next+3 && !mark; i++ {
		mark = pointer.MatchString(r.lines[i])
	}
	for ; mark && i < len(r.lines) && r.lines[i] == ""; i++ {
	}
	if !mark || i == len(r.lines) || pythonStack.MatchString(r.lines[i]) {
		return event{}, false
	}
	e := event{text: strings.TrimSpace(r.lines[i]), weight: fatal, exception: true}
	if m := nodeReject.FindStringSubmatch(e.text); m != nil {
		e.text = m[1] + m[2]
	}
	var below []string
	for i++; i < len(r.lines) && !strings.HasPrefix(r.lines[i], "Node.js v"); i++ {
		if line := strings.TrimSpace(r.lines[i]); line != "" {
			below = append(below, line)
		}
	}
	r.next = i
	for len(below) > 0 && strings.HasSuffix(e.text, ":") && !frame.MatchString(below[0]) {
		if !strings.HasPrefix(below[0], "+ ") { // the legend of a difference
			e.text = joinedLines(e.text, below[0])
		} else {
			e.text = strings.TrimSuffix(e.text, ":")
		}
		below = below[1:]
	}
	e.text = detailed(e.text, below)
	return e, true
}

// noFramework takes what .NET says when the version that a program wants is not there.
func (r *reader) noFramework(first string) event {
	e := event{text: first, weight: fatal}
	for ; r.next < len(r.lines) && !strings.HasPrefix(r.lines[r.next], "Learn more"); r.next++ {
		if strings.HasPrefix(r.lines[r.next], "Framework: ") {
			e.text = joinedLines(first, r.lines[r.next])
		}
	}
	return e
}

// message takes Flyway's block about an error of the database, and returns what that said.
func (r *reader) message() string {
	if r.next+1 >= len(r.lines) || !strings.HasPrefix(r.lines[r.next], "-----") || !strings.HasPrefix(r.lines[r.next+1], "SQL State") {
		return ""
	}
	said := ""
	for ; r.next < len(r.lines) && r.lines[r.next] != ""; r.next++ {
		if text, ok := strings.CutPrefix(r.lines[r.next], "Message "); ok {
			said = strings.TrimLeft(text, " :")
		}
	}
	return said
}

// chained reports whether a line is the exception of another traceback: that stands above
// it, after a line that is indented more.
func (r *reader) chained(margin int) bool {
	for i := r.next - 1; i >= 0; i-- {
		line := r.lines[i]
		switch {
		case pythonStack.MatchString(strings.TrimSpace(line)):
			return true
		case strings.TrimSpace(line) == "" || indentation(line) <= margin:
			return false
		}
	}
	return false
}

// wentWrong takes Gradle's account of a failure, up to what it says one may try. The last
// reason of its first paragraph is the innermost; what stands below lists where it looked.
func (r *reader) wentWrong() event {
	e := event{weight: failure}
	for ; r.next < len(r.lines) && r.lines[r.next] != ""; r.next++ {
		switch reason, ok := strings.CutPrefix(strings.TrimSpace(r.lines[r.next]), "> "); {
		case ok || e.text == "":
			e.text = reason
		case strings.HasSuffix(e.text, ":"):
			e.text = joinedLines(e.text, reason)
		}
	}
	for r.next < len(r.lines) && !strings.HasPrefix(r.lines[r.next], "* ") && !strings.HasPrefix(r.lines[r.next], "BUILD ") {
		r.next++
	}
	return e.remarked()
}

// lastOf returns the last of some lines that has a shape.
func lastOf(lines []string, shape *lazyregexp.Regexp) string {
	for _, line := range slices.Backward(lines) {
		if shape.MatchString(line) {
			return line
		}
	}
	return ""
}

func hasFrames(below []string) bool {
	for _, line := range below {
		if frame.MatchString(line) {
			return true
		}
	}
	return false
}

// detailed adds to a line what the lines below it tell more than it does: of causes, the
// innermost, or the one around it that has all of its words, and more.
func detailed(head string, below []string) string {
	if i := slices.Index(below, "--- stderr"); i >= 0 { // cargo's, of what it ran
		if said := best(clean(below[i+1:]), known{how: failed}); said.points > base[aside] {
			if whole := joinedLines(head, said.text); len(whole) <= mostRunes {
				return whole
			}
			return said.text
		}
	}
	cause, around, listed, nested, path := "", head, "", "", ""
	for i, line := range below {
		switch {
		case causedBy.MatchString(line):
			if inner := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(line, "---> "), "[cause]: "), "cause: "); !repeats(cause, inner) {
				around, cause = cmp.Or(cause, head), inner
			}
		case line == "Caused by:" && i+1 < len(below): // Rust's: numbered if there are several
			listed = below[i+1]
			for _, next := range below[i+1:] {
				if numbered.MatchString(next) {
					listed = numbered.ReplaceAllString(next, "")
				}
			}
		case links(below, i) && (listed == "" || links(below, i-1)):
			listed = numbered.ReplaceAllString(line, "")
		case elixirRaise.MatchString(line) && i > 0 && strings.HasSuffix(below[i-1], "an exception was raised:"):
			cause = line
		case listed == "" && label.MatchString(line) && i+1 < len(below):
			listed = below[i+1]
		case causeBelow.MatchString(line):
			if inner := causeBelow.ReplaceAllString(line, ""); speaks(inner) {
				listed = inner
			}
		case listed == "" && leaf.MatchString(line) && speaks(line):
			listed = leaf.ReplaceAllString(line, "")
		case listed == "" && labelled.MatchString(line):
			listed = labelled.FindStringSubmatch(line)[1]
		case thrown.MatchString(line):
			nested = strings.TrimSuffix(line, ",")
		case path == "" && line == `"path": [` && i+1 < len(below): // of what is wrong in an object, as Zod says
			path, head = strings.Trim(below[i+1], `",`), strings.TrimSuffix(head, ": [")
		case listed == "" && field.MatchString(line): // of an object that was logged
			listed = joinedLines(path, field.FindStringSubmatch(line)[1])
		case item.MatchString(line) && !strings.HasSuffix(head, ":"):
			if listed == "" || !speaks(listed) && speaks(line) {
				listed = line[len("- "):]
			}
		case listed == "" && strings.HasPrefix(line, "--- FAIL"): // a test in the test
			head = line
		case listed == "" && (strings.HasPrefix(head, "--- FAIL") || strings.HasPrefix(line, "what():")):
			listed = line
		}
	}
	switch title := strings.TrimRight(head, ": "); {
	case cause != "" && nested != "" && repeats(nested, cause):
		return nested
	case cause != "" && repeats(head, cause):
		return head
	case cause != "":
		return placedBy(around, cause)
	case len(below) > 1 && thrown.MatchString(below[0]) && frame.MatchString(below[1]) && !thrown.MatchString(head): // a logger's line
		return below[0]
	case nested != "" && (title != head || strings.HasPrefix(head, "fail:") || strings.HasSuffix(head, "failed to start") || strings.HasPrefix(head, "Error: LinkageError")):
		return nested
	case listed != "":
		return joinedLines(head, listed)
	case category.MatchString(head) && len(below) > 0:
		return joinedLines(head, below[0])
	}
	return head
}

// links reports whether one of some lines below an error is a link of a chain of causes, which
// begins with the outermost, 0 or 1: no line of a source, and no frame of a stack.
func links(below []string, i int) bool {
	if i < 0 || hclPlace.MatchString(below[0]) || i+1 < len(below) && strings.HasPrefix(below[i+1], "at ") {
		return false
	}
	m := chainLink.FindStringSubmatch(below[i])
	return m != nil && (m[1] <= "1" || links(below, i-1))
}

// placedBy returns a cause that names nothing ("Permission denied") with what is around it, if
// that says of what; any other by itself.
func placedBy(around, cause string) string {
	message := afterName(strings.TrimPrefix(cause, "Caused by: "))
	if telling.MatchString(message) || len(words.FindAllString(message, -1)) > mostBare || !place.MatchString(afterName(around)) {
		return cause
	}
	return strings.TrimPrefix(joinedLines(around, strings.TrimPrefix(cause, "Caused by: ")), "Caused by: ")
}

// repeats reports whether a line has all that a cause of it says, and so says more; one that is
// too long to be quoted says less.
func repeats(line, cause string) bool {
	message := strings.TrimRight(afterName(strings.TrimPrefix(cause, "Caused by: ")), ". ")
	return len(line) <= mostRunes && strings.Contains(message, " ") && strings.Contains(strings.ToLower(line), strings.ToLower(message))
}

// joinedLines makes one line of several.
func joinedLines(lines ...string) string {
	text := ""
	for _, line := range lines {
		switch {
		case text == "":
			text = line
		case line != "" && strings.HasSuffix(text, ":"):
			text += " " + line
		case line != "" && !strings.Contains(text, line):
			text = strings.TrimRight(text, ".") + ": " + line
		}
	}
	return text
}

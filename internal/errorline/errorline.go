// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"cmp"
	"slices"
	"strings"
	"syscall"

	"github.com/seatrial/seatrial/internal/lazyregexp"
	"github.com/seatrial/seatrial/internal/quote"
)

// Bounds of what is looked at, and of what is quoted.
const (
	mostRunes  = 300
	near       = 20 // lines, for what belongs together
	leastSaid  = 15 // of a message that is said twice
	leastAlike = 30 // of two lines that tell of the same attempt
	mostHardly = 2  // words
	manyWords  = 9  // of a line, which hardly says nothing
	mostBare   = 4  // words of an error of the system that names nothing
	rowLength  = 10 // of events that follow from each other
)

// Of returns what most likely says why a program failed, as one line: from stderr, or, if
// that tells less, from stdout. Whoever has both streams as one passes it as stderr. It is
// empty if nothing speaks of trouble. Terminal codes are removed; a long line is cut in
// the middle.
func Of(stderr, stdout []string) string { return of(stderr, stdout, unknown) }

// OfExit is [Of] for a program of which it is known with which code it ended. One that failed
// did not take back what it complained of before it was ready; one that was asked to end by
// SIGTERM or SIGINT, and was ready, had nothing to complain of. One that did not fail, as far
// as the code tells, went on after what it only warned of: it runs, which is 0, too, did what
// it was to do, or was killed.
func OfExit(code int, stderr, stdout []string) string { return of(stderr, stdout, endOf(code)) }

// An end is how a program ended.
type end int

const (
	unknown  end = iota
	failed       // by itself
	asked        // to
	unfailed     // as far as it is known
	killed       // which it cannot help
)

func endOf(code int) end {
	switch {
	case code == 128+int(syscall.SIGTERM), code == 128+int(syscall.SIGINT):
		return asked
	case code <= 0:
		return unfailed
	case code == 128+int(syscall.SIGKILL):
		return killed
	}
	return failed
}

func of(stderr, stdout []string, how end) string {
	stderr, stdout = clean(stderr), clean(stdout)
	expected := append(expectedIn(stderr), expectedIn(stdout)...)
	said, other := best(stderr, beside(stdout, how, expected)), best(stdout, beside(stderr, how, expected))
	if other.points > 0 && (said.points == 0 || other.points+isStdout > said.points) {
		said, other = other, said
	}
	switch {
	case how != failed:
	case said.text == "":
		said.text = cmp.Or(only(stderr), only(stdout), informed(stderr), informed(stdout))
	case strings.HasSuffix(said.text, ":"): // what it announces may have gone to the other stream
		said.text = said.because(other.why, said.why)
	case whatOnly(said.text):
		said.text = said.because(said.why, other.why)
	}
	return Shortened(said.text)
}

// only returns the only line of a stream, which is what a program that failed had to say, unless
// it tells of what goes well. One that speaks of trouble has been judged, and passed over.
func only(lines []string) string {
	said := ""
	for _, line := range lines {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if said != "" {
			return ""
		}
		said = line
	}
	if level := levelIn(said); level != "" && level != "warn" || serves.MatchString(said) || doing.MatchString(said) || speaks(said) || harmless.MatchString(said) {
		return ""
	}
	return said
}

// informed returns the last line of a stream that only informs, or helps to debug, but of trouble:
// what a program says that has no other levels, or one that looks after others.
func informed(lines []string) string {
	for _, line := range slices.Backward(lines) {
		if said, w := read(line); w == none && informs(line) && (speaks(said) && failing.MatchString(said) || died.MatchString(said)) && !harmless.MatchString(said) && !goesOn(said) {
			return said
		}
	}
	return ""
}

// doing is what a line begins with that tells what a program is about to do.
var doing = lazyregexp.New(`(?i)^\pL+ing\b|^(?:hello|welcome|version|usage)\b`)

// What is known of a program beside one stream.
type known struct {
	how           end
	elsewhere     bool     // it can be used, as it said in the other stream
	wellElsewhere bool     // nothing failed, as it said there at last
	expected      []string // it said that this may happen, and is no failure
}

// beside is what is known beside one stream, from the other one.
func beside(other []string, how end, expected []string) known {
	return known{how, lastLike(other, serves) >= 0 || slices.ContainsFunc(other, answers), amongLast(other, noneFailed) >= 0, expected}
}

// A saying is what one stream tells.
type saying struct {
	text   string
	points float64
	why    string // what stands near it, and says why something failed, and not only what
}

// because returns what a saying tells with the first of some reasons that it does not have. If
// that is too long, the reason tells more.
func (s saying) because(reasons ...string) string {
	for _, why := range reasons {
		if why == "" || strings.Contains(s.text, why) {
			continue
		}
		if whole := joinedLines(s.text, strings.TrimSuffix(why, ":")); len(whole) <= mostRunes {
			return whole
		}
		return why
	}
	return s.text
}

// best returns the event of one stream that tells most.
func best(lines []string, program known) saying {
	events := eventsOf(lines)
	course := courseOf(lines, program)
	ranked(events, lines, course)
	chosen := -1
	for i, e := range events {
		if e.points > 0 && (chosen < 0 || e.points >= events[chosen].points) {
			chosen = i
		}
	}
	if chosen < 0 {
		return saying{}
	}
	if events[chosen].diagnostic { // of a compiler's, the first: the others may follow from it
		chosen = slices.IndexFunc(events, func(e event) bool { return e.diagnostic && e.points > 0 && e.weight == events[chosen].weight })
	}
	chosen = firstOfFile(events, chosen)
	told := events[sayingMore(events, firstOfRow(events, chosen))]
	if told.weight >= failure && vague(told.text) && told.line > 0 {
		told.text = withBefore(told.text, strings.TrimSpace(lines[told.line-1]))
	}
	return saying{text: told.text, points: events[chosen].points, why: whyNear(events, events[chosen])}
}

// whyNear returns what tells most, near an event, of why something failed, and not only what.
func whyNear(events []event, told event) string {
	why := -1
	for i, e := range events {
		if e.points > 0 && e.weight >= warning && e.line <= told.end+near && e.end >= told.line-near && !whatOnly(e.text) && !vague(e.text) && (why < 0 || e.points >= events[why].points) {
			why = i
		}
	}
	if why < 0 {
		return ""
	}
	return events[firstOfRow(events, why)].text
}

// firstOfRow returns the first of the events that stand before one without anything
// between, and weigh as much; but none that is vaguer, names only what failed where the
// last says why, or was over when the same was tried again. Of those that are alike it is
// the last, which is also the one that is quoted below a message: the same words with two
// times look like two errors.
func firstOfRow(events []event, last int) int {
	first := last
	for i := last; i > 0 && last-i < rowLength && events[i-1].weight == events[i].weight && events[i-1].end+1 == events[i].line && !events[i].exception && events[i].weight != aside; i-- {
		if events[i-1].points > 0 && events[i-1].worth >= events[last].worth && (!whatOnly(events[i-1].text) || whatOnly(events[last].text)) &&
			!triedAgain(events[i-1].text, events[last].text) {
			first = i - 1
		}
	}
	if quote.Alike(events[first].text, events[last].text) {
		return last
	}
	return first
}

// firstOfFile returns the first of the errors that a parser has of the file in which another one
// is: it may have taken what follows for something else.
func firstOfFile(events []event, last int) int {
	in := ofParser.FindStringSubmatch(events[last].text)
	for i, e := range events[:last] {
		if m := ofParser.FindStringSubmatch(e.text); in != nil && m != nil && m[1] == in[1] && e.points > 0 {
			return i
		}
	}
	return last
}

// triedAgain reports whether two lines tell of the same attempt, which failed first for what may
// be over soon and then for another reason.
func triedAgain(first, last string) bool {
	return passing.MatchString(first) && !passing.MatchString(last) && strings.HasPrefix(last, first[:min(len(first), leastAlike)])
}

// withBefore returns a text of hardly a word with the line before it: if a program says only
// that it cannot go on, that is all that there is of a reason. A line with a level is none.
func withBefore(text, before string) string {
	if len(words.FindAllString(bare(text), -1)) > mostHardly || before == "" || levelIn(before) != "" || strings.HasPrefix(before, "{") || access.MatchString(before) || fieldLevel.MatchString(before) {
		return text
	}
	return joinedLines(before, text)
}

var words = lazyregexp.New(`\pL+`)

// logged is what a logger puts before what it is told: no two events have the same.
var logged = lazyregexp.New(`^\S*\d\S*[ T]\S*\d\S* +(?:WARN(?:ING)?|ERROR|FATAL) .* : |^(?:critical|error|warning) +\w+ `)

// sayingMore returns the event before another one that says the same, and more.
func sayingMore(events []event, i int) int {
	said := logged.ReplaceAllString(cmp.Or(events[i].head, events[i].text), "")
	if name, message, ok := strings.Cut(said, ": "); ok && !strings.Contains(name, " ") { // an exception's
		said = message
	}
	for j := i - 1; j >= 0 && len(said) > leastSaid && events[i].line-events[j].end <= near; j-- {
		if events[j].weight >= min(events[i].weight, failure) && events[j].points > 0 && len(events[j].text) > len(events[i].text) && strings.Contains(events[j].text, said) && !quote.Alike(events[j].text, events[i].text) {
			return j
		}
	}
	return i
}

// term begins a structure, as Erlang prints them, and sentence is a text in it.
var (
	term     = lazyregexp.New(`^(#?|\[|\()\{`)
	sentence = lazyregexp.New(`"([^"\\\s]+(?: [^"\\\s]+){3,})"`)
)

// farAway are the directories of the file in which an error is.
var farAway = lazyregexp.New(`^/(?:[^\s/:()]+/)+([^\s/:()]+(?:\(\d+,\d+\)|:\d+(?::\d+)?): )`)

// Shortened cuts a long line in the middle: its ends tell most. Where no trouble is spoken of at
// the end, after a statement or a list, what speaks of it last takes its place. Of a file the
// name is enough.
func Shortened(line string) string {
	if len([]rune(line)) > mostRunes {
		line = farAway.ReplaceAllString(line, "$1")
	}
	runes := []rune(line)
	if len(runes) <= mostRunes {
		return line
	}
	if term.MatchString(line) {
		for _, said := range sentence.FindAllString(line, -1) {
			if said = strings.Trim(said, `"`); speaks(said) || wish.MatchString(said) {
				return said
			}
		}
	}
	const half = mostRunes / 2
	if rest := string(runes[half:]); !trouble.MatchString(string(runes[len(runes)-half:])) {
		if all := trouble.FindAllStringIndex(rest, -1); len(all) > 0 {
			rest = rest[clause(rest, all[len(all)-1][0]):]
			return string(runes[:half]) + " … " + string([]rune(rest)[:half]) + " …"
		}
	}
	return quote.Ends(line, mostRunes)
}

// clause returns where the clause begins that has a word, or what is near before that.
func clause(text string, word int) int {
	before := text[:word]
	for _, end := range clauseEnd.FindAllStringIndex(before, -1) {
		if word-end[1] <= mostRunes/4 {
			return end[1]
		}
	}
	return word
}

var clauseEnd = lazyregexp.New(`[:;.] | - |, |"`)

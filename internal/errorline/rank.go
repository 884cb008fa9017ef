// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"regexp"

	"github.com/seatrial/seatrial/internal/quote"
)

// points say how much an event tells of why a program failed, beside its weight. They are
// chosen so that the catalogue's failures come out, and so that each line of this table can
// be argued about by itself.
const (
	perLine = 0.5 // off, for each line before the last event: what comes last is nearer to the end
	mostOff = 25  // for that

	// A line of general words only ("startup failed, see previous errors", "worker 0
	// exited") says that something failed, and another one what: an error that is vague
	// tells less than a warning that is not.
	isVague = -30

	// "Cannot open the log" says what failed, and not why.
	isHalf = -12

	// What a program goes on without is not why it ends.
	isDoneWithout = -30

	// Of tries the one that says that it was the last tells more.
	isRetried = -5

	// What would be needed explains an error that stands near it.
	isNeeded = -3

	// An exception with its stack tells more than a sentence about it.
	isException = 2

	// What programs print on purpose of a failure goes to stderr.
	isStdout = -15

	// What fails while a program shuts down is not why it does.
	isShutdown = -30

	// What was tried again and then went well is no reason, nor what a program complained of
	// before it said that it serves, nor its clients' trouble, nor what is said once somebody
	// has stopped it: none of it is quoted, but what is fatal.
	isTakenBack = -100
)

// base is what an event of a weight counts for. An error that is not vague makes up for
// 20 lines by which what is fatal is further from the end.
var base = map[weight]float64{remark: 10, aside: 20, warning: 30, failure: 50, fatal: 60}

// ranked gives each event its points: how much it tells.
func ranked(events []event, lines []string) {
	if len(events) == 0 {
		return
	}
	last := events[len(events)-1].line
	good, served := lastLike(lines, wentWell), lastLike(lines, serves)
	shut, asked := lastLike(lines, shutsDown), lastLike(lines, stopped)
	if begun := lastLike(lines, begins); begun > shut { // another life
		shut, asked = -1, -1
	}
	for i := range events {
		e := &events[i]
		e.worth = base[e.weight]
		switch {
		case e.weight >= failure && vague(e.text):
			e.worth += isVague
		case e.weight >= failure && !telling.MatchString(half.ReplaceAllString(bare(e.text), " ")):
			e.worth += isHalf
		case e.exception:
			e.worth += isException
		}
		if needed.MatchString(e.text) {
			e.worth += isNeeded
		}
		if doneWithout.MatchString(e.text) {
			e.worth += isDoneWithout
		}
		if retried.MatchString(e.text) {
			e.worth += isRetried
		}
		e.points = e.worth - min(perLine*float64(last-e.line), mostOff)
		if shut >= 0 && e.line > shut && events[0].line < shut || ending.MatchString(e.text) {
			e.points += isShutdown
		}
		e.points = max(e.points, 1)
		if served >= 0 && e.line > served && ofClients.MatchString(e.text) ||
			e.weight < fatal && (e.line < served && !e.exception || e.line < good && (e.weight == warning || passing.MatchString(e.text)) ||
				asked >= 0 && e.line > asked || e.weight == warning && doneWithout.MatchString(e.text)) {
			e.points += isTakenBack
		}
	}
}

// lastLike returns the last line that has a shape and speaks of no trouble, or -1.
func lastLike(lines []string, shape *regexp.Regexp) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if shape.MatchString(lines[i]) && !trouble.MatchString(lines[i]) && !advice.MatchString(lines[i]) {
			return i
		}
	}
	return -1
}

// What programs say of themselves.
var (
	wentWell  = regexp.MustCompile(`(?i)\b((re)?connected|(re)?connection (was )?(re-?)?(established|restored|ok)|listening|ready|started|is up|recovered|succeeded|successful(ly)?|healthy|back online|accepting connections|serving)\b`)
	advice    = regexp.MustCompile(`(?i)\b(if you|make sure|please|is the server|check (that|whether|if))\b|\?$`)
	serves    = regexp.MustCompile(`(?i)\b(listening (on|at|for|to)|ready (to|for|on|in|at)|is ready|accepting connections|waiting for (client )?connections|serving|server (is )?(started|startup|listen\w*|ready|running)|server startup complete|started server|running (on|at) http|(agent|service|app|application|server) (is )?(up|running))\b`)
	shutsDown = regexp.MustCompile(`(?i)\b(shutting down|shut ?down (initiated|requested|started|hook|signal)|stopping|graceful(ly)? (shut|stop)\w*|received (signal )?SIG(TERM|INT)|caught signal|draining|cleaning up|tearing down)\b`)
	stopped   = regexp.MustCompile(`\b(SIGTERM|SIGINT|(signal|Signal):? (term|15|terminated|interrupt))\b`)
	ofClients = regexp.MustCompile(`(?i)\b(from client|client connection|client (unexpectedly )?(closed|disconnected|sent|denied)|by (the )?client|closing \w+ connection|cid:\d|, client: \S|No route matches \[)`)
	ending    = regexp.MustCompile(`(?i)\b(failed|unable|cannot|could not|errors?|failure)\b( \w+){0,3} \b(sync|flush|clos(e|ing)|deregister\w*|unregister\w*|clean ?up|shut ?down|stop|unlock|export) `)
	begins    = regexp.MustCompile(`(?i)\b(starting|booting|initiali[sz]ing|launching)\b`)

	// passing is what is tried again: because it says so, or because it is about another
	// program that may not have been there yet.
	retried = regexp.MustCompile(`(?i)\b(re-?try\w*|trying again|try again in|attempt \d|attempts? (left|remaining)|waiting for|not (yet )?(ready|available|up)|reconnect\w*|backing off|will be retried)\b`)
	passing = regexp.MustCompile(retried.String() + `|(?i)\b(connection (was )?(refused|reset|timed out|closed)|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|no such host|(temporary failure in )?name resolution|name or service not known|no route to host|unreachable|no servers? available|timed? ?out|starting up|could not connect|cannot connect|can't connect|unable to connect|failed to connect)\b`)
)

// vague reports whether a line says only that something failed, and neither what nor why: if
// what only frames a message is taken away, no word of it tells, and it names nothing.
func vague(text string) bool {
	return !telling.MatchString(bare(text))
}

func bare(text string) string {
	return general.ReplaceAllString(dress.ReplaceAllString(text, ""), " ")
}

var (
	// dress is what loggers put before a message.
	dress = regexp.MustCompile(`^[A-Z][a-z]{2} +\d+ [\d:]+ \S+ \S+\[\d+\]: |^(\[[^\]]*\]|\([^)]*\)|[\d:.,TZ/+-]+|[A-Z]+:?|\||-|\s)+(\s|$)`)

	// general are words that any failure has.
	general = regexp.MustCompile(`(?i)\b((see|visit|read) \[?https?://\S+|(unable to|cannot|can't|can not|could not|couldn't|did not|failed to) (start|boot|bootstrap|initiali[sz]e|run|launch|continue|proceed|complete)|` +
		`fatal|panic|exception|unhandled|unrecoverable|unexpected(ly)?|abort\w*|terminat\w*|exit\w*|stopp?\w*|shut\w*( down)?|start\w*( up)?|boot\w*|init\w*|fail\w*|errors?|` +
		`(see|check) [\w ]*(logs?|above|errors?|details|messages?|output)( for [\w ]*)?|(because|due to|caused by) [\w ]*errors?|giving up|gave up)\b`)

	// half are words for what failed.
	half = regexp.MustCompile(`(?i)\b(unable to|cannot|can't|can not|could not|couldn't|failed to|error) (creat|open|load|read|writ|connect|reach|process|handl|execut|perform|get|fetch|obtain|establish|set ?up|configur|register|prepar|build|compil|migrat|appl|sav|updat|pars)\w*`)

	// needed is what a sentence says that something takes.
	needed = regexp.MustCompile(`\b(is|are) (required|needed) (to|by|for)\b`)

	// doneWithout is what a program goes on without.
	doneWithout = regexp.MustCompile(`(?i)\b(skipp(ed|ing)|ignor(ed|ing)|falling back|fall back|continuing|(will|using) (be )?(the )?defaults?)\b`)

	// telling is what says more: a word for a reason, a name, a place, or a value.
	telling = regexp.MustCompile(`["'\x60«“‘]|\w/\w|/\w+|\w:\d|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b[a-zA-Z]\w*\.\w+\.\w+|\b[A-Z]\w+(Error|Exception)\b|=\S|: \S+ \S+|` + trouble.String() + `|` + wish.String())
)

// alike reports whether two events tell the same.
func alike(a, b event) bool { return quote.Alike(a.text, b.text) }

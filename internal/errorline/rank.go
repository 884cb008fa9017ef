// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
)

// What an event tells of why a program failed is counted in points: for its weight, and off
// that what makes it tell less. Each number has its reason here, and can be argued about by
// itself; whether all together are right, the catalogues say.
var base = map[weight]float64{remark: 10, aside: 20, warning: 30, failure: 50, fatal: 60}

const (
	// A line of general words only ("startup failed, see previous errors", "worker 0
	// exited") says that something failed, and another one what: an error that is vague
	// tells less than a warning that is not.
	isVague = -30

	// "Cannot open the log" says what failed, and not why.
	isHalf = -12

	// What a program goes on without is not why it ends.
	isDoneWithout = -30

	// What would be needed explains an error that stands near it.
	isNeeded = -3

	// What is said of a place in a source, or in a configuration, is why a build or a program
	// fails; others say that it did.
	isOfSource = 6

	// What the world refused a program, and it cannot change, is where a row of failures begins.
	isOutside = 10

	// A complaint about what a program read from another one, through a pipe, follows from
	// what that one said.
	isOfPipe = -15

	// What came of attempts tells less than why each of them failed.
	isOutcome = -12

	// That a thing is not there follows from that it failed.
	isConsequent = -20

	// A script that starts a program may go on without owning a file, or without a limit of the
	// kernel that no container may set.
	isPreparation = -25

	// What comes last is nearer to the end: so much off for each line before the last
	// event. What is fatal may be 20 lines further away than an error.
	perLine, mostOff = -0.5, -25

	// Which signal a program died of says how it ended.
	isOfSignal = 5

	// What fails while a program shuts down is not why it does.
	isShutdown = -30

	// Whoever looks after other programs says last that one of them ended; how it did, and why,
	// was said before.
	isOfChild = -20

	// A thread that finds the other end of a channel gone, or is cancelled, tells that another one
	// failed.
	isOfOther = -20

	// What a program complained of before it was ready, and was ready all the same, is why it
	// failed only if nothing came later.
	isBeforeReady = -20

	// What programs print on purpose of a failure goes to stderr.
	isStdout = -15
)

// ranked gives each event its points. One that somebody took back gets none.
func ranked(events []event, lines []string, course course) {
	if len(events) == 0 {
		return
	}
	first, last := events[0].line, events[len(events)-1].line
	said, lastly, lastFailure := map[string]int{}, map[string]int{}, 0
	for i, e := range events {
		said[e.shape]++
		lastly[e.shape] = e.end
		if e.weight >= failure {
			lastFailure = i
		}
	}
	for i := range events {
		e := &events[i]
		e.worth = worth(*e)
		if i < lastFailure && prepares.MatchString(e.text) {
			e.worth += isPreparation
		}
		if followsFrom(*e, events[:i]) {
			e.worth += isConsequent
		}
		if said[e.shape] == 1 && cameOf(*e, events[:i], said) {
			e.worth += isOutcome
		}
		e.points = e.worth + max(perLine*float64(last-e.line), mostOff)
		if course.shut > first && e.line > course.shut || ending.MatchString(e.text) {
			e.points += isShutdown
		}
		if course.how == failed && e.line < course.serves && e.weight == failure {
			e.points += isBeforeReady
		}
		persists := said[e.shape] > 1 && !retried.MatchString(e.text) && (course.how == failed || course.how == unknown || course.answered < lastly[e.shape] && !saysMore(lines[lastly[e.shape]+1:]))
		if e.points = max(e.points, 1); course.takesBack(*e) || !persists && course.survives(*e, lines) {
			e.points = 0
		}
	}
}

// worth is what an event tells, wherever it stands.
func worth(e event) float64 {
	n := base[e.weight]
	switch {
	case e.weight >= failure && vague(e.text):
		n += isVague
	case e.weight >= failure && (opensslCode.MatchString(e.text) && !place.MatchString(e.text) || !tells(strings.TrimLeft(half.ReplaceAllString(bare(e.text), " "), ": "))):
		n += isHalf
	}
	if goesOn(e.text) {
		n += isDoneWithout
	}
	if needed.MatchString(e.text) || advising.MatchString(e.text) {
		n += isNeeded
	}
	if e.diagnostic || atLine.MatchString(e.text) {
		n += isOfSource
	}
	if outside.MatchString(e.text) {
		n += isOutside
	}
	if ofPipe.MatchString(e.text) {
		n += isOfPipe
	}
	if e.weight >= failure && died.MatchString(e.text) {
		n += isOfSignal
	}
	if ofChild.MatchString(e.text) {
		n += isOfChild
	}
	if ofOther.MatchString(e.text) {
		n += isOfOther
	}
	return n
}

// followsFrom reports whether an event says that a thing is not there, by its name, of which
// another one said that it failed.
func followsFrom(e event, before []event) bool {
	if e.weight < failure || !absent.MatchString(e.text) {
		return false
	}
	for _, m := range quoted.FindAllString(e.text, -1) {
		if slices.ContainsFunc(before, func(b event) bool {
			return (b.weight >= min(e.weight, failure) || b.weight == remark) && b.shape != e.shape && strings.Contains(b.text, m) && failing.MatchString(b.text)
		}) {
			return true
		}
	}
	return false
}

// cameOf reports whether an event names only what failed, after attempts that said why, more
// than once.
func cameOf(e event, before []event, said map[string]int) bool {
	return whatOnly(e.text) && slices.ContainsFunc(before, func(b event) bool {
		return b.weight >= failure && said[b.shape] > 1 && !whatOnly(b.text)
	})
}

// A course is where a program said how it was getting on: the last line of each kind, or -1.
type course struct {
	well     int // something went well
	serves   int // it can be used
	shut     int // it shuts down
	stopped  int // it does so because it was asked to
	finished int // it did what it was to do, as one of its last lines
	answered int // it answered a request

	known
}

// served reports whether a program could be used before an event.
func (c course) served(e event) bool { return c.serves >= 0 && e.line > c.serves }

func courseOf(lines []string, program known) course {
	c := course{well: lastLike(lines, wentWell), serves: lastLike(lines, serves), shut: lastLike(lines, shutsDown), stopped: lastLike(lines, stopped), finished: finishes(lines), answered: lastAnswer(lines), known: program}
	c.elsewhere = c.elsewhere && c.how != failed
	if c.how == failed {
		c.finished = -1
	}
	if lastLike(lines, begins) > c.shut { // another life
		c.shut, c.stopped = -1, -1
	}
	switch {
	case c.how == killed: // which a sum that it gave on the way does not explain
		c.how, c.wellElsewhere = unfailed, false
	case c.how == unfailed && c.stopped >= 0:
		c.how = asked
	}
	return c
}

// takesBack reports whether an event is no reason any more, or never was one: what was tried
// again and went well; what was complained of before the program could be used, or did what it
// was to do; what only its clients felt; and what was said once it had been asked to stop.
func (c course) takesBack(e event) bool {
	switch {
	case (c.served(e) || c.elsewhere) && ofClients.MatchString(e.text):
		return true
	case c.how != failed && c.served(e) && sessionEnded.MatchString(e.text) && !ofFiles.MatchString(e.text):
		return true
	case c.how == asked && (c.serves >= 0 || c.elsewhere || e.weight <= warning):
		return true
	case c.how == unfailed && e.line < c.finished:
		return true
	case e.weight == fatal:
		return false
	case c.how == unfailed && c.wellElsewhere:
		return true
	case c.elsewhere && (e.weight <= warning || retried.MatchString(e.text) || passing.MatchString(e.text)):
		return true
	case (e.line < c.serves && (c.how != failed || e.weight < failure) || e.line < c.finished) && (!e.exception || c.how == unfailed && e.logged):
		return true
	case e.line < c.well && (e.weight <= warning || retried.MatchString(e.text) || passing.MatchString(e.text)):
		return true
	case c.stopped >= 0 && e.line > c.stopped, c.isExpected(e):
		return true
	case c.how == unfailed && there.MatchString(e.text) && !held.MatchString(e.text):
		return true
	}
	return goesOn(e.text) && (e.weight == warning || c.how == unfailed)
}

// isExpected reports whether a program said of an event that it may happen, and is no failure.
func (c course) isExpected(e event) bool {
	return slices.ContainsFunc(c.expected, func(words string) bool { return strings.Contains(strings.ToLower(e.text), words) })
}

// expectedIn returns the words of trouble, in small letters, of which some lines say that they
// may come, and are no failure.
func expectedIn(lines []string) (words []string) {
	for _, line := range lines {
		if !expects.MatchString(line) {
			continue
		}
		for _, said := range trouble.FindAllString(line, -1) {
			if strings.Contains(said, " ") { // what says only that something fails may be of anything
				words = append(words, strings.ToLower(said))
			}
		}
	}
	return words
}

// survives reports whether a program went on after an event as if nothing had been: it could
// be used, and warned, or informs of what it does next; or it is not known to have failed, and
// takes the event for less than an error itself.
func (c course) survives(e event, lines []string) bool {
	served, after := c.elsewhere || c.served(e) || c.how != unknown && e.line < c.answered, lines[e.end+1:]
	switch {
	case c.how == unfailed && e.weight == aside:
		return true
	case c.how == unfailed && e.weight != fatal && (onlyWarns(lines[e.line]) || ofUtility.MatchString(e.text)):
		return true
	case c.how == unfailed && e.weight != fatal && !e.diagnostic && !e.exception && !waits(e.text) && saysMore(after):
		return true
	case e.weight == warning:
		return served || goesAbout(after)
	case e.weight == failure:
		return c.how != failed && served && goesAbout(after)
	}
	return false
}

// finishes returns the line with which a program says at its end that it did what it was to
// do, or -1.
func finishes(lines []string) int {
	return max(amongLast(lines, finished), amongLast(lines, noneFailed))
}

// amongLast returns the line of a shape that is one of the last of a program, if no trouble is spoken
// of below, or -1.
func amongLast(lines []string, shape *lazyregexp.Regexp) int {
	rest := 0
	for i, line := range slices.Backward(lines) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if shape.MatchString(line) && !ofAnEnd.MatchString(line) && !speaks(line) {
			return i
		}
		if rest++; rest == mostAfter || speaks(line) {
			break
		}
	}
	return -1
}

// goesAbout reports whether a program goes about what it does: it informs of that, or answers
// requests, and tells of no end.
func goesAbout(lines []string) bool {
	calm, failed := 0, ""
	for _, line := range lines {
		switch {
		case leaves.MatchString(line) && !connection.MatchString(line):
			return false
		case access.MatchString(line):
			switch what := request.FindString(line); {
			case serverError.MatchString(line):
				failed = what
			case failed == "" || failed == what: // else it may not be what failed that goes well
				calm, failed = calm+leastCalm, ""
			}
		case informs(line), unixCalm.MatchString(line) && levelIn(line) == "" && !speaks(line):
			calm++
		}
	}
	return calm >= leastCalm
}

// answers reports whether a line tells of a request that a server answered, whatever the client
// made of it.
func answers(line string) bool { return access.MatchString(line) && !serverError.MatchString(line) }

// lastAnswer returns the last of such lines, or -1.
func lastAnswer(lines []string) int {
	for i, line := range slices.Backward(lines) {
		if answers(line) {
			return i
		}
	}
	return -1
}

// saysMore reports whether a program had more to say, none of which speaks of trouble, or of an
// end. One that gives no levels may go about what it does as well.
func saysMore(lines []string) bool {
	more := 0
	for _, line := range lines {
		switch {
		case leaves.MatchString(line) && !connection.MatchString(line):
			return false
		case strings.TrimSpace(line) != "" && indentation(line) == 0 && !speaks(line) && levelOf(line) != "error" && levelOf(line) != "fatal":
			more++
		}
	}
	return more >= leastMore
}

// waits reports whether a line tells of what may be over soon, and is tried again.
func waits(text string) bool { return retried.MatchString(text) || passing.MatchString(text) }

const (
	leastCalm = 2 // lines of information of a program that goes about what it does
	leastMore = 3 // lines of one that may
	mostAfter = 5 // lines may follow the one that says that all is done
)

// goesOn reports whether a line says what a program goes on without.
func goesOn(text string) bool { return doneWithout.MatchString(text) && !goesNoMore.MatchString(text) }

// lastLike returns the last line that has a shape, speaks neither of trouble nor of what
// should be, and is none of a source.
func lastLike(lines []string, shape *lazyregexp.Regexp) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if shape.MatchString(lines[i]) && !speaks(dress.ReplaceAllString(lines[i], "")) && !advice.MatchString(lines[i]) && !notYet.MatchString(lines[i]) && !excerpt.MatchString(strings.TrimSpace(lines[i])) {
			return i
		}
	}
	return -1
}

// How programs say how they are getting on.
var (
	wentWell = lazyregexp.New(`(?i)\b((re)?connected|(re)?connection\b.{0,99} (re-?)?(established|restored|ok)|restored|listening|ready|started|is up|recovered|succeeded|success(ful(ly)?)?|healthy|back online|accepting connections|serving)\b`)
	serves   = lazyregexp.New(`(?i)\b(listening (on|at|for|to)|listen socket on|ready (to|for|on|in|at)|is ready|accepting (\w+ ){0,3}connections|waiting for (client )?connections|serving|` +
		`start of service|server (is )?(started|startup|listen\w*|ready|running)|(agent|service|app|application|server) (is |successfully )?(up|running|started)|started (server|worker)|start worker processes|` +
		`(is|are) (fully )?(up and running|running (now|at|on)|now (available|started|live|online|operational))|has started|daemon started|pipelines running|version \S+ running|resuming normal operations|` +
		`(startup|boot) (is )?(completed?|finished|done)|done \([\d.]+s|started (in [\d.]+ ?|@\d+)m?s|started \w+ in [\d.]+ s\w*|\w+ started".* startup_time|` +
		`running (on|at) http|access \S+ at http|launched (on|at|from) http|(go to|open|visit|browse to|available (at|on|under)|reachable (at|on|under)) https?://(localhost|[\d.]+|\[[\da-f:]+\])|(listen\w*|serv\w*|start\w*|run\w*|bound)\b.{0,60}( |=|//|\[::\]|\*)[\w.-]*:{1,3}([6-9]\d|\d{3,5})|` + // an address, and no time
		`cluster leadership acquired|elected leader|^[\w-]+(\[\d+\])?: started|state changed: (leading|following)|sync: finished with success|health status changed from .* to \[(green|yellow))\b|\bis running[.! ]*$|^[\W\dTZ]*(?-i:[A-Z]{4,}\S* )?(\S+ ){1,3}ready[.! ]*$`) // one of several
	shutsDown = lazyregexp.New(`(?i)\b(shutting down|(starting|beginning|initiating) (\w+ )?shut ?down|shut ?down (initiated|requested|started|hook|signal)|stopping|graceful(ly)? (shut|stop)\w*|received (signal )?SIG(TERM|INT)|caught signal|draining|cleaning up|tearing down)\b`)
	stopped   = lazyregexp.New(`\b(SIGTERM|SIGINT|SIGQUIT|(signal|Signal):? (term|15|terminated|interrupt))\b`)

	// finished is how they say that they did what they were to do; of an end speaks what ends
	// in any case.
	finished   = lazyregexp.New(`(?i)\b(done|finished|completed?|success(ful(ly)?)?|succeeded|saved|passed)\b|^PASS$`)
	noneFailed = lazyregexp.New(`(?i)\b(0|no) (errors?|failed|failures?)\b|\b(errors?|failed|failures?)[=:] ?0\b|\b\d+ pass(ing|ed)\b`) // a sum
	leaves     = lazyregexp.New(`(?i)\b(shut\w*|stop\w*|exit\w*|clos\w*|quit\w*|terminat\w*|leav(e|es|ing)|caught signal|SIG(TERM|INT|QUIT)|have to go|bye)\b`)
	connection = lazyregexp.New(`(?i)\bconnection (was )?(closed|terminated|ended)\b`)            // one of several, which ends
	unixCalm   = lazyregexp.New(`^(?:[A-Z][a-z]{2} +\d+ [\d:]+ \S+ )?[a-z][\w/-]+(\[\d+\])?: \S`) // a daemon's, which gives no levels
	ofAnEnd    = lazyregexp.New(`(?i)\b(process|shut\w*|stop\w*|exit\w*|clos\w*|clean\w*|(roll|rolled) ?back|finish|dump|report|logs?|trace|worker|server)\b`)
	begins     = lazyregexp.New(`(?i)\b(starting|booting|initiali[sz]ing|launching)\b`)
	notYet     = lazyregexp.New(`(?i)(\bnot|n't) (yet )?(ready|up|connected|listening|running|started|healthy)\b`)
	advice     = lazyregexp.New(`(?i)\b(waiting until|if you|make sure|please|is the server|check (that|whether|if))\b|\?$`)
)

// What an event is about, if that makes it tell less.
var (
	ending    = lazyregexp.New(`(?i)\b(failed|unable|cannot|could not|errors?|failure)\b( \w+){0,3} \b(sync|flush|clos(e|ing)|deregister\w*|unregister\w*|clean ?up|shut ?down|stop|unlock|export) `)
	ofClients = lazyregexp.New(`(?i)\b(from client|client connection|client (unexpectedly )?(closed|disconnected|sent|denied)|by (the )?client|closing \w+ connection|cid:\d|aborted connection \d|No route matches \[|[Ll]ogin failed for user|(for|from) (client |\w+)?\[?(\d{1,3}\.){3}\d|(bad|invalid|malformed|illegal) (?-i:HTTP\w*) (request|header)s?|header (read )?time-?out)|, client: \S|\[client \S+\]|\bClient (\S+ (closed|disconnected)|(?-i:\S*[\d<]\S*) (has|is|was))|:\d{2,5}->[^\s:]+:(3[3-9]|[45]\d|6[0-5])\d{3}\b|\btried to (join|log ?in|connect)\b|\[\d{2,}\] (\S+ )?FATAL:  (role|database) "|\((\d{1,3}\.){3}\d{1,3}:\d+ -> `)
	ofPipe    = lazyregexp.New(`(?i)\b(stdin|standard input)\b`)
	// ofUtility is what a command of a script says of its file: where nothing failed, the script
	// went on.
	ofUtility   = lazyregexp.New(`^(chown|chmod|chgrp|mkdir|rm|rmdir|cp|mv|ln|ls|cat|find|grep|sed|stat|touch|kill|pkill|which|id|getent|useradd|usermod|groupadd|adduser|addgroup|groupmod|sysctl|mount|umount|modprobe|ulimit|renice|hostname|ip|iptables): `)
	prepares    = lazyregexp.New(`^(chown|chmod|chgrp|sysctl): | /proc/sys/\S+: `)
	absent      = lazyregexp.New(`(?i)\b(not available|not installed|not found|not exist|no (such|package|module)|cannot find|can't find|could not find)\b`)
	quoted      = lazyregexp.New("['\"‘“\x60][^\\s'\"‘’“”\x60]+['\"’”\x60]|\\s:[a-z]\\w+")
	failing     = lazyregexp.New(`(?i)\b(fail(ed|ure)?|error|cannot|unable|not available)\b`)
	retried     = lazyregexp.New(`(?i)\b(re-?try\w*|trying again|try again in|attempt \d|attempts? (left|remaining)|waiting for|not (yet )?(ready|available|up)|reconnect\w*|backing off|will be retried)\b`)
	doneWithout = lazyregexp.New(`(?i)\b(skipp(ed|ing)|ignor(ed|ing)|falling back|fall back|continuing|defaulting to|carry(ing)? on|moving on|non-?fatal|not (critical|fatal)|using (the )?(\w+ ){1,3}instead|using (the |a )?fallback|(will|using) (be )?(the )?defaults?)\b|[.,;)-] *(proceeding|disabling)\b|[,;] (using|assuming|keeping|creating)\b|\b(temporary|random|new) \w+ (is|was|has been) (provided|generated|created)\b|\. trying \w+( \w+)?[. ]*$|` +
		`\b(will|won't|cannot|can't) (not )?be (reported|collected|exposed|monitored|exported|recorded|tracked|measured|displayed|shown)\b|\bwill be (disabled|turned off|switched off|skipped|ignored|unavailable)\b`)
	goesNoMore = lazyregexp.New(`(?i)\b(not|before|instead of|without|cannot|can't|unable to) (skipping|ignoring|continuing|proceeding|fall(ing)? back)\b`)
	needed     = lazyregexp.New(`\b(is|are) (required|needed) (to|by|for)\b`)

	advising = lazyregexp.New(`(?i)\b(if you have|you (can|may|might))\b`)
	// ofChild names a program that another one looks after, and ends with that it failed.
	ofChild = lazyregexp.New(`(?i)\b(process|subprocess|shard|worker|child|service|task|job|actor|daemon|component|program)(es|s)?\b( \S+){0,3} ` +
		`(failed to (start|boot|launch|initiali[sz]e|come up)|(could not|cannot) be started|((has|have|was|is) )?(exited|died|crashed|terminated|stopped|dead)( unexpectedly| prematurely| abnormally| early)?)[.!]*$|\btoo many (\w+ )?restarts\b`)

	// ofOther is what a thread, a process of a pool or a task says of what another one left:
	// Rust's, Python's, the JVM's, .NET's and Go's.
	ofOther = lazyregexp.New(`\b((Try|Timeout)?(Recv|Send)(Timeout)?Error|PoisonError|JoinError|Broken(ProcessPool|ThreadPool|Barrier\w*)|(Cancell?ed|Cancellation|TaskCanceled|OperationCanceled)(Error|Exception)|RejectedExecutionException|InterruptedException|ChildFailedError|ProcessExitedException)\b|` +
		`\bErr\x60 value: Any \{ \.\. \}|\bcontext cancell?ed\b|\b(channel|pool) (is |was |has been )?(closed|not open|terminated)\b|\ba (scoped thread|task) (panicked|was cancell?ed)\b|\b(sending|receiving) on (a|an|the) (\w+ and )?(closed|disconnected) channel\b`)

	// there is what a set-up finds when it is run again; held is what only one program may have.
	there = lazyregexp.New(`(?i)\balready exists?\b`)
	held  = lazyregexp.New(`(?i)\b(pid|lock|socket)(s|file)?\b|\.(pid|lock|sock)\b`)

	// expects says of what may come that it is no failure.
	expects = lazyregexp.New(`(?i)\b(will|may|might|can|could|should) (\w+ )?(fail|error|complain|see|show|report|print|be reported)\b.*\b(ok(ay)?|fine|expected|harmless|normal|ignored?|safe(ly)?|no problem)\b|` +
		`\b(errors|failures|messages|warnings|complaints)\b.* (are|can be|may be) (\w+ )?(ok(ay)?|fine|expected|harmless|normal|ignored|safe)\b|` +
		`\b(error|failure|message|warning) (is|can be|may be) (\w+ )?(ok(ay)?|fine|harmless|normal|ignored|safe)\b|\b(ignore|never mind) (\w+ ){0,3}(errors?|failures?|messages?|warnings?)\b`)

	atLine  = lazyregexp.New(`(?i)\bsyntax error\b.*\bline \d+`)
	outside = lazyregexp.New(`(?i)\b(permission denied|access denied|authentication failed|insufficientprivilege|no space left|not permitted|could not resolve host|permissions\b.* too open|address already in use|read-only file ?system)\b`)

	// passing is what may be over soon: another program may not have been there yet.
	passing = lazyregexp.New(`(?i)\b(connection (was )?(refused|reset|timed out|closed)|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|no such host|temporary failure|name resolution|name or service not known|no route to host|unreachable|no servers? available|timed? ?out|deadline exceeded|starting up|could not connect|cannot connect|can't connect|unable to connect|failed to connect|try again$)\b|/dev/(tcp|udp)/`)
)

// vague reports whether a line says only that something failed, and neither what nor why: if
// what only frames a message is taken away, no word of it tells, and it names nothing.
func vague(text string) bool {
	rest := bare(text)
	if !telling.MatchString(rest) && len(words.FindAllString(rest, 2)) < 2 {
		return true
	}
	return !tells(rest) && len(words.FindAllString(rest, manyWords)) < manyWords
}

// whatOnly reports whether a line names what failed, and has no other word of trouble: "cannot
// open /etc/shop.yaml".
func whatOnly(text string) bool {
	if thrown.MatchString(text) {
		text = afterName(text)
	}
	rest := half.ReplaceAllString(text, " ")
	return rest != text && !outside.MatchString(text) && !trouble.MatchString(bare(rest)) && !passing.MatchString(rest) && !ofVersion.MatchString(rest)
}

func tells(text string) bool {
	return telling.MatchString(text) || ofVersion.MatchString(text) || trouble.MatchString(text) || wish.MatchString(text)
}

// bare is a line without what loggers put before it, and without words that any failure has.
func bare(text string) string {
	return general.ReplaceAllString(dress.ReplaceAllString(maybe.ReplaceAllString(text, ""), ""), " ")
}

var (
	dress   = lazyregexp.New(`^[A-Z][a-z]{2} +\d+ [\d:]+ \S+ \S+\[\d+\]: |^(\w+\[\](\[[^\]]*\])*|\[([^\]:]|:[^\]\s])*:?\]|\([^)]*\)|[\d:.,TZ/+-]+|[A-Z]+:?|\||-|\s)+(\s|$)`)
	general = lazyregexp.New(`(?i)\b(\w+ check failed|(see|visit|read) \[?https?://\S+|(unable to|cannot|can't|can not|could not|couldn't|did not|failed to) (start|boot|bootstrap|initiali[sz]e|run|launch|continue|proceed|complete)|` +
		`fatal|panic|exception|unhandled|unrecoverable|unexpected(ly)?|abnormal(ly)?|invalid config(uration)?|abort\w*|terminat\w*|exit\w*|stopp?\w*|shut\w*( down)?|start\w*( up)?|boot\w*|init\w*|fail\w*|errors?|` +
		`(see|check) [\w ]*(logs?|above|errors?|details|messages?|output)( for [\w ]*)?|(because|due to|caused by) [\w ]*errors?|giving up|gave up)\b`)

	// maybe begins advice at the end of a line.
	maybe = lazyregexp.New(`(?i)[,;.] (maybe|perhaps|did you)\b.*$`)

	// half are words for what failed.
	half = lazyregexp.New(`(?i)\b(unable to|cannot|can't|can not|could not|couldn't|failed to|error) (import|creat|open|load|read|writ|connect|reach|process|handl|execut|perform|get|fetch|obtain|establish|set ?up|configur|register|prepar|build|compil|migrat|appl|sav|updat|pars|satisf|transform|convert|generat|decod|validat|acquir)\w*|\b(cannot|could not) be (loaded|imported)\b|\bfetch failed$`)

	// ofVersion is what cannot be read, because it is newer or older.
	ofVersion = lazyregexp.New(`\bversion \d`)

	// opensslCode is that of an error of OpenSSL.
	opensslCode = lazyregexp.New(`\berror:[0-9A-F]{8}:`)

	// telling is what says more, beside words of trouble: a name, a place, or a value.
	telling = lazyregexp.New(`["'\x60«“‘]|\w/\w|/\w+|\w:\d|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b|\b[a-zA-Z]\w*\.\w+\.\w+|\b[A-Z]\w+(Error|Exception)\b|=\S|: (\d+ )?\S*\pL\S* \S+`)
)

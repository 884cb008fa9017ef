// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
)

// A weight says how much an event tells about a failure.
type weight int

const (
	none    weight = iota
	remark         // that somebody else failed
	aside          // of an account of a failure, without a word of trouble
	warning        // which speaks of trouble
	failure        // an error by its level or words, or an exception
	fatal          // by its level, or as a language's runtime says it
)

// read returns what a line says, without the dress that some loggers give it, and its
// weight.
func read(line string) (text string, w weight) {
	line = strings.TrimSpace(monolog.ReplaceAllString(phpMessage.ReplaceAllString(nodeWarns.ReplaceAllString(line, "$1"), ""), ""))
	if harmless.MatchString(line) || passed.MatchString(line) || called.MatchString(line) {
		return line, none
	}
	text, level := line, ""
	if t, l, ok := readJSON(line); ok {
		text, level = t, l
	} else if t, l, ok := readFields(line); ok {
		text, level = t, l
	} else {
		level = levelIn(line)
		if level != "" {
			text = unpacked(line)
		}
		if m := rubyFields.FindStringSubmatch(line); m != nil {
			text = joined(m[1], m[2])
		}
	}
	return text, weigh(text, level)
}

// weigh judges a line by the level that its logger gave it, or else by its words.
func weigh(text, level string) weight {
	own := npm.ReplaceAllString(text, "")
	speaks := speaks(own)
	switch {
	case strings.HasSuffix(text, "]") && dress.ReplaceAllString(text, "") == "": // nothing but who says it
		return none
	case harmless.MatchString(text), advises.MatchString(dress.ReplaceAllString(text, "")), deprecated.MatchString(text) && level != "error" && level != "fatal", level == "" && (fetched.MatchString(text) || dealtWith.MatchString(dress.ReplaceAllString(text, "")) || ifYou.MatchString(text) || describes.MatchString(text)), session.MatchString(text) && !ofFiles.MatchString(text), level != "error" && level != "fatal" && expects.MatchString(text):
		return none
	case level == "error" && overcame(text):
		return none
	case follows.MatchString(text), level != "info" && wrapped.MatchString(text), sums(text), onlyNames.MatchString(text):
		return remark
	case ofJob.MatchString(text):
		return aside
	case unspawned.MatchString(text):
		return failure
	case level == "fatal", level == "error" && (parting.MatchString(text) || ownFatal.MatchString(text)), unfetched.MatchString(text):
		return fatal
	case level == "error":
		return failure
	case level == "warn" && (speaks || wish.MatchString(text) || died.MatchString(text)), uninitialized.MatchString(text), level == "info" && carried.MatchString(text):
		return warning
	case level == "info" || level == "warn" || access.MatchString(text):
		return none
	case crash.MatchString(text):
		return fatal
	case speaks && framed.MatchString(text):
		return remark
	case speaks && goesOn(text):
		return warning
	case speaks, finding.MatchString(text), shellSays.MatchString(text):
		return failure
	case level == "" && wish.MatchString(own) && !noTrouble.MatchString(own):
		return warning
	case own != text:
		return aside
	}
	return none
}

// overcame reports whether an error, by its level, says that what failed before went well in the end.
func overcame(text string) bool {
	message := dress.ReplaceAllString(text, "")
	return wellAtLast.MatchString(message) && !speaks(message)
}

// informs reports whether a line has a level below that of trouble.
func informs(line string) bool { return levelOf(line) == "info" }

// levelOf returns the level of a line, in whatever way its logger wrote it.
func levelOf(line string) string {
	_, level, ok := readJSON(line)
	if !ok {
		_, level, ok = readFields(line)
	}
	if !ok {
		level = levelIn(line)
	}
	return level
}

// onlyWarns reports whether a program itself takes what it says for less than an error, and does
// not wait for anybody: the line has the level of a warning, shows an error that the program
// caught, or is a row of a table of checks, which goes on with the next.
func onlyWarns(line string) bool {
	line = strings.TrimSpace(line)
	return checked.MatchString(line) || (levelOf(line) == "warn" || caught.MatchString(line)) && !waits(line)
}

// caught is how JavaScript prints an error without its stack.
var caught = lazyregexp.New(`^\[\w*Error: .*\]( \{)?$`)

// checked is the mark of a row of a table of checks, some of which did not go well.
var checked = lazyregexp.New(`^\[[✗✘×xX!]\] `)

// speaks reports whether a text speaks of trouble.
func speaks(text string) bool {
	return trouble.MatchString(spoken(text)) && !noTrouble.MatchString(text)
}

// rubyFields are those of a logger that writes them as Ruby does.
var rubyFields = lazyregexp.New(`^(.*?) ?\{:\w+=>.*:message=>"((?:[^"\\]|\\.)*)"`)

// called is a call of a stack, as Haskell prints it below what was thrown: the function may be
// named after errors.
var called = lazyregexp.New(`^\S+, called at \S+:\d+:\d+ in \S`)

// npm is what npm puts before each line of its account of a failure.
var npm = lazyregexp.New(`^npm (ERR!|error)\s*`)

// phpMessage is what PHP's process manager puts before what PHP says.
var phpMessage = lazyregexp.New(`^(\[[^\]]*\] WARNING: \[pool \w+\] child \d+ said into std(err|out): ")?NOTICE: PHP message: `)

// nodeWarns is what Node.js before 15 puts before an error that nobody caught.
var nodeWarns = lazyregexp.New(`^\(node:\d+\) UnhandledPromiseRejectionWarning: (\w*(?:Error|Exception)\b)`)

// monolog is what PHP's logger puts after each line: the context, which the message has, and
// more.
var monolog = lazyregexp.New(` (\{"exception":"\[object\].*\}|\[\]) \[\]$`)

// uninitialized is a warning of Perl's.
var uninitialized = lazyregexp.New(`^Use of uninitialized value`)

// levels are the words for them: of most loggers, of syslog, the short ones of zerolog
// and klog's letters.
var levels = map[string]string{
	"fatal": "fatal", "critical": "fatal", "crit": "fatal", "emerg": "fatal", "emergency": "fatal",
	"panic": "fatal", "ftl": "fatal", "pnc": "fatal", "dpanic": "fatal", "severe": "error",
	"error": "error", "config error": "error", "alert": "error", "err": "error", "eror": "error", "fail": "error",
	"warn": "warn", "warning": "warn", "wrn": "warn",
	"info": "info", "inf": "info", "information": "info", "notice": "info", "note": "info", "debug": "info", "dbg": "info",
	"trace": "info", "trc": "info", "verbose": "info", "system": "info", "statement": "info", "detail": "info", "hint": "info",
	"dbug": "info", "trce": "info", "fine": "info", "config": "info",
	"a": "info", "n": "info", "c": "fatal", "f": "fatal", "e": "error", "w": "warn", "i": "info", "d": "info",
}

// Where a level stands: in capitals, or between brackets, after no more than times, ids
// and names; in small letters with a colon, at the beginning, or after the name of a program;
// as Ruby's logger and MSBuild have it.
var (
	levelWord  = lazyregexp.New(`^(?:[^a-zA-Z"]|\d:[CMSX] |UTC|GMT|T\d|Z\b|\[[^\]]*\](?:\s|\[)|\{[\w.]+:\d+\}\s|\w+ \d{4}-\d\d-\d\d\s|\w+ \(\d+\)|\([^)]*\)\s|\w+=\S+ |(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b)*?\[?\b(CONFIG ERROR|FATAL|CRITICAL|CRIT|EMERG|ALERT|PANIC|FTL|SEVERE|ERROR|ERR|WARN|WARNING|WRN|INFO|INF|NOTICE|Note|System|DEBUG|DBG|TRACE|TRC|VERBOSE|STATEMENT|DETAIL|HINT|CONFIG|FINE)(?:[^.\w]|$)`)
	levelNamed = lazyregexp.New(`^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* +(?:- |\| )?[\w./-]+ *(?:\[\d+\]:?)?(?: - | \| | )(FATAL|CRITICAL|ERROR|WARN|WARNING|INFO|NOTICE|DEBUG|TRACE)\b`) // after a logger's name, as Python's
	levelSmall = lazyregexp.New(`^(?:[^a-zA-Z"]|T\d|Z\b|\w+=\S+ )*?\[?\b(?:[a-z]+: |[a-z]+\[[\d:]+\] )?\[?([Ff]atal|[Cc]ritical|crit|emerg|alert|panic|[Ee]rror|err|fail|warn|[Ww]arning|[Ii]nfo|[Nn]otice|[Dd]ebug|dbug|trce|trace)(?:\]|:)`)
	levelUnix  = lazyregexp.New(`^(?:[A-Z][a-z]{2} +\d+ [\d:]+ (?:\S+ )?)?[\w./+-]+(?:[\[(<][^\s:]*)?: ([Ff]atal|[Ee]rror|[Ww]arning|[Ii]nfo|[Nn]otice|[Dd]ebug): `)
	levelRuby  = lazyregexp.New(`^[DIWEFA], \[[^\]]*\] +(DEBUG|INFO|WARN|ERROR|FATAL) -- `)
	levelBuild = lazyregexp.New(`^\S+ ?: (warning|error) [A-Z]+\d+: `)
	levelNim   = lazyregexp.New(`^\S+\(\d+, \d+\) (Error|Warning|Hint): `)
	levelGCC   = lazyregexp.New(`^\S+:(?: line )?\d+:(?:\d+:)? (warning|note): `) // shells, too
	levelApt   = lazyregexp.New(`^([EWN]): \S`)
	levelKlog  = lazyregexp.New(`^([FEWI])\d{4} \d\d:\d\d:\d\d`)
	levelMark  = lazyregexp.New(`^\d{4}-\d\d-\d\d[ T][\d:.,]+Z?:? ([ADIWEFC]) |^\[([DIWEFC]) \d[\d:. -]+|^\S+ \S+ \S+ \[([DIWEFC])\] `)
	levelSlash = lazyregexp.New(`^\[[^\]]*\] \[[^\]/]*/(FATAL|ERROR|WARN|INFO|DEBUG)\]`)
	levelAngle = lazyregexp.New(`^[\d.: ]+\[ \d+ \] \{[^}]*\} <(Fatal|Critical|Error|Warning|Notice|Information|Debug|Trace)> `)
	levelLint  = lazyregexp.New(`^(?:(?:Line )?\d+:\d+:? +)?(error|warning|info) `)
	levelTabs  = lazyregexp.New(`^\d[\d:.TZ/+-]+\t(dpanic|panic|fatal|error|warn|info|debug)\t`)
)

// onTheWay is what libraries for desktops complain of, Chromium's, Qt's and GLib's, and git where
// it is asked for a version: programs go on without what a container does not have.
var onTheWay = lazyregexp.New(`^\[\d+:\d+:\d{4}/\d{6}\.\d+:ERROR:|^Q[A-Z]\w*::\w+: |^\(\S+:\d+\): \S+-(WARNING|CRITICAL) \*\*: |^fatal: not a git repository\b`)

func levelIn(line string) string {
	if onTheWay.MatchString(line) {
		return "warn"
	}
	for _, shape := range []*lazyregexp.Regexp{levelTabs, levelLint, levelAngle, levelMark, levelSlash, levelApt, levelKlog, levelGCC, levelNim, levelUnix, levelRuby, levelBuild, levelNamed, levelWord, levelSmall} {
		if m := shape.FindStringSubmatch(line); m != nil {
			return levels[strings.ToLower(cmp.Or(m[1:]...))]
		}
	}
	return ""
}

// readJSON reads a line that is a JSON object, as many loggers write.
func readJSON(line string) (text, level string, ok bool) {
	var object map[string]any
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &object) != nil {
		return "", "", false
	}
	fields := make(map[string]any, len(object))
	for key, value := range object { // .NET's begin with capitals
		if small := strings.ToLower(key); small == key || object[small] == nil {
			fields[small] = value
		}
	}
	for _, key := range []string{"level", "log.level", "severity", "lvl", "s", "@l", "levelname", "loglevel", "severitytext"} {
		switch value := fields[key].(type) {
		case string:
			level = levels[strings.ToLower(value)]
		case float64: // bunyan's and pino's
			level = []string{"info", "info", "info", "info", "warn", "error", "fatal"}[min(max(int(value)/10, 0), 6)]
		}
		if level != "" {
			break
		}
	}
	if tags, ok := fields["tags"].([]any); ok && level == "" && len(tags) > 0 { // hapi's
		level = levels[fmt.Sprint(tags[0])]
	}
	text = first(fields, "msg", "message", "@m", "@mt", "text", "event", "body")
	more := ofStack(first(fields, reasons...))
	for _, key := range []string{"data", "attributes", "context"} {
		if inner, ok := fields[key].(map[string]any); ok && more == "" {
			more = ofStack(first(inner, reasons...))
		}
	}
	text = ofStack(text)
	if attr, ok := fields["attr"].(map[string]any); ok && more == "" { // MongoDB's
		more = first(attr, "message", "error", "reason")
		if message, ok := attr["message"].(map[string]any); ok { // of its storage engine
			more = joined(more, first(message, "error_str"))
		}
		if err, ok := attr["error"].(map[string]any); ok && more == "" { // whatever the level
			if more = first(err, "errmsg"); more != "" && level == "info" {
				level = "warn"
			}
		}
	}
	if text == "" && more == "" {
		text = strings.Join(troubleIn(fields), ": ")
	}
	return joined(text, more), cmp.Or(level, "info"), text != "" || more != ""
}

// troubleIn returns the texts of an object, and of those in it, that speak of trouble.
func troubleIn(fields map[string]any) (said []string) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		switch value := fields[key].(type) {
		case string:
			if strings.Contains(value, " ") && speaks(value) {
				said = append(said, value)
			}
		case map[string]any:
			said = append(said, troubleIn(value)...)
		}
	}
	return said
}

// unpacked returns a line with the error out of the fields that some loggers write as JSON
// at its end, in place of them.
func unpacked(line string) string {
	if m := fieldError.FindStringSubmatch(line); m != nil && strings.Contains(m[1], `\"`) {
		if plain, err := strconv.Unquote(m[1]); err == nil {
			return strings.Replace(line, m[1], plain, 1)
		}
	}
	at := strings.Index(line, "{\"")
	var fields map[string]any
	if at <= 0 || json.Unmarshal([]byte(line[at:]), &fields) != nil {
		return line
	}
	more := ofStack(first(fields, reasons...))
	if more == "" {
		return line
	}
	return joined(strings.TrimSpace(line[:at]), more)
}

// reasons are the keys under which loggers have the error that a message is about.
var reasons = []string{"error", "err", "exception", "error.message", "@x", "thrown", "stack_trace", "reason", "exc_info", "caused_by", "cause", "stack"}

var stack = lazyregexp.New(`\n\s+(at |File ")|Traceback \(most recent`)

// ofStack returns what a text of several lines says, with a stack or too long to be quoted,
// if one of them tells.
func ofStack(text string) string {
	if stack.MatchString(text) || strings.Contains(text, "\n") && len(text) > mostRunes {
		if said := best(clean(strings.Split(text, "\n")), known{how: failed}); said.points > base[aside] {
			return said.text
		}
	}
	return text
}

// first returns the first of some keys that is there: a text, or the message of an object.
func first(fields map[string]any, keys ...string) string {
	for _, key := range keys {
		switch value := fields[key].(type) {
		case string:
			if value != "" {
				return value
			}
		case map[string]any:
			if text := first(value, "message", "msg"); text != "" {
				return text
			}
		}
	}
	return ""
}

// The keys of lines as logrus, slog and go-kit write them; some leave out the quotes.
var (
	fieldLevel = lazyregexp.New(`\b(?:level|lvl)="?(\w+)`)
	fieldText  = lazyregexp.New(`\b(?:msg|message)=("(?:[^"\\]|\\.)*"|\S.*?)(?: [\w.]+=|$)`)
	fieldError = lazyregexp.New(`\b(?:err|error)=("(?:[^"\\]|\\.)*"|\S.*?)(?: [\w.]+=|$)`)
)

// readFields reads a line of key=value pairs with a level among them.
func readFields(line string) (text, level string, ok bool) {
	value := func(shape *lazyregexp.Regexp) string {
		m := shape.FindStringSubmatch(line)
		if m == nil {
			return ""
		}
		if plain, err := strconv.Unquote(m[1]); err == nil {
			return plain
		}
		return m[1]
	}
	if level = value(fieldLevel); level != "" {
		text = joined(value(fieldText), ofStack(value(fieldError)))
		return cmp.Or(text, line), levels[strings.ToLower(level)], true
	}
	return "", "", false
}

// joined is one line of what a logger has in two fields.
func joined(text, more string) string {
	text, more = flat(text), flat(more)
	if text == "" || more == "" || strings.Contains(text, more) {
		return cmp.Or(text, more)
	}
	return strings.TrimRight(text, ":. ") + ": " + more
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

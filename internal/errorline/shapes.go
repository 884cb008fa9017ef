// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
)

// trouble is how lines without a level speak of what went wrong.
var trouble = lazyregexp.New(`(?i)\b(errors?|no provider of \S+ found|exception|panic(ked)?|fatal|fail(s|ed|ure)?|cannot|can't|can not|could not|couldn't|unable|` +
	`refused|denied|invalid|illegal|unknown|unrecognized|unexpected|undefined|unsupported|unresolved|uninitialized|missing|mismatch(ed)?|incompatible|corrupt(ed)?|malformed|` +
	`nothing provides|not (installed|available|expected|found|unique|recogni[sz]ed|reachable|compatible|permitted|allowed|defined|set|supported|specified|a directory|writable|enough)|parameter not set|unbound variable|inconsistent|changed significantly|not in \w+ format|bad option|requires go|does not exist|doesn't exist|no (such|solution|candidates|installation candidate|space|disk|licen[cs]e|memory|route|host|connection|password|permission|access|configuration|config|matching|valid|suitable|default|handler|module|file|files|database|driver|network|key|token|certificate|command|binary|pg_hba)|out of \w+|` +
	`read-only|timed out|time-?out|already (in use|exists|running|used|bound|taken|locked)|\w+ exists - |(do|does|is|are) not (\w+ ){0,4}valid|in use|too (low|many|large|long)|required|expired|aborted|killed|segmentation fault|` +
	`bad (file|directive|request|magic|gateway|configuration|argument)|wrong|rejected|unauthorized|forbidden|conflict|disconnected|unreachable|assertion|gave up|giving up|` +
	`refus(es|ing) to|did(n't| not) (answer|respond|reply|become|come up|start|connect|match|find)|do(es)?( not|n't) satisfy|would reformat|code style issues|ECONNREFUSED|ENOENT|EACCES|EADDRINUSE|(?-i:E(CONN[A-Z]+|ADDRNOTAVAIL|TIMEDOUT|SOCKETTIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN|EXIST|ISDIR|NOTDIR|NOTEMPTY|MFILE|NOSPC|ROFS|PERM|PIPE|BUSY))|(?-i:\w+(Error|Exception|NotFound)))\b|Can't|undefined reference|resolves to nothing| -- exiting\b|unmet dependencies:|\bERR_PNPM_\w+|\bbreaks: \w+\[|\binstalled version is |\bblocked (mirror|by)\b|\[emerg\]`)

// noTrouble is how they say that nothing did, or name what deals with it.
var noTrouble = lazyregexp.New(`(?i)\b(0|no|without|zero)\s+(errors?|failures?|failed|warnings?|aborted|rejected|expired|missing|invalid|conflicts?|timeouts?)\b|\b(errors?|failures?|failed|fail|aborted|rejected|expired|missing|invalid)( \w+)?\s*[:=]\s*(0\b|(false|none|off|null|no|\[\]|"")([,;)}]|$))|error_log\b|\bno (user )?action is (required|needed)\b|\bkeys expired: \d+|\bno (\w+ )?(migrations|vulnerabilities|advisories|issues|changes|updates)\b|^[-.*•] \w+(\.\w+)+$`)

// Trouble that is not spoken of: names of things that deal with it, settings of it, and
// files, packages and items that are called so.
var (
	named = lazyregexp.New(`(?i)\b((errors?|exceptions?|failure|fatal|panic|time-?out)[-_ ]|(fail(ed)?|missing|invalid|conflict|denied|rejected|expired)[-_])(handl\w+|pages?|report\w*|rates?|count\w*|budgets?|logs?|logger|logging|track\w*|boundar\w+|level|threshold|stream|channel|queue|topic|middleware|filters?|mapper|interceptor|templates?|plugins?|modules?|metrics?|total|polic\w+|detect\w+|over|back|fast|safe|limits?|recovery|resolver|resolution)\b|` +
		`\bunknown\[[\da-f.:]+\]|\bon[-_ ](errors?|fail(ure)?|conflict|timeout)\b|^\s*[\w.-]+ ?= ?("[^"]*"|\S*)$|\btime-?out[a-z]*[=:] ?[\d.]+ ?\w*([,;)]|$)|\b(errors?|failures?)[ \w]*: (enabled|disabled|on|true|yes)\b|\bhandles? (errors?|failures?)\b|^\s*[\w.-]+\s*[:=]\s*(true|false|null|none|\d+|"")\s*,?$|["'](failed|errors?|expired|invalid|rejected|missing|unknown)["']|, (errors?|failures?|exceptions?)(,|$)|\bif (\w+ ){0,2}(does not|doesn't|not) exists?\b`)
	paths = lazyregexp.New(`/?([\w@.-]+/)+[\w@.-]*\.(cs|fs|vb)?[a-z]{2,5}\b`)
	parts = lazyregexp.New(`[\w@/.-]*(\w[-_./@](errors?|fail\w*|exceptions?|timeout|missing|invalid|denied|panic|fatal|unknown|conflicts?|refused|expired|abort\w*)\b|\b(errors?|fail\w*|exceptions?|timeout|missing|invalid|denied|panic|fatal|unknown|conflicts?|refused|expired|abort\w*)[-_./@]\w|/\w*(error|fail))[\w@/.-]*`)
)

// wellAtLast ends a message on what was tried again.
var wellAtLast = lazyregexp.New(`(?i)^(?:\S+ ){0,8}(succeeded|recovered|restored|successful(ly)?)[.! ]*$`)

// fetched is how package managers and compilers tell of their progress.
var fetched = lazyregexp.New(`^(Downloaded|Downloading|Compiling|Checking|Fetching|Installing|Collecting|Using|Updating|Adding|Locking|Building|Fetched|Installed) \S+( \(?v?\d\S*)?( \(.*\)| with native extensions|\.\.\.)?$`)

// dealtWith begins a message on what a program did with a number of things: removed 3 expired keys.
var dealtWith = lazyregexp.New(`^(?i:removed|deleted|pruned|purged|cleaned|cleared|evicted|resolved|fixed|repaired|recovered|restored|archived|reclaimed|freed|expired) (up )?\d+ [^:]+$`)

// advises begins a line that says what to do, or where to read on: whatever its level, it is
// no reason.
var advises = lazyregexp.New(`^(Please (refer|see|consult|read)\b|Alternatively, |Try (to|running|using|adding|installing|again)\b|\(try to |Consider |Use (the )?["'\x60]?--\w|For \S+, a possible solution|To (enable|update|install|resolve|rerun|re-run|fix)\b)`)

// describes is what a program that was called in a wrong way prints of an option.
var describes = lazyregexp.New(`^(-\w,? +)?--?[a-zA-Z][\w.-]*\S*( [\w<>\[\]]+)? {2,}\S`)

// ifYou begins a sentence about what may be, or one of the numbered things that may be tried.
var ifYou = lazyregexp.New(`^(\d+\) |- )?(If (you|this|the|your)|This (will|(\w+ )?(usually|often|happens|is used))|To fix|You (can|may|might)) |` +
	`^\d+[.)] (?i:loosen|remove|delete|try|check|verify|ensure|make sure|upgrade|downgrade|update|install|use|run) `)

// spoken is what a line says without such.
func spoken(line string) string {
	line = paths.ReplaceAllString(named.ReplaceAllString(line, " "), " ")
	return parts.ReplaceAllStringFunc(line, func(name string) string {
		if strings.Contains(name, "Error") || strings.Contains(name, "Exception") {
			return name
		}
		return " "
	})
}

// deprecated is what goes on working for now.
var deprecated = lazyregexp.New(`(?i)\bdeprecat`)

// wish is how they say politely what is missing.
var wish = lazyregexp.New(`(?i)\b((must|ha(s|ve) to) (not )?(be|have|contain|specify|match)|needs? to (be|have|specify|set)|needs (an?|the)|please (set|specify|provide|configure|run|install|check)|requires?|can only|only supports?|run out|is empty|is stale|no (\w+ ){1,2}(found|available|given|provided|configured)|too old|updates? to \S+ needed|but \w+ \w+ (specified|requires|wants|expects|needs))\b`)

// crash is how runtimes of languages say that a program ends by a fault.
var crash = lazyregexp.New(`^(panic: |fatal error: |thread '[^']*'( \(\d+\))? panicked at|Unhandled [Ee]xception[.:]|Exception in thread |PHP (Fatal|Parse) error:|\*\* \(|terminate called |FATAL ERROR: |(npm (ERR!|error) )?gyp ERR! stack \w*Error: )|: Assertion .* failed\.$`)

// unfetched is what apk, apt and pip say of an index that they did not get, or do not trust: that
// packages are not there, or a repository is not signed, follows.
var unfetched = lazyregexp.New(`^WARNING: (fetching|updating and opening|opening) https?://\S+: |^W: (Failed to fetch|GPG error:) |^Could not retrieve mirrorlist |^WARNING: Retrying \(Retry\(total=0\b.* after connection broken by `)

// shellSays is how a shell says what is wrong with a word of a script: ${TOKEN:?set it}.
var shellSays = lazyregexp.New(`^(/\S+|\S*sh): (line )?\d+: [\w.-]+: \S`)

// passed is what runners of tests say of those that did or will run, whatever their names
// speak of.
var passed = lazyregexp.New(`^(PASS|ok|✓|✔|√|XFAIL|XPASS|SKIPPED)\s|^\[ +(RUN|OK|PASSED) +\]|^--- PASS: |(\.\.+|…|:|\[|=>|->) *(ok|passed|pass|done|success|succeeded)[\])!.]*$`)

// onlyNames is what runners of tests say of one that failed, beside why.
var onlyNames = lazyregexp.New(`\[FAIL\]$|^(ERROR|FAILED) \S+\.py\S*$|^\[error\] (Failed tests:|\s+[\w.]+)$|^Failed \S.* \[[<\d., ]+ m?s\]$|^\[ +FAILED +\]|^Failed examples:$|^Failed! +- Failed:`)

// A sum counts errors or tests that failed: it has a number, and else only words for that.
var (
	counted  = lazyregexp.New(`(?i)\b[1-9]\d* (\w+\(s\) )?(errors?|failed|failures?|failing|problems?|issues?|violations?)\b|\b(failed|failures|errors)[:=] *[1-9]`)
	counting = lazyregexp.New(`(?i)\b(\d+ \w+\(s\) \w+|found|there|was|were|is|are|in|of|and|with|out|a|total|tests?|suites?|examples?|specs?|assertions?|steps?|files?|sources?|modules?|` +
		`errors?|warnings?|failed|failures?|failing|problems?|issues?|violations?|passed|passing|succeeded|skipped|pending|ignored|measured|filtered|cancell?ed|flaky|` +
		`checked|generated|emitted|finished|completed|ran|took|result|build|summary|serious|fixable|potentially|time|duration|elapsed|seconds?|m?s)\b`)
)

func sums(text string) bool {
	text = dress.ReplaceAllString(text, "")
	return counted.MatchString(text) && !words.MatchString(counting.ReplaceAllString(text, ""))
}

// framed is a heading between rules.
var framed = lazyregexp.New(`^([⎯─═]{3,}|={3,} |\*{3,} ).*[⎯─═=*]{3,}$`)

// session is what PostgreSQL refuses to one of its clients, and goes on; and what PgBouncer
// says of a connection that ends after it said why.
var session = lazyregexp.New(`^\S+ \S+ \S+ \[\d{2,}\] (\S+ )?ERROR:  | LOG [CS]-0x\w+: .* closing because: `)

// sessionEnded is what PostgreSQL says when it ends the session of a client.
var sessionEnded = lazyregexp.New(`\[\d{2,}\] (\S+ )?FATAL:  `)

// ofFiles is what a session of PostgreSQL ends with that its client cannot help: files of the
// server's.
var ofFiles = lazyregexp.New(`(?:ERROR|FATAL):  could not \w+ (the )?(file|directory|library|shared memory)\b|(?:ERROR|FATAL):  .*: No space left on device`)

// finding is what compilers and linters say of a place in a file, by line and column, and others
// of one in a configuration.
var finding = lazyregexp.New(`^(\w\S*: )?\S+\.(conf|cfg|cnf|ini|ya?ml|toml|json|xml|cabal|env|properties):\d+: \S|^Line \d+:\d+: |^\S+\.[a-zA-Z]\w{0,5}:\d+:\d+:( \S|$)|^\S+\.[a-zA-Z]\w{0,5}:\d+:\d+ [A-Z]{1,4}\d{2,5}\b`)

// carried is how a line of no level of trouble carries what a database refused with.
var carried = lazyregexp.New(`[(:] .*\bFATAL: +\S`)

// died is how those that look after programs inform of one that was ended by its fault.
var died = lazyregexp.New(`(?i)\bsignal:? ?(4|6|7|8|11)\b|\bSIG(SEGV|ABRT|BUS|ILL|FPE)\b`)

// parting is how a program says why it ends, whatever others log after it.
var parting = lazyregexp.New(`(?i)\b(exiting|terminating|aborting|quitting) (on|due to|because( of)?) .*\S: \S`)

// ownFatal is how an error calls itself fatal.
var ownFatal = lazyregexp.New(`^[Ff]atal (error|exception)\b.*: \S`)

// unspawned is what supervisord says, as information, of a program that it cannot start.
var unspawned = lazyregexp.New(`\bspawnerr: `)

// erlangBlank is a blank line of Erlang's.
var erlangBlank = lazyregexp.New(`\[error\] <[\d.]+>$`)

// erlangMore is a line of Erlang's that belongs to the one before.
var erlangMore = lazyregexp.New(`\[error\] <[\d.]+>( {2,}.*)?$`)

// access is a line of a server's log of requests, whatever the answer was.
var access = lazyregexp.New(`"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT) \S+( HTTP/|" [1-5]\d\d\b)|^(?:[^a-zA-Z]|\[[^\]]*\] |T\d|Z\b)*(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) +"?/\S* .*\b[1-5]\d\d\b|^(Not Found|Bad Request|Unauthorized|Forbidden( \([^)]*\))?): /|^\[GIN\] .*\| [1-5]\d\d \||\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /\S* (\S{1,3} )?[1-5]\d\d\b|^[\d.]+ +\d+ [\d.a-f:]+ [A-Z_]+/[1-5]\d\d |^(\[\w+\] )?[\d.]+:\d+ - .*"[^"]+"|\b(Sent|Completed|Responded|Returned) (with )?[1-5]\d\d( \w+)? in \d`)

// request is what was asked for, in such a line.
var request = lazyregexp.New(`\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT) +"?[^\s"]+`)

// serverError is in it if the server failed.
var serverError = lazyregexp.New(`(\s|"|=)5(0\d|1[01]|2\d)\b`)

// harmless are lines that runs which end well have, too, and those that say where to
// read more.
var harmless = lazyregexp.New(`(?i)^\+ |` + // traced by a shell
	`A complete log of this run|Background on this error|probably not a problem with npm|` +
	`\b\w*(Deprecation|Future|PendingDeprecation|Resource)Warning: |^\S+:\d+: \w+Warning: |^\(node:\d+\)|^\(Use .node --trace|\brunning without (any )?(\w+ ){0,2}(authentication|encryption|password|TLS)\b|Memory overcommit must be enabled|Transparent Huge Pages|` +
	`^% Total +% Received|^Dload +Upload|^\d+ +\d+ +\d+ +\d+ .*--:--|^npm (ERR!|error)(\s{2,}| gyp ERR! stack +)(at |\w+: ['"\d\[{])|If you are behind a proxy|\bgyp (info|verb|http)\b|gyp ERR! (not ok|System|node -v|node-gyp|cwd|command)\b|` +
	`warning: setlocale: |^perl: warning: |^SLF4J: |^debconf: |^dpkg-preconfigure: |^invoke-rc\.d: |^update-alternatives: warning: |^npm (warn|WARN)\b|^-- (Performing Test .* - Failed|Looking for .* - not found|Could NOT find .*)$|^mbind: |^mesg: |can't access tty; job control|` +
	`error numbers are described at|^Error Number:\d+,State:|no config file specified, using the default|LOG:  (invalid record length at|.*; automatic recovery in progress)|^\S+\.sh: info: |` +
	`^The conflict is caused by:|^Call log:$|^The following packages are incompatible$|^required by package|^location searched:|^See \S+ for the individual test results|^To install missing framework|^https?://\S+$|^(Required|Optional|Supported|Valid|Available) [\w ]+:$|` +
	`To see the full stack trace|Re-run Maven|For more information about|For more details run|^For (more|further) (details|information),? (see|visit)|^To see (why|the|more)\b|can be found here:|read the following articles|^\[ERROR\]( -> \[Help|\s*$| \[Help)|` +
	`To display the condition evaluation report|originates from a subprocess|See above for|issue with the package mentioned above|` +
	`could not reliably determine the server's fully qualified|terminating connection due to|\bterminating [^:]* due to administrator command|(?-i:^\S+ \S+ \S+ \[\d+\] (\S+ )?FATAL:  the database system is (starting up|shutting down))|` +
	`^\S+: (In|At) (\w+ )*(function|constructor|destructor|instantiation|top level)\b.*:$|\bmaxprocs: |` + // of the processors that there are
	`^(TASK|PLAY|RUNNING HANDLER) \[|^Logging (errors|trace) to /|\bSupervisor is running as root\.|Error: \d+, Severity: \d+, State: \d+\.$|\bFATAL: Stacktrace dumped to |` +
	`^Node\.js v\d|Emitted 'error' event on|note: run with .RUST_BACKTRACE|note: each undeclared|^Traceback \(most recent|^-+$`)

// wrapped is what a tool says, and no more, of a command or a script that it ran and that failed:
// with which code. Why, that said itself.
var wrapped = lazyregexp.New(`(?i)(\b(command|script|entrypoint|task|recipe|invocation\w*|hook|process|subprocess|program|plugin|service)\b.*|\| )\b(exit(ed|s)?|return(ed|s)?|fail(ed|s)?|exit(ed)? with)\b[^:;]*\b(code|status)\b[:= (]*[1-9]\d*\)*\.?$|` +
	`: command exited [1-9]\d*$|^npm (ERR!|error) code ELIFECYCLE$|\bfailed with (exit )?(code|status) [1-9]\d*, (not|so|aborting|exiting|stopping|giving up)\b`)

// ofJob is how a shell says by which signal a program ended that it had started: less than why,
// and more than a warning of the program's in its other stream.
var ofJob = lazyregexp.New(`\b\d+ (Illegal instruction|Segmentation fault|Aborted|Bus error|Floating point exception)\b|^(Segmentation fault|Illegal instruction|Bus error)( \(core dumped\))?$`)

// follows are lines that say that somebody failed, and why not.
var follows = lazyregexp.New(`(?i)\b(see|check) (the )?(\w+ ){0,3}above\b|\bdetails (will|can|may) be found\b|\bwarnings (are |being |treated )*as errors\b|Worker failed to boot|Shutting down: Master|Worker \(pid:\s?\d+\) exited|Exception in worker process|` +
	`connect to server at '.*' failed$|App failed to load|command did not execute successfully, got: |^build script failed, must exit now|: process didn't exit successfully: |Ignored the following versions|finished with status 'error'|notsup (Required|Actual):|engine Unsupported engine$|YN0000: · Failed with|^Found [1-9]\d* errors?\b|script "\S+" exited with code|errors have been logged\)|^== Compilation error in file|sub-exceptions?\)$|^error: (aborting due to|test failed, to rerun)|died while starting up|RDB ERROR DETECTED|^tar: (Child returned|Error is not recoverable)|aborted!$|Can't connect to \('|ResolutionImpossible: for help|` +
	`Configuring incomplete, errors occurred|There (were|are) (failing tests|test failures)|\d+ tests? completed, \d+ failed|^(Tests?|Test Suites|Test Files):?\s+\d+ failed|^✖ \d+ problems?\b|Test failed\.|\bTests run: \d+|The build could not read|The project \S+ \(.*\) has \d+ error|See \S+ for the individual test results|` +
	`^\[error\] Total time: |^║|(?-i:\d+ Killed\b)|^Killed$|` +
	`Application startup failed|Application run failed|Hosting failed to start|APPLICATION FAILED TO START|` +
	`\bELIFECYCLE\b|^npm (ERR!|error) \S+@\S+ [\w:.-]+: \x60|\bfailed to bring all the services up\b|^Script .* was called via \S+$|: command .* exited \(\d+\)$|^lerna ERR! .* exited \d+ in |\breturned non-zero exit status \d+\.?$|^errno -?\d+$|npm (ERR!|error) (code \S+|syscall \w+|path \S+|errno.*|Exit status \d+|Failed at the .* script\.|Lifecycle script .*|workspace .*|location .*|.*: .node .*.|enoent|enoent This is related.*|command .*)?$|npm (ERR!|error)$|npm (ERR!|error)\s+(Fix the upstream|this command with|While resolving|Found:|Clean install|Usage:|Run |To see a list|Did you mean|npm |404\s*$|404 Note|404 tarball)|` +
	`Command failed with exit code|app crashed|make(\[\d+\])?: \*\*\*|exit status \d+$|returned \d+ exit status|compilation (terminated|aborted)|could not compile .* due to|` +
	`BUILD FAIL(ED|URE)|Build failed( in|$| with)|^FAIL(\s|$)|^FAILURE: |Compilation failed; see|COMPILATION ERROR|Failed to execute goal .*: (Compilation failure|You have \d+ \w+ violation)|Process exited abnormally|TestsFailedException|HostOptions\.BackgroundServiceExceptionBehavior is configured|rsync error: |rsync: connection unexpectedly closed|^\d+ errors?( generated)?\.?$|> Task .* FAILED|` +
	`^FAILED: \S|^(Errors were encountered while processing:|dpkg: error processing .*)|\bSub-process \S+ returned an error code\b|ShellCommandFailed\b|Error executing action .* on resource|could not be loaded, possibly because:|failed_to_prepare_configuration\b|` +
	`contains errors$|\b(cannot|could not|failed to) load config(uration)? file$|\bAborting\.?$|aborting\.$|^(\S+:+ )?Aborting \w+[.!]?$|^Aborted\b|after fassert|^Terminating\b|init function returned error|registration as a STORAGE ENGINE|Unknown/unsupported storage engine|Failed to start server in|Unexpected error when starting the server in|Failed to start quarkus|Validate failed: Migrations have failed validation|^Runtime terminating during boot|^\W*Kernel pid terminated|^Fatal assertion$|\.{5,} [\d.]+m?s FAIL$|\[error\] <[\d.]+> (BOOT FAILED|=+)$|did not exit normally|exited: .* not expected|entered FATAL state|` +
	`\b(due to|because of) (the |an |these )?(previous |earlier |above )?errors?( loading\b| on \w+$|\.|: \(SystemExit\)|$)|[Ss]tarted \(with errors\)|\bcheck (your |the )?(\w+ )?logs? for\b|` +
	`failed with (exit |status )?(code|status):? \d+\.?$|failed, exited with \d+|failed \(exit (status|code): \d+\)$|marked build as failure$|^\w+ compilation failed$|^(\S+ ){0,4}(backtrace|stack ?trace):$|fatal: stopping the container|` +
	`^fatal: (early EOF|(the )?remote end hung up|index-pack failed|fetch-pack: |protocol error: |unable to fork|Could not read from remote repository|clone of '.*' into submodule path)|^Failed to clone '|dependency resolution failed\.?$|^Could not solve for environment specs|request was dropped from queue|` +
	`Failed to initialize server\(s\)|Exiting with failure status|Exiting Kafka|subprocess-exited-with-error|did not run successfully|metadata-generation-failed|generating package metadata|Some index files failed|` +
	`encountered errors on|\(backjumping, conflict set: |\berrors?(\(s\))? found in (the )?config(uration)?( file)?( ?: \S+)?\.?$|Could not build wheels for |Failed building wheel for |^Failed to build \S+$|Failed to build installable wheels|Failed with result '|(configuration|compilation|installation) failed for package |had non-zero exit status$|^\S+ [\w:-]+: Failed$|^No valid packages found$|Operating system error number \d+ in a file operation|\bError number \d+ means '|^Error: A JNI error has occurred|Main process exited, code=|^Error occurred prerendering|Failed to build gem native extension|^An error occurred while installing \S+ \(|extconf\.rb failed|^extconf failed, exit code|Could not create Makefile|^collect2:|command failed$|Command error$|AssertionError$|\b\d+ (failed|error) in \d|^(SQL State|Error Code|Message)\s+: `)

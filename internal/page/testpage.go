// SPDX-License-Identifier: Apache-2.0

package page

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Write writes the page of one test.
func (e *Evidence) Write(w io.Writer) error {
	log, err := json.Marshal(e.Log) // it escapes what would end the script element
	if err != nil {
		return fmt.Errorf("writing the log: %w", err)
	}
	h := &hypertext{}
	h.begin(e.Test)
	verdict := "no failure recorded"
	switch {
	case e.Unended:
		verdict = "did not end"
	case e.Failure != "":
		verdict = "failed"
	}
	h.header(e.Test, e.Failure != "", verdict)
	e.putFailure(h)
	if len(e.Cut) > 0 {
		h.put("<section class=\"cut\"><h2>Not all is shown</h2><ul>")
		for _, cut := range e.Cut {
			h.put("<li>%s</li>", cut)
		}
		h.put("</ul></section>\n")
	}
	e.putChanges(h)
	e.putTimes(h)
	e.putServices(h)
	e.Log.putForm(h)
	e.putFiles(h)
	h.put("</main>\n<script type=\"application/json\" id=\"data\">%s</script>\n<script>%s</script>\n</body></html>\n", markup(log), markup(script))
	return h.to(w)
}

// describe returns what a file is for; nothing of those that tests write themselves. Of a task
// it says which attempt it was: the number in the name of the file counts files.
func (e *Evidence) describe(name string) string {
	is := describeKind(name)
	for _, s := range e.Services {
		if s.Name != s.file && s.file != "" && (containerOf(name, "stats.txt") == s.file || containerOf(name, "inspect.json") == s.file) {
			return s.Name + ": " + is
		}
	}
	return is
}

func (e *Evidence) putFailure(h *hypertext) {
	if e.Failure == "" {
		return
	}
	h.put("<section class=\"failure\" aria-label=\"Failure\"><h2>%s</h2>", e.Cause())
	if where := e.Where(); where != "" {
		h.put("<p class=\"where\">%s</p>", where)
	}
	if rest := e.Rest(); rest != "" {
		h.put("<pre>")
		e.putRest(h, rest)
		h.put("</pre>")
	}
	if e.Note != "" {
		h.put("<p>%s</p>", e.Note)
	}
	if e.Repeat != "" {
		h.put("<p>Run it again: <code>%s</code></p>", e.Repeat)
	}
	h.put("</section>\n")
}

// putRest writes the rest of the message, in which a file of the directory leads to its panel.
func (e *Evidence) putRest(h *hypertext, rest string) {
	for i, line := range strings.Split(rest, "\n") {
		if i > 0 {
			h.put("\n")
		}
		before, path, is := strings.Cut(line, "the whole log: ")
		name := path[strings.LastIndexAny(path, `/\`)+1:]
		if !is || !slices.ContainsFunc(e.Files, func(f File) bool { return f.Name == name }) {
			h.put("%s", line)
			continue
		}
		h.put(`%sthe whole log: <a href="#%s">%s</a>`, before, panelOf(name), name)
	}
}

// putChanges writes how the shipped files differ before and after an update that failed.
func (e *Evidence) putChanges(h *hypertext) {
	for _, c := range e.Changes() {
		h.put("<section class=\"changes\"><h2>What the update was to change</h2><p class=\"where\">%s → %s</p>", c.Before, c.After)
		h.putDiff(c.Diff)
		h.put("</section>\n")
	}
}

// putFiles writes the files: what was shipped and what was made of it, what programs printed,
// and, folded, what few ask for.
func (e *Evidence) putFiles(h *hypertext) {
	h.put("<section class=\"files\"><h2>Files</h2>")
	var more []File
	planned := false
	for _, f := range e.Shown() {
		if rank(f.Name) > shippedRank && !planned {
			planned = true
			e.putPlans(h)
		}
		if rank(f.Name) >= moreRank {
			more = append(more, f)
			continue
		}
		h.fold(f.Name, e.describe(f.Name), f.Text)
	}
	if !planned {
		e.putPlans(h)
	}
	if len(more) == 1 {
		h.fold(more[0].Name, e.describe(more[0].Name), more[0].Text)
	} else if len(more) > 1 {
		h.put("<details class=\"more\"><summary>%s more files <small>machine and versions, what the engine knew, what was laid over the shipped files</small></summary>\n", len(more))
		for _, f := range more {
			h.fold(f.Name, e.describe(f.Name), f.Text)
		}
		h.put("</details>\n")
	}
	h.put("</section>\n")
}

func (e *Evidence) putTimes(h *hypertext) {
	if len(e.Timeline) == 0 {
		return
	}
	h.put("<section><h2>Time line</h2><ol class=\"timeline\">")
	for _, line := range e.Times() {
		h.put("<li")
		if line.Class != "" {
			h.put(` class="%s"`, line.Class)
		}
		if line.Failed() {
			h.put(` id="failed"`)
		}
		h.put("><time>%s</time><time>%s</time><span>%s</span></li>", line.At, line.After, line.Text)
	}
	h.put("</ol></section>\n")
}

func (e *Evidence) putServices(h *hypertext) {
	if len(e.Services) == 0 {
		return
	}
	from, to := span(e.Services)
	h.put("<section><h2>Services, networks, ports</h2><div class=\"services\">\n")
	for _, s := range e.Services {
		bad := markup("")
		if s.isBadState() {
			bad = " bad"
		}
		h.put("<article><h3>%s</h3><p class=\"state%s\">%s</p>", s.Name, bad, s.State)
		if s.Wrong != "" {
			h.put("<p class=\"state bad\">%s</p>", s.Wrong)
		}
		if s.Check != "" {
			h.put("<p class=\"state\">its health check: <code>%s</code></p>", s.Check)
		}
		if s.Limit != "" {
			h.put("<p class=\"state\">%s</p>", s.Limit)
		}
		for _, network := range s.Networks {
			h.put("<span class=\"net\">%s</span>", network)
		}
		for _, port := range s.Ports {
			h.put("<code>%s</code>", port)
		}
		h.putUsage(s.Usage, from, to)
		h.put("</article>\n")
	}
	h.put("</div>")
	if len(e.Networks) > 0 {
		h.put("<dl class=\"networks\">")
		for _, n := range e.Networks {
			h.put("<dt>%s</dt><dd>%s</dd>", n.Name, strings.Join(n.Members, ", "))
		}
		h.put("</dl>")
	}
	h.put("</section>\n")
}

// putPlans writes what was changed of the shipped files, beside their lines. A run of a service
// makes the plan of its project once more: it is said once.
func (e *Evidence) putPlans(h *hypertext) {
	said := map[string]bool{"": true}
	for i, plan := range e.Plans {
		if said[plan.Text+plan.Diff] || i > 0 && plan.Diff == "" && said[plan.Text] {
			continue
		}
		said[plan.Text+plan.Diff], said[plan.Text] = true, true
		title := "What seatrial changed in the shipped files for this test"
		if i > 0 {
			title = fmt.Sprintf("What seatrial changed in the shipped files after an update (%d)", i+1)
		}
		h.put("<details><summary>%s <small>the plan</small></summary><pre>%s</pre>", title, plan.Text)
		if plan.Diff != "" {
			h.putDiff(plan.Diff)
		}
		h.put("</details>\n")
	}
}

// putDiff writes lines of a diff.
func (h *hypertext) putDiff(diff string) {
	h.put("<pre class=\"diff\">")
	for line := range strings.Lines(diff) {
		h.put("<span class=\"%s\">%s</span>", changes[line[:1]], line)
	}
	h.put("</pre>")
}

// changes are the classes of lines of a diff, by how they begin.
var changes = map[string]markup{"-": "was", "+": "is", "@": "at"}

// putForm writes where the script shows the lines, and what chooses among them.
func (l *Log) putForm(h *hypertext) {
	if len(l.Lines) == 0 {
		return
	}
	h.put(`<section><h2>Logs</h2>
<form id="filters" role="search"><input id="text" type="search" placeholder="text  ( / )" aria-label="Text">
<select id="source" aria-label="Service"><option value="">all services</option>`)
	for i, name := range l.Sources {
		h.put(`<option value="%s">%s</option>`, i, name)
	}
	h.put(`</select>
<select id="stream" aria-label="Stream"><option value="">both streams</option><option value="0">stdout</option><option value="1">stderr</option></select>
<select id="level" aria-label="Level"><option value="">all levels</option><option value="error">errors</option><option value="warn">warnings and errors</option><option value="nodebug">without debug</option></select>
<select id="alike" aria-label="Lines that are alike"><option value="">each line</option><option value="1">fold what is alike</option></select>
<input id="from" placeholder="from 15:04:05" aria-label="From (UTC)"><input id="to" placeholder="to 15:04:05" aria-label="To (UTC)">
<output id="count"></output></form>
<div id="log" tabindex="0" role="log" aria-live="off" aria-label="Lines"><div id="ruler" aria-hidden="true"></div><div id="all"></div></div>
<p class="keys"><kbd>/</kbd> text <kbd>e</kbd> errors <kbd>f</kbd> fold <kbd>x</kbd> clear <kbd>j</kbd> <kbd>k</kbd> scroll <kbd>g</kbd> <kbd>G</kbd> first, last. Times are UTC.</p></section>
`)
}

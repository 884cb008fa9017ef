// SPDX-License-Identifier: Apache-2.0

package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"
)

//go:embed page.css
var css string

//go:embed page.js
var script string

// policy is the content security policy of all pages.
var policy = fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", hash(css), hash(script))

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// html/template is not used: it finds methods by name, so that the linker drops no
// method of any type, and this package is in the program of every test. That cost each
// of them 3 MB.

// markup is what is written as it is. Only what this package itself says may be: a
// constant is one by itself, and a string that a program under test printed is not.
type markup string

// hypertext is a page that is being written.
type hypertext struct{ bytes.Buffer }

// put writes markup, and in the place of each %s a text that is escaped, unless it is
// markup, too. Between quotes it is the value of an attribute.
func (h *hypertext) put(format markup, texts ...any) {
	for i, text := range texts {
		if _, ok := text.(markup); !ok {
			// No browser takes a NUL, and each has its own idea of what it stands for.
			texts[i] = html.EscapeString(strings.ReplaceAll(fmt.Sprint(text), "\x00", "\uFFFD"))
		}
	}
	fmt.Fprintf(h, string(format), texts...)
}

// begin writes what all pages begin with.
func (h *hypertext) begin(title string) {
	h.put(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>%s</title><style>%s</style></head>
<body>
`, policy, title, markup(css))
}

// header writes the heading, with the verdict beside it.
func (h *hypertext) header(title string, bad bool, verdict string) {
	h.put("<header><h1>%s</h1><span class=\"verdict %s\">%s</span></header>\n<main>\n", title, class(bad), verdict)
}

// fold writes a text that is shown when it is asked for, with what it is.
func (h *hypertext) fold(title, is, text string) {
	h.put("<details id=\"%s\"><summary>%s", panelOf(title), title)
	if is != "" {
		h.put(" <small>%s</small>", is)
	}
	h.put("</summary><pre>%s</pre></details>\n", text)
}

// panelOf is the id of the panel that shows a file.
func panelOf(name string) string { return "file-" + url.PathEscape(name) }

// class is the class of what went well or not.
func class(bad bool) markup {
	if bad {
		return "bad"
	}
	return "good"
}

func (h *hypertext) to(w io.Writer) error {
	_, err := h.WriteTo(w)
	return err
}

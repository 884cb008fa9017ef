// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Hidden replaces what is hidden.
const Hidden = "[hidden]"

// leastHidden is the least length of a hidden text: shorter ones occur in ordinary
// words.
const leastHidden = 4

// CanHide reports whether a value is long enough to be hidden.
func CanHide(value string) bool { return len(strings.TrimSpace(value)) >= leastHidden }

// A redactor hides secrets in texts. It is safe for concurrent use.
type redactor struct {
	mu     sync.RWMutex
	hidden [256][][]byte // by the first byte: the longest first
}

// Hide hides these values from now on in everything that goes through Redact and RedactTo,
// and in the time line: as they are, in the notations of JSON, Go, URLs and base64, and
// each of their lines.
func (d *Dir) Hide(values ...string) {
	v := &d.redactor
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, value := range values {
		for _, form := range forms(value) {
			if CanHide(form) {
				v.add([]byte(form))
			}
		}
	}
	v.sort()
}

// add adds a form of a value. The caller holds the lock, and sorts afterwards.
func (v *redactor) add(form []byte) { v.hidden[form[0]] = append(v.hidden[form[0]], form) }

func (v *redactor) sort() {
	for i, alike := range v.hidden {
		slices.SortFunc(alike, func(a, b []byte) int { return cmp.Or(len(b)-len(a), bytes.Compare(a, b)) })
		v.hidden[i] = slices.CompactFunc(alike, bytes.Equal)
	}
}

// HideLike hides everything that another directory hides at present.
func (d *Dir) HideLike(other *Dir) {
	if d == other {
		return
	}
	other.redactor.mu.RLock()
	hidden := slices.Concat(other.redactor.hidden[:]...)
	other.redactor.mu.RUnlock()
	d.redactor.mu.Lock()
	defer d.redactor.mu.Unlock()
	for _, form := range hidden {
		d.redactor.add(form)
	}
	d.redactor.sort()
}

// forms returns the notations of a value.
func forms(value string) []string {
	all := []string{value, base64.StdEncoding.EncodeToString([]byte(value))}
	for _, line := range append(strings.Split(value, "\n"), value) {
		line = strings.TrimSpace(line)
		quoted, _ := json.Marshal(line) // strings can always be encoded
		var plain bytes.Buffer
		e := json.NewEncoder(&plain)
		e.SetEscapeHTML(false)
		_ = e.Encode(line)
		all = append(all, line, strings.Trim(strconv.Quote(line), `"`), strings.Trim(string(quoted), `"`), strings.Trim(strings.TrimSpace(plain.String()), `"`),
			url.QueryEscape(line), url.PathEscape(line), base64.StdEncoding.EncodeToString([]byte(line)))
	}
	for _, form := range all {
		all = append(all, strings.TrimRight(form, "=")) // base64 without padding
	}
	return all
}

// Redact returns the text with secrets replaced by Hidden.
func (d *Dir) Redact(text string) string {
	shown, rest := d.redactor.cut([]byte(text), true)
	return string(append(shown, rest...))
}

// cut returns the part of a text that can be shown, redacted, and the rest that may
// be the beginning of a secret. There is no rest if last is set.
func (v *redactor) cut(text []byte, last bool) (shown, rest []byte) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	shown = make([]byte, 0, len(text))
next:
	for i := 0; i < len(text); {
		for _, h := range v.hidden[text[i]] {
			if bytes.HasPrefix(text[i:], h) {
				shown = append(shown, Hidden...)
				i += len(h)
				continue next
			}
			if !last && bytes.HasPrefix(h, text[i:]) {
				return shown, text[i:]
			}
		}
		shown = append(shown, text[i])
		i++
	}
	return shown, nil
}

// RedactTo returns a writer that redacts what it passes on to w, even if a secret
// comes in pieces. Close writes the rest, and does not close w. The writer is safe
// for concurrent use.
func (d *Dir) RedactTo(w io.Writer) io.WriteCloser {
	return &redactingWriter{redactor: &d.redactor, to: w}
}

type redactingWriter struct {
	redactor *redactor
	to       io.Writer

	mu   sync.Mutex
	rest []byte // not shown yet
}

func (w *redactingWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	shown, rest := w.redactor.cut(append(w.rest, p...), false)
	w.rest = bytes.Clone(rest)
	_, err := w.to.Write(shown)
	return len(p), err
}

func (w *redactingWriter) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	shown, _ := w.redactor.cut(w.rest, true)
	w.rest = nil
	_, err := w.to.Write(shown)
	return err
}

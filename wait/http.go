// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"net/http"
	"regexp"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
)

// HTTPCondition is the condition that [HTTP] and [HTTPS] make.
type HTTPCondition struct {
	Port    int
	Path    string
	Method  string // GET if empty
	Headers string // headers of the request, each a line: "Name: value"
	Status  int    // the status to wait for; 0 means any from 200 to 299
	Pattern string // regular expression that the body must match

	TLS      bool           // https
	Insecure bool           // any certificate will do
	Name     string         // the certificate's name; empty means the address of the request
	Roots    *x509.CertPool // accepted authorities; nil means the system's
}

// HTTP is the condition that a GET of a path answers with a status from 200 to
// 299. The port is the container's own, and must be published. A request may take
// two seconds; after that another one is made. Redirects are not followed: they are
// answers with status 3xx. A server that speaks TLS ends the wait.
func HTTP(port int, path string) HTTPCondition { return HTTPCondition{Port: port, Path: path} }

// HTTPS is like [HTTP], over TLS. This machine must trust the certificate for the
// address of the request (127.0.0.1, mostly), unless [HTTPCondition.Trusting],
// [HTTPCondition.For] or [HTTPCondition.Insecurely] change that. A certificate that
// is not accepted ends the wait, and so does a server that does not speak TLS.
func HTTPS(port int, path string) HTTPCondition {
	return HTTPCondition{Port: port, Path: path, TLS: true}
}

// Using returns the condition with a method other than GET. The request has no
// body.
func (c HTTPCondition) Using(method string) HTTPCondition { c.Method = method; return c }

// Sending returns the condition with one more header in the request. A header Host
// sets the host name of the request.
func (c HTTPCondition) Sending(name, value string) HTTPCondition {
	c.Headers += name + ": " + value + "\n"
	return c
}

// Returns returns the condition that the answer has exactly this status.
func (c HTTPCondition) Returns(status int) HTTPCondition { c.Status = status; return c }

// Matches returns the condition that the body of the answer, up to 1 MiB, also
// matches a regular expression.
func (c HTTPCondition) Matches(pattern string) HTTPCondition { c.Pattern = pattern; return c }

// Insecurely returns the condition that accepts any certificate.
func (c HTTPCondition) Insecurely() HTTPCondition { c.Insecure = true; return c }

// Trusting returns the condition that one of these authorities signed the certificate.
func (c HTTPCondition) Trusting(roots *x509.CertPool) HTTPCondition { c.Roots = roots; return c }

// For returns the condition that the certificate is for this name.
func (c HTTPCondition) For(name string) HTTPCondition { c.Name = name; return c }

func (c HTTPCondition) scheme() string {
	if c.TLS {
		return "https"
	}
	return "http"
}

func (c HTTPCondition) String() string {
	s := c.scheme()
	if c.Method != "" && c.Method != http.MethodGet {
		s += " " + c.Method
	}
	s += fmt.Sprintf(" :%d%s", c.Port, c.Path)
	if c.Status != 0 {
		s += fmt.Sprintf(" status %d", c.Status)
	}
	if c.Pattern != "" {
		s += fmt.Sprintf(" with %q", c.Pattern)
	}
	return s
}

func (c HTTPCondition) check() error {
	if !strings.HasPrefix(c.Path, "/") {
		return fmt.Errorf("path %q does not begin with /", c.Path)
	}
	if err := checkPort(c.Port); err != nil {
		return err
	}
	if c.Status != 0 && (c.Status < 100 || c.Status > 999) {
		return fmt.Errorf("status %d is not from 100 to 999", c.Status)
	}
	if !c.TLS && (c.Insecure || c.Name != "" || c.Roots != nil) {
		return errors.New("there is no certificate without TLS: say HTTPS")
	}
	if _, err := regexp.Compile(c.Pattern); err != nil {
		return err
	}
	_, err := c.request(context.Background(), "127.0.0.1:1")
	return err
}

func (c HTTPCondition) request(ctx context.Context, addr string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, c.Method, c.scheme()+"://"+addr+c.Path, nil)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(c.Headers) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok || strings.ContainsAny(name, " \t") || name == "" {
			return nil, fmt.Errorf("header %q is not of the form Name: value", strings.TrimSpace(line))
		}
		req.Header.Add(name, strings.TrimSpace(value))
		if strings.EqualFold(name, "host") {
			req.Host = strings.TrimSpace(value)
		}
	}
	return req, nil
}

func (c HTTPCondition) goal() goal { return named("answer", "answering", c) }

func (c HTTPCondition) until(ctx context.Context, t Target) error {
	// Connections are not reused: after a restart the container has another port.
	// No proxy is used: the address is one of the engine's host.
	transport := &http.Transport{DisableKeepAlives: true, Proxy: nil}
	if c.TLS {
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: c.Insecure, ServerName: c.Name, RootCAs: c.Roots}
	}
	return loop(ctx, t, &httpWatcher{HTTPCondition: c, re: regexp.MustCompile(c.Pattern), client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}})
}

type httpWatcher struct {
	asks
	HTTPCondition
	re       *regexp.Regexp
	client   *http.Client
	mismatch debounce

	life  string   // at the first request
	since []string // the last lines since then
	next  int      // the line to read next
}

func (w *httpWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	// A wait for an error status may well succeed while the container is unhealthy.
	if err := over(ctx, t, s); err != nil && (s.Ended() || w.Status/100 <= 2) {
		return false, sight{}, err
	}
	addr, err := t.Addr(ctx, w.Port)
	if err != nil {
		return false, sight{}, err
	}
	if addr == "" {
		return false, saw("that it is not running"), nil
	}
	if w.life != s.StartID {
		_, w.next, _ = t.Lines(s.StartID, math.MaxInt)
		w.life, w.since = s.StartID, nil
	}
	try, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	req, err := w.request(try, addr)
	if err != nil {
		return false, sight{}, err
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return w.failed(ctx, t, addr, err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // a status alone is an answer too
	ok := w.Status == resp.StatusCode || w.Status == 0 && resp.StatusCode/100 == 2
	if ok && (w.Pattern == "" || w.re.Match(body)) {
		return true, sight{}, nil
	}
	if resp.StatusCode == http.StatusBadRequest && !w.TLS { // the usual answer to http on an https port
		if mismatch := w.speaksTLS(try, addr); mismatch.what != "" {
			return w.final(mismatch)
		}
	}
	w.mismatch.lasted("")
	return false, saw("%s%s", response(resp, body), w.logged(t, s)), nil
}

// response describes a response briefly: its status, its location, and the beginning of
// its body.
func response(resp *http.Response, body []byte) string {
	text := "status " + resp.Status
	if to := resp.Header.Get("Location"); to != "" {
		text += ", to " + abridged(to)
	}
	if said := saidIn(string(body)); said != "" {
		text += ": " + said
	}
	return text
}

var (
	htmlTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	htmlTag   = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>`)
)

// saidIn returns the part of a body that a person would read first.
func saidIn(body string) string {
	if !strings.HasPrefix(strings.TrimSpace(body), "<") {
		return abridged(body)
	}
	if title := htmlTitle.FindStringSubmatch(body); title != nil && strings.TrimSpace(title[1]) != "" {
		return abridged(html.UnescapeString(title[1]))
	}
	return abridged(html.UnescapeString(htmlTag.ReplaceAllString(body, " ")))
}

// logged returns the line of the log since the first request that most likely explains
// the answer.
func (w *httpWatcher) logged(t Target, s State) string {
	lines, next, _ := t.Lines(s.StartID, w.next)
	w.since, w.next = append(w.since, lines...), next
	w.since = w.since[max(0, len(w.since)-mostSince):]
	if line := errorline.Of(w.since, nil); line != "" {
		return "; its log says: " + line
	}
	return ""
}

// mostSince is how many of the last lines are searched for the reason of an answer.
const mostSince = 200

// failed judges a request without an answer.
func (w *httpWatcher) failed(ctx context.Context, t Target, addr string, err error) (bool, sight, error) {
	if mismatch := w.otherProtocol(ctx, addr, err); mismatch.what != "" {
		return w.final(mismatch)
	}
	w.mismatch.lasted("")
	return false, because(ctx, t, w.Port, reason(unwrapURL(err))), nil
}

// final ends the wait if the sight lasts for a while: a server may use another
// protocol or certificate during its set-up.
func (w *httpWatcher) final(s sight) (bool, sight, error) {
	if w.mismatch.lasted(s.what) {
		return false, sight{}, &finalError{s}
	}
	return false, s, nil
}

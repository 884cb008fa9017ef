// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// HTTPCondition is the condition that [HTTP] makes.
type HTTPCondition struct {
	Port   int
	Path   string
	Status int // the status to wait for; 0 means any from 200 to 299
}

// HTTP is the condition that a GET of a path answers with a status from 200 to
// 299. The port is the container's own, and must be published. Redirects are
// not followed: a redirect is an answer with status 3xx.
func HTTP(port int, path string) HTTPCondition { return HTTPCondition{Port: port, Path: path} }

// Returns returns the condition that the answer has this very status.
func (c HTTPCondition) Returns(status int) HTTPCondition { c.Status = status; return c }

func (c HTTPCondition) String() string {
	s := fmt.Sprintf("http :%d%s", c.Port, c.Path)
	if c.Status != 0 {
		s += fmt.Sprintf(" status %d", c.Status)
	}
	return s
}

func (c HTTPCondition) watch() (watcher, error) {
	if !strings.HasPrefix(c.Path, "/") {
		return nil, fmt.Errorf("path %q does not begin with /", c.Path)
	}
	return &httpWatcher{c}, nil
}

type httpWatcher struct{ HTTPCondition }

func (*httpWatcher) asks() bool { return true }

// One request may take this long. A server that accepts and never answers is
// asked anew, because what accepted may have been docker-proxy alone.
const requestLimit = 2 * time.Second

// No connection is kept: the next look may have to find another port behind
// another address. No proxy: it is our own host that is asked.
var httpClient = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (w *httpWatcher) look(ctx context.Context, t Target, s State) (bool, string, error) {
	if s.Ended() {
		return false, "", &ExitError{s}
	}
	if s.Health == "unhealthy" {
		return false, "", fmt.Errorf("unhealthy%s", probe(s))
	}
	addr, err := t.Addr(ctx, w.Port)
	if err != nil {
		return false, "", err
	}
	if addr == "" {
		return false, "it is not running", nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+w.Path, nil)
	if err != nil {
		return false, "", err
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return false, err.Error(), nil
	}
	defer resp.Body.Close()
	if w.Status == resp.StatusCode || w.Status == 0 && resp.StatusCode/100 == 2 {
		return true, "", nil
	}
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // a status alone is an answer too
	return false, strings.TrimSpace("status " + resp.Status + " " + strings.TrimSpace(string(body))), nil
}

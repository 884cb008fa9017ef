// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"
)

// GetNow asks a server that must be listening by now.
func GetNow(t TB, url string) string {
	t.Helper()
	body, err := Request(http.MethodGet, url, "")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Get asks a server that may only have been started: until it listens, the
// engine's proxy ends every connection.
func Get(t TB, url string) string {
	t.Helper()
	return retry(t, http.MethodGet, url, "")
}

// Put sends content to a server that may only have been started.
func Put(t TB, url, content string) {
	t.Helper()
	retry(t, http.MethodPut, url, content)
}

func retry(t TB, method, url, content string) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		body, err := Request(method, url, content)
		if err == nil {
			return body
		}
		ended := errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, io.EOF)
		if !ended || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// Request asks a server once, by a connection that nobody else uses.
func Request(method, url, content string) (string, error) {
	req, err := http.NewRequest(method, url, strings.NewReader(content))
	if err != nil {
		return "", err
	}
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := (&http.Client{Transport: transport, Timeout: time.Minute}).Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && method == http.MethodPut && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("PUT %s: %s", url, resp.Status)
	}
	return string(body), err
}

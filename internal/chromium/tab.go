// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// A Screen is what a page is shown on.
type Screen struct {
	Width, Height int
	Dark, Print   bool
}

// A Tab shows a page.
type Tab struct {
	t       enginetest.TB
	browser *Browser
	session string
	loaded  chan struct{}

	mu       sync.Mutex
	requests map[string]string // by id
}

// Open shows a page, and returns when it is there.
func (b *Browser) Open(t enginetest.TB, url string, s Screen) *Tab {
	t.Helper()
	tab := &Tab{t: t, browser: b, loaded: make(chan struct{}, 1), requests: map[string]string{}}
	var target struct{ TargetID string }
	tab.must(b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target))
	var attached struct{ SessionID string }
	tab.must(b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached))
	tab.session = attached.SessionID
	b.mu.Lock()
	b.tabs[tab.session] = tab
	b.mu.Unlock()
	t.Cleanup(func() { _ = b.call("", "Target.closeTarget", map[string]any{"targetId": target.TargetID}, nil) })
	tab.call("Page.enable", nil, nil)
	tab.call("Network.enable", nil, nil)
	tab.Resize(s)
	tab.Load(url)
	return tab
}

// Load shows another page, and returns how long it took to be painted.
func (tab *Tab) Load(url string) time.Duration {
	tab.t.Helper()
	select {
	case <-tab.loaded: // of the page before
	default:
	}
	tab.call("Page.bringToFront", nil, nil) // nothing is painted behind another one
	began := time.Now()
	tab.call("Page.navigate", map[string]any{"url": url}, nil)
	select {
	case <-tab.loaded:
	case <-time.After(patience):
		tab.t.Fatalf("%s is not there after %v", url, patience)
	}
	tab.Eval("return new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(() => painted(true))))", nil)
	return time.Since(began)
}

// Resize shows the page on another screen.
func (tab *Tab) Resize(s Screen) {
	tab.t.Helper()
	tab.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": s.Width, "height": s.Height, "deviceScaleFactor": 1, "mobile": s.Width < 600}, nil)
	scheme, media := "light", ""
	if s.Dark {
		scheme = "dark"
	}
	if s.Print {
		media = "print"
	}
	tab.call("Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []any{map[string]string{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Eval runs the body of a function in the page, and has what it returns.
func (tab *Tab) Eval(body string, result any) {
	tab.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Exception struct{ Description string }
		}
	}
	tab.call("Runtime.evaluate", map[string]any{"expression": "(async () => {" + body + "})()", "returnByValue": true, "awaitPromise": true}, &answer)
	if e := answer.ExceptionDetails; e != nil {
		tab.t.Fatalf("in the page: %s", e.Exception.Description)
	}
	if result != nil {
		tab.must(json.Unmarshal(answer.Result.Value, result))
	}
}

// Press presses keys, one after the other: each is a letter, or Tab, Enter, Escape.
func (tab *Tab) Press(keys ...string) {
	tab.t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, "Escape": 27}
	for _, key := range keys {
		params := map[string]any{"type": "keyDown", "key": key, "windowsVirtualKeyCode": codes[key]}
		if len(key) == 1 {
			params["text"] = key
		} else if key == "Enter" {
			params["text"] = "\r"
		}
		tab.call("Input.dispatchKeyEvent", params, nil)
		tab.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": codes[key]}, nil)
	}
}

// Screenshot returns what is to be seen, as PNG.
func (tab *Tab) Screenshot() []byte {
	tab.t.Helper()
	var shot struct{ Data []byte } // JSON has it in base64
	tab.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	return shot.Data
}

// PDF returns the page as it is printed.
func (tab *Tab) PDF() []byte {
	tab.t.Helper()
	var printed struct{ Data []byte }
	tab.call("Page.printToPDF", map[string]any{}, &printed)
	return printed.Data
}

// Requests returns the addresses of all that was asked for, but what the browser itself
// blocked for the page's policy.
func (tab *Tab) Requests() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	return slices.Sorted(maps.Values(tab.requests))
}

// hear hears of what goes on in the tab.
func (tab *Tab) hear(a answer) {
	switch a.Method {
	case "Page.loadEventFired":
		select {
		case tab.loaded <- struct{}{}:
		default:
		}
	case "Network.requestWillBeSent":
		var sent struct {
			RequestID string
			Request   struct{ URL string }
		}
		if json.Unmarshal(a.Params, &sent) == nil {
			tab.mu.Lock()
			tab.requests[sent.RequestID] = sent.Request.URL
			tab.mu.Unlock()
		}
	case "Network.loadingFailed":
		var failed struct{ RequestID, BlockedReason string }
		if json.Unmarshal(a.Params, &failed) == nil && failed.BlockedReason == "csp" {
			tab.mu.Lock()
			delete(tab.requests, failed.RequestID)
			tab.mu.Unlock()
		}
	}
}

func (tab *Tab) call(method string, params, result any) {
	tab.t.Helper()
	if params == nil {
		params = map[string]any{}
	}
	tab.must(tab.browser.call(tab.session, method, params, result))
}

func (tab *Tab) must(err error) {
	tab.t.Helper()
	if err != nil {
		tab.t.Fatal(fmt.Sprintf("driving chromium: %v", err))
	}
}

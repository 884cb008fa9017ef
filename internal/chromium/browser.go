// SPDX-License-Identifier: Apache-2.0

package chromium

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// A Browser is a Chromium without a window.
type Browser struct {
	to io.Writer

	mu      sync.Mutex
	last    int
	answers map[int]chan answer
	tabs    map[string]*Tab // by session
}

type answer struct {
	ID        int
	Result    json.RawMessage
	Error     *struct{ Message string }
	SessionID string
	Method    string
	Params    json.RawMessage
}

// Start starts a browser, which ends with the test.
func Start(t enginetest.TB) *Browser {
	t.Helper()
	program := enginetest.Program(t, "chromium")
	ours, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
		"--hide-scrollbars", "--user-data-dir="+t.TempDir(), "--remote-debugging-pipe")
	cmd.ExtraFiles = []*os.File{ours, theirs} // 3 and 4, as the flag has it
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting %s: %v", program, err)
	}
	ours.Close()
	theirs.Close()
	b := &Browser{to: to, answers: map[int]chan answer{}, tabs: map[string]*Tab{}}
	go b.read(from)
	t.Cleanup(func() {
		to.Close() // it ends by itself then, and its profile can be removed
		ended := make(chan struct{})
		go func() { defer close(ended); _ = cmd.Wait() }()
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		from.Close()
	})
	return b
}

// read hands on what the browser says, until it ends.
func (b *Browser) read(from io.Reader) {
	in := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := in.ReadBytes(0)
		if err != nil {
			break
		}
		var a answer
		if json.Unmarshal(bytes.TrimRight(text, "\x00"), &a) != nil {
			continue
		}
		b.mu.Lock()
		asked, tab := b.answers[a.ID], b.tabs[a.SessionID]
		delete(b.answers, a.ID)
		b.mu.Unlock()
		switch {
		case asked != nil:
			asked <- a
		case tab != nil:
			tab.hear(a)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, asked := range b.answers {
		close(asked)
	}
	b.answers = nil
}

// patience is how long the browser may take for anything: machines may be slow.
const patience = 2 * time.Minute

// call asks the browser for something, in a session or, if that is empty, of itself.
func (b *Browser) call(session, method string, params, result any) error {
	b.mu.Lock()
	if b.answers == nil {
		b.mu.Unlock()
		return fmt.Errorf("%s: the browser has ended", method)
	}
	b.last++
	id, asked := b.last, make(chan answer, 1)
	b.answers[id] = asked
	text, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params, "sessionId": session})
	if session == "" {
		text, err = json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	}
	if err == nil {
		_, err = b.to.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case a, ok := <-asked:
		switch {
		case !ok:
			return fmt.Errorf("%s: the browser has ended", method)
		case a.Error != nil:
			return fmt.Errorf("%s: %s", method, a.Error.Message)
		case result == nil:
			return nil
		}
		return json.Unmarshal(a.Result, result)
	case <-time.After(patience):
		return fmt.Errorf("%s: no answer within %v", method, patience)
	}
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A lateLog is an engine with a container that ends while its log begins to be
// followed, and sends nothing then, and no end. Asked again, it sends the log.
type lateLog struct {
	daemon
	events chan string
	ended  atomic.Bool
	asked  atomic.Int32 // how often the log was
}

func (d *lateLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := versioned.ReplaceAllString(r.URL.Path, ""); path {
	case "/events":
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		for {
			select {
			case e := <-d.events:
				fmt.Fprintln(w, e)
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	case "/containers/c/json":
		fmt.Fprintf(w, `{"Id":"c","Config":{},"State":{"Status":"x","Running":%v,"StartedAt":%q}}`, !d.ended.Load(), at(1))
	case "/containers/c/logs":
		d.asked.Add(1)
		if r.URL.Query().Get("follow") == "1" {
			d.ended.Store(true)
			d.events <- `{"Type":"container","Action":"die","Actor":{"ID":"c"}}`
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(frame(1, at(2)+" last words\n"))
	default:
		d.daemon.ServeHTTP(w, r)
	}
}

func TestLogThatIsLeftOpen(t *testing.T) {
	home := bare(t)
	socket := filepath.Join(home, "d.sock")
	d := &lateLog{daemon: daemon{"1.47", "late"}, events: make(chan string)}
	server := &http.Server{Handler: d, ErrorLog: quiet}
	l := listen(t, "unix", socket)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	e, err := At(ctx, Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	f, err := e.Follow(ctx, "c", &out, &out)
	if err != nil {
		t.Fatal(err)
	}
	for {
		changed := f.Changed()
		if lines, _, complete := f.Lines(at(1), 0); complete {
			if got := strings.Join(lines, "|"); got != "last words" || d.asked.Load() != 2 {
				t.Errorf("the log is %q after it was asked for %d times, want its last words after 2", got, d.asked.Load())
			}
			break
		}
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("the log is not complete, after it was asked for %d times", d.asked.Load())
		}
	}
	f.Close(ctx)
}

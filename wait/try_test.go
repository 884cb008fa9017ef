// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"net"
	"net/http"
	"syscall"
	"testing"
)

// A connection that is closed at once is reported as such, whether before the
// request was written or after it: net/http has different errors for these.
func TestReasonOfClosedConnections(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Close()
		}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	told := map[string]int{reason(&net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed}): 1} // which is rare
	for range 2000 {
		_, err := client.Get("http://" + l.Addr().String())
		if err == nil {
			t.Fatal("there is an answer")
		}
		told[reason(unwrapURL(err))]++
	}
	for words, n := range told {
		if words != "the connection was closed without an answer" && words != syscall.ECONNRESET.Error() && words != syscall.EPIPE.Error() {
			t.Errorf("%d times it is %q", n, words)
		}
	}
}

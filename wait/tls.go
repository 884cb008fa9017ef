// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// otherProtocol explains an error that comes from another protocol, or from a
// certificate that is not accepted. For any other it returns nothing.
func (w *httpWatcher) otherProtocol(ctx context.Context, addr string, err error) sight {
	var distrust *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &distrust):
		return sight{
			what: fmt.Sprintf("the server's certificate is not accepted: %v", distrust.Err),
			hint: "Trusting(roots) and For(name) say which one is, Insecurely() accepts any",
		}
	case w.TLS && (errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &record)):
		return sight{what: "the server does not speak TLS: this port is no https", hint: "wait.HTTP asks without TLS"}
	case w.TLS || dialError(err):
		return sight{}
	}
	return w.speaksTLS(ctx, addr)
}

// speaksTLS tries TLS with a server that did not answer http.
func (*httpWatcher) speaksTLS(ctx context.Context, addr string) sight {
	ctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
	defer cancel()
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}} // nothing is sent to it
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	var alert tls.AlertError
	if err != nil && !errors.As(err, &alert) { // an alert is TLS, too: the server wants a client certificate, say
		return sight{}
	}
	if conn != nil {
		conn.Close()
	}
	return sight{what: "the server speaks TLS: this port is https, not http", hint: "wait.HTTPS asks over TLS"}
}

// unwrapURL removes method and address from the error of a request.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

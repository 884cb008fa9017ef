// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// shortDir is a directory whose sockets have short paths.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// bare takes away all that names an engine, and returns a home directory
// without any.
func bare(t *testing.T) (home string) {
	t.Helper()
	home = shortDir(t)
	for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS", "DOCKER_TLS_VERIFY",
		"DOCKER_CERT_PATH", "DOCKER_API_VERSION", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "COLIMA_HOME"} {
		t.Setenv(name, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("TMPDIR", home)
	return home
}

// searchIn is a search that finds in a home directory what belongs to the machine.
func searchIn(home string) search {
	s := standard
	s.docker, s.podman = filepath.Join(home, "default.sock"), filepath.Join(home, "podman.sock")
	return s
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// writeContext makes a docker context, and returns the directory of its keys.
func writeContext(t *testing.T, home, name, meta string) (keys string) {
	t.Helper()
	id := idOf(name)
	write(t, filepath.Join(home, ".docker/contexts/meta", id, "meta.json"), strings.Replace(meta, "NAME", name, 1))
	return filepath.Join(home, ".docker/contexts/tls", id, "docker")
}

func dockerMeta(host string, skipVerify bool) string {
	return fmt.Sprintf(`{"Name":"NAME","Metadata":{},"Endpoints":{"docker":{"Host":%q,"SkipTLSVerify":%v}}}`, host, skipVerify)
}

// builds counts how often a fake was asked for its builder.
var builds atomic.Int64

// fake is an engine of this name that counts builds.
func fake(name string) *enginetest.Fake {
	f := enginetest.NewFake(name, "1.47")
	f.Handle("/grpc", func(w http.ResponseWriter, _ *http.Request) {
		builds.Add(1)
		http.Error(w, `{"message":"this is a fake"}`, http.StatusNotImplemented)
	})
	return f
}

// onSocket serves a daemon of this name at a path.
func onSocket(t *testing.T, path, name string) {
	t.Helper()
	fake(name).ServeAt(t, path)
}

func listen(t *testing.T, network, address string) net.Listener {
	t.Helper()
	if network == "unix" {
		if err := os.MkdirAll(filepath.Dir(address), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// An authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, der := certify(t, &x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour)}, nil)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key, block("CERTIFICATE", der)}
}

func certify(t *testing.T, c *x509.Certificate, by *authority) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	parent, signer := c, key
	if by != nil {
		parent, signer = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// sign returns a certificate and its key, for this name, until this time.
func (a authority) sign(t *testing.T, name string, until time.Time) (cert, key string) {
	t.Helper()
	template := &x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	private, der := certify(t, template, &a)
	bytes, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return block("CERTIFICATE", der), block("EC PRIVATE KEY", bytes)
}

// overTLS serves a daemon that has this certificate, and wants one of the
// authority's. It returns its address.
func overTLS(t *testing.T, a authority, cert, key string) string {
	t.Helper()
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	l := listen(t, "tcp", "127.0.0.1:0")
	fake("over TLS").Serve(t, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}))
	return "tcp://" + l.Addr().String()
}

// check finds an engine, and compares: what is found is a name, what is not, the
// error's first line. $HOME stands for the home directory.
func check(t *testing.T, home, want string) *Engine {
	t.Helper()
	return searchIn(home).check(t, home, want)
}

func (s search) check(t *testing.T, home, want string) *Engine {
	t.Helper()
	e, err := s.find(t.Context(), Caller{})
	got := ""
	if err != nil {
		got, _, _ = strings.Cut(err.Error(), "\n")
		if !strings.Contains(err.Error(), "\n    hint: ") {
			t.Errorf("there is no hint: %v", err)
		}
	} else {
		t.Cleanup(e.CloseIdle)
		info, err := e.api.Info(t.Context(), noInfo)
		if err != nil {
			t.Fatal(err)
		}
		got = info.Info.Name
	}
	got = strings.ReplaceAll(got, home, "$HOME")
	if got != want {
		t.Errorf("Find:\n got %s\nwant %s", got, want)
	}
	return e
}

func idOf(context string) string {
	sum := sha256.Sum256([]byte(context))
	return hex.EncodeToString(sum[:])
}

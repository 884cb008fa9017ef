// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The names of the files, for DOCKER_CERT_PATH and in contexts.
const (
	caFile   = "ca.pem"
	certFile = "cert.pem"
	keyFile  = "key.pem"
)

// A material is what TLS needs, by the paths of its files.
type material struct {
	dir           string
	ca, cert, key string // empty: none; without ca the system's roots count
	skipVerify    bool   // whoever answers is believed
}

// asksForTLS reads DOCKER_TLS_VERIFY and DOCKER_TLS: any value is a yes.
func asksForTLS() bool { return os.Getenv("DOCKER_TLS_VERIFY") != "" || os.Getenv("DOCKER_TLS") != "" }

// materialFromEnv reads DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH as the
// docker command does: ca.pem must be there, the client's certificate need not. It
// is nil if TLS is not asked for.
// https://github.com/docker/cli/blob/v28.2.2/cli/flags/options.go
func materialFromEnv() (*material, error) {
	if !asksForTLS() {
		return nil, nil
	}
	dir, err := configDir()
	if path := os.Getenv("DOCKER_CERT_PATH"); path != "" {
		dir, err = filepath.Abs(path)
	}
	if err != nil {
		return nil, err
	}
	m := materialIn(dir)
	m.skipVerify = os.Getenv("DOCKER_TLS_VERIFY") == ""
	return m, nil
}

// materialIn is the material that a directory has.
func materialIn(dir string) *material {
	m := &material{dir: dir, ca: filepath.Join(dir, caFile)}
	for name, file := range map[string]*string{certFile: &m.cert, keyFile: &m.key} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			*file = path
		}
	}
	return m
}

// config reads the files.
func (m *material) config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: m.skipVerify}
	if m.ca != "" {
		content, err := os.ReadFile(m.ca)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(content) {
			return nil, fmt.Errorf("%s holds no certificate", m.ca)
		}
	}
	switch {
	case m.cert == "" && m.key == "":
		return config, nil
	case m.cert == "":
		return nil, fmt.Errorf("%s has no %s beside it", m.key, certFile)
	case m.key == "":
		return nil, fmt.Errorf("%s has no %s beside it", m.cert, keyFile)
	}
	pair, err := tls.LoadX509KeyPair(m.cert, m.key)
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%s and %s: %w", m.cert, m.key, err)
	}
	if end := pair.Leaf.NotAfter; time.Now().After(end) {
		return nil, fmt.Errorf("%s is a certificate that expired on %s", m.cert, end.Format(time.DateOnly))
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/swarmtest"
)

// overTLS puts a TLS server in front of the engine, in the engine's network.
func overTLS(t *testing.T, k kit) *exec.Cmd {
	e := modern(t)
	address := e.Address() + ":2376"
	keys := shortDir(t)
	writeKeys(t, keys, e.Address())
	server := exec.Command("nsenter", "--net=/proc/"+processOf(t, e)+"/ns/net", k.program, "-test.run=^TestRelay$")
	server.Env = append(os.Environ(), "SEATRIAL_CONFORMANCE_RELAY="+address, "SEATRIAL_CONFORMANCE_KEYS="+keys, "DOCKER_HOST="+e.Host())
	background(t, server, address)
	return k.here("DOCKER_HOST=tcp://"+address, "DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH="+keys, "SEATRIAL_CONFORMANCE_HIDDEN="+hidden(t, 0))
}

// TestRelay is that server: clients with a certificate of the authority reach the engine.
func TestRelay(t *testing.T) {
	address, keys := os.Getenv("SEATRIAL_CONFORMANCE_RELAY"), os.Getenv("SEATRIAL_CONFORMANCE_KEYS")
	if address == "" {
		t.Skip("is started by TestMatrix")
	}
	cert, err := tls.LoadX509KeyPair(keys+"/server.pem", keys+"/server-key.pem")
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(keys + "/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(ca)
	l, err := tls.Listen("tcp", address, &tls.Config{Certificates: []tls.Certificate{cert}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert})
	if err != nil {
		t.Fatal(err)
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		go relay(conn)
	}
}

func relay(conn net.Conn) {
	defer conn.Close()
	engine, err := net.Dial("unix", strings.TrimPrefix(os.Getenv("DOCKER_HOST"), "unix://"))
	if err != nil {
		return
	}
	defer engine.Close()
	go func() {
		_, _ = io.Copy(engine, conn)
		_ = engine.(*net.UnixConn).CloseWrite()
	}()
	_, _ = io.Copy(conn, engine)
}

// writeKeys makes an authority, and keys of a server at an address and of a client.
func writeKeys(t *testing.T, dir, address string) {
	t.Helper()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign}
	own := newKey(t)
	sign := func(cert *x509.Certificate, key *ecdsa.PrivateKey, certFile, keyFile string) {
		t.Helper()
		der, err := x509.CreateCertificate(rand.Reader, cert, authority, key.Public(), own)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := x509.MarshalECPrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "EC PRIVATE KEY", Bytes: secret}} {
			if err := os.WriteFile(filepath.Join(dir, file), pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	sign(authority, own, "ca.pem", "ca-key.pem")
	leaf := *authority
	leaf.IsCA, leaf.KeyUsage, leaf.Subject.CommonName = false, x509.KeyUsageDigitalSignature, "leaf"
	leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	leaf.IPAddresses, leaf.SerialNumber = []net.IP{net.ParseIP(address)}, big.NewInt(2)
	sign(&leaf, newKey(t), "server.pem", "server-key.pem")
	sign(&leaf, newKey(t), "cert.pem", "key.pem")
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// overSSH starts an sshd in the engine's network, whose logins find the engine, and
// gives the test an alias for it.
func overSSH(t *testing.T, k kit) *exec.Cmd {
	sshd := "/usr/sbin/sshd"
	needPrograms(t, "sshd="+sshd)
	e := modern(t)
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := shortDir(t)
	for _, name := range []string{"host", "client"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, name)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v\n%s", err, out)
		}
	}
	write := func(name, format string, args ...any) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, format, args...), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	public, err := os.ReadFile(dir + "/host.pub")
	if err != nil {
		t.Fatal(err)
	}
	write("known", "%s %s", e.Address(), public)
	write("sshd_config", "ListenAddress %s\nPort 22\nHostKey %s/host\nAuthorizedKeysFile %s/client.pub\nStrictModes no\nUsePAM no\nPidFile none\nSetEnv HOME=%s DOCKER_HOST=%s PATH=%s\n",
		e.Address(), dir, dir, dir, e.Host(), os.Getenv("PATH"))
	write("ssh_config", "Host elsewhere\n HostName %s\n User %s\n IdentityFile %s/client\n UserKnownHostsFile %s/known\n IdentitiesOnly yes\n IdentityAgent none\n",
		e.Address(), me.Username, dir, dir)
	real, err := exec.LookPath("ssh")
	if err != nil {
		t.Fatal(err)
	}
	write("ssh", "#!/bin/sh\nexec %s -F %s/ssh_config \"$@\"\n", real, dir)
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // for its privilege separation
		t.Fatal(err)
	}
	background(t, exec.Command("nsenter", "--net=/proc/"+processOf(t, e)+"/ns/net", sshd, "-D", "-f", dir+"/sshd_config", "-E", dir+"/log"), e.Address()+":22")
	return k.here("DOCKER_HOST=ssh://elsewhere", "SEATRIAL_CONFORMANCE_HIDDEN="+hidden(t, 0), "PATH="+dir+":"+os.Getenv("PATH"))
}

// processOf returns the id of a private engine's dockerd.
func processOf(t *testing.T, e *swarmtest.Engine) string {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		if words := bytes.Split(line, []byte{0}); filepath.Base(string(words[0])) == "dockerd" && bytes.Contains(line, []byte(e.Host()+"\x00")) {
			return filepath.Base(dir)
		}
	}
	t.Fatalf("no dockerd listens at %s", e.Host())
	return ""
}

// background starts a server, waits until it listens, and ends it with the test.
func background(t *testing.T, cmd *exec.Cmd, address string) {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", cmd, out.String())
		}
	})
	for range 200 {
		if conn, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			conn.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nobody listens at %s", address)
}

// shortDir makes a directory with a short path that other users can read.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "st"+strconv.Itoa(os.Getpid()))
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

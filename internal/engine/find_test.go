// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/seatrial/seatrial/internal/enginetest"
)

var noInfo client.InfoOptions

func TestFindInOrder(t *testing.T) {
	home := bare(t)
	onSocket(t, home+"/default.sock", "default")
	onSocket(t, home+"/host.sock", "host")
	onSocket(t, home+"/one.sock", "context one")
	onSocket(t, home+"/two.sock", "context two")
	writeContext(t, home, "one", dockerMeta("unix://"+home+"/one.sock", false))
	writeContext(t, home, "two", dockerMeta("unix://"+home+"/two.sock", false))
	check(t, home, "default")
	write(t, home+"/.docker/config.json", `{"currentContext":"one"}`)
	check(t, home, "context one")
	t.Setenv("DOCKER_CONTEXT", "two")
	check(t, home, "context two")
	t.Setenv("DOCKER_CONTEXT", "default")
	check(t, home, "default")
	t.Setenv("DOCKER_CONTEXT", "two")
	t.Setenv("DOCKER_HOST", "unix://"+home+"/host.sock")
	check(t, home, "host")
	t.Setenv("DOCKER_HOST", home+"/host.sock")
	check(t, home, "host")
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "")
	write(t, home+"/.docker/config.json", `{broken`)
	check(t, home, "default")

	// Another configuration, by a relative path.
	write(t, home+"/other/config.json", `{"currentContext":"one"}`)
	if err := os.Rename(home+"/.docker/contexts", home+"/other/contexts"); err != nil {
		t.Fatal(err)
	}
	t.Chdir(home)
	t.Setenv("DOCKER_CONFIG", "other")
	e := check(t, home, "context one")
	if want := "DOCKER_CONFIG=" + home + "/other"; !slices.Contains(e.Environ(), want) {
		t.Errorf("the environment %q lacks %s", e.Environ(), want)
	}
}

func TestFindWellKnown(t *testing.T) {
	tests := []struct{ variable, dir, path, want string }{
		{"XDG_RUNTIME_DIR", "run", "run/docker.sock", "rootless Docker"},
		{"", "", ".docker/run/docker.sock", "Docker Desktop"},
		{"", "", ".docker/desktop/docker.sock", "Docker Desktop"},
		{"", "", ".colima/default/docker.sock", "Colima"},
		{"COLIMA_HOME", "c", "c/default/docker.sock", "Colima"},
		{"", "", ".config/colima/default/docker.sock", "Colima"},
		{"XDG_CONFIG_HOME", "x", "x/colima/default/docker.sock", "Colima"},
		{"", "", ".orbstack/run/docker.sock", "OrbStack"},
		{"", "", ".rd/docker.sock", "Rancher Desktop"},
		{"XDG_RUNTIME_DIR", "run", "run/podman/podman.sock", "Podman"},
		{"", "", "podman.sock", "Podman"}, // the machine's
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			home := bare(t)
			if test.variable != "" {
				t.Setenv(test.variable, filepath.Join(home, test.dir))
			}
			listen(t, "unix", home+"/default.sock").Close() // a socket's file that nobody listens at
			onSocket(t, filepath.Join(home, test.path), test.path)
			e := check(t, home, test.path)
			if e != nil && e.at.from != test.want {
				t.Errorf("found at %s's, want %s's", e.at.from, test.want)
			}
			if want := "DOCKER_HOST=unix://" + filepath.Join(home, test.path); e != nil && !slices.Contains(e.Environ(), want) {
				t.Errorf("docker commands lack %s: %q", want, e.Environ())
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	home := bare(t)
	const none = "; there is no socket of Docker Desktop, Colima, OrbStack, Rancher Desktop, Podman"
	check(t, home, "no Docker engine answers: tried unix://$HOME/default.sock (the default: no such file or directory)"+none)

	l := listen(t, "unix", home+"/.orbstack/run/docker.sock").(*net.UnixListener)
	l.SetUnlinkOnClose(false)
	l.Close()
	check(t, home, "no Docker engine answers: tried unix://$HOME/default.sock (the default: no such file or directory), "+
		"unix://$HOME/.orbstack/run/docker.sock (OrbStack: connection refused)"+strings.Replace(none, " OrbStack,", "", 1))

	// Somebody named one: no other will do.
	onSocket(t, home+"/.colima/default/docker.sock", "Colima")
	check(t, home, "Colima")
	t.Setenv("DOCKER_HOST", "unix://"+home+"/default.sock")
	check(t, home, "no Docker engine answers at unix://$HOME/default.sock (from DOCKER_HOST): dial unix $HOME/default.sock: connect: no such file or directory")
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "default")
	check(t, home, "no Docker engine answers at unix://$HOME/default.sock (from the default): dial unix $HOME/default.sock: connect: no such file or directory")
}

func TestFindBrokenAddress(t *testing.T) {
	home := bare(t)
	tests := []struct{ host, want string }{
		{"unix://docker.sock", `the socket's path "docker.sock" is relative`},
		{"fd://3", `the address begins with "fd://": want unix://, npipe://, tcp:// or ssh://`},
		{"tcp://a:b:c", `invalid port ":c" after host`},
		{"ssh://", "invalid SSH URL: hostname is empty"},
		{"ssh://me:secret@there", "invalid SSH URL: plain-text password is not supported"},
		{"ssh://there/a?b", `invalid SSH URL: query parameters are not allowed: "b"`},
	}
	for _, test := range tests {
		t.Setenv("DOCKER_HOST", test.host)
		check(t, home, `reading the engine's address "`+test.host+`" (from DOCKER_HOST): `+test.want)
	}
}

func TestCanonical(t *testing.T) {
	tests := map[string]string{
		"unix://": "unix:///var/run/docker.sock", "/a": "unix:///a", " unix:///a ": "unix:///a",
		"tcp://": "tcp://localhost:2375", "there": "tcp://there:2375", "there:1": "tcp://there:1", "tcp://:1": "tcp://localhost:1",
		"tcp://[::1]": "tcp://[::1]:2375", "tcp://there/sub": "tcp://there:2375/sub",
		"npipe://": defaultPipe, "ssh://me@there:22/run/d.sock": "ssh://me@there:22/run/d.sock",
	}
	for in, want := range tests {
		if got, err := canonical(in); got != want || err != nil {
			t.Errorf("canonical(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestFindBrokenContext(t *testing.T) {
	home := bare(t)
	t.Setenv("DOCKER_CONTEXT", "mine")
	const where = `reading the docker context "mine" (from DOCKER_CONTEXT): `
	check(t, home, where+"there is no such context in $HOME/.docker/contexts")
	writeContext(t, home, "mine", `{"Endpoints":`)
	check(t, home, where+"$HOME/.docker/contexts/meta/"+idOf("mine")+"/meta.json: unexpected end of JSON input")
	writeContext(t, home, "mine", `{"Endpoints":{"kubernetes":{"Host":"https://there"}}}`)
	check(t, home, where+"it has no docker endpoint")
	keys := writeContext(t, home, "mine", dockerMeta("tcp://there:2376", false))
	write(t, keys+"/ca.pem", "garbage")
	check(t, home, `using the engine at tcp://there:2376 (from the docker context "mine", from DOCKER_CONTEXT): `+
		"$HOME/.docker/contexts/tls/"+idOf("mine")+"/docker/ca.pem holds no certificate")
	t.Setenv("DOCKER_CONTEXT", "")
	write(t, home+"/.docker/config.json", `{"currentContext":"gone"}`)
	check(t, home, `reading the docker context "gone" (from $HOME/.docker/config.json): there is no such context in $HOME/.docker/contexts`)
}

func TestFindRefusedPermissionUnprivileged(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root is never refused a socket")
	}
	home := bare(t)
	onSocket(t, home+"/host.sock", "host")
	if err := os.Chmod(home+"/host.sock", 0); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_HOST", "unix://"+home+"/host.sock")
	check(t, home, "no Docker engine answers at unix://$HOME/host.sock (from DOCKER_HOST): dial unix $HOME/host.sock: connect: permission denied")
	_, err := Find(t.Context(), Caller{})
	if want := "only root, and who owns the socket, may use it"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
}

// The hint of a socket that refuses us names the group that it really has.
func TestGroupOfSocket(t *testing.T) {
	home := bare(t)
	onSocket(t, home+"/host.sock", "host")
	own, err := user.LookupGroupId(strconv.Itoa(os.Getegid()))
	want := strconv.Itoa(os.Getegid()) // one without a name has its number
	if err == nil {
		want = own.Name
	}
	for mode, want := range map[os.FileMode]string{0o660: want, 0o640: "", 0o600: ""} {
		if err := os.Chmod(home+"/host.sock", mode); err != nil {
			t.Fatal(err)
		}
		if got := groupOf(home + "/host.sock"); got != want {
			t.Errorf("groupOf a socket of mode %v = %q, want %q", mode, got, want)
		}
	}
}

func TestFindUnusable(t *testing.T) {
	home := bare(t)
	impatient := searchIn(home)
	impatient.named = time.Second
	enginetest.NewFake("old", "1.40").ServeAt(t, home+"/old.sock")
	enginetest.NewFake("nameless", "").ServeAt(t, home+"/web.sock")
	listen(t, "unix", home+"/hang.sock") // takes connections, and that is all
	onSocket(t, home+"/.colima/default/docker.sock", "Colima")
	const is = "the engine at unix://$HOME/default.sock (from the default) cannot be used: "
	tests := []struct{ name, want string }{
		{"old", is + "it speaks API 1.40, and 1.41 is the oldest that seatrial speaks"},
		{"web", is + "what answers there is not a Docker engine: it names no API version"},
		{"hang", "no Docker engine answers at unix://$HOME/default.sock (from the default): it did not answer within 1s"},
	}
	for _, test := range tests {
		_ = os.Remove(home + "/default.sock")
		if err := os.Symlink(home+"/"+test.name+".sock", home+"/default.sock"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		impatient.check(t, home, test.want) // somebody is there: it is not Colima
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: it took %v", test.name, took)
		}
	}
}

// A socket that nobody named, and hangs, costs two seconds.
func TestFindPassesOverAHangingGuess(t *testing.T) {
	home := bare(t)
	listen(t, "unix", home+"/.docker/run/docker.sock")
	onSocket(t, home+"/.rd/docker.sock", "Rancher Desktop")
	check(t, home, "Rancher Desktop")
}

func TestFindPlainTCP(t *testing.T) {
	home := bare(t)
	l := listen(t, "tcp", "127.0.0.1:0")
	enginetest.NewFake("over TCP", "1.41").Serve(t, l)
	t.Setenv("DOCKER_HOST", l.Addr().String())
	t.Setenv("DOCKER_CERT_PATH", "/nowhere") // alone, it asks for nothing
	check(t, home, "over TCP")
	t.Setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
	check(t, home, "no Docker engine answers at tcp://127.0.0.1:1 (from DOCKER_HOST): dial tcp 127.0.0.1:1: connect: connection refused")
	web := listen(t, "tcp", "127.0.0.1:0")
	server := &http.Server{Handler: http.NotFoundHandler()}
	go func() { _ = server.Serve(web) }()
	t.Cleanup(func() { server.Close() })
	t.Setenv("DOCKER_HOST", "tcp://"+web.Addr().String())
	if _, err := Find(t.Context(), Caller{}); err == nil {
		t.Error("a web server is taken for an engine")
	}
}

func TestFindDefaultWithTLS(t *testing.T) {
	home := bare(t)
	onSocket(t, home+"/default.sock", "default")
	t.Setenv("DOCKER_TLS_VERIFY", "1")
	check(t, home, "using the engine at tcp://localhost:2376 (from the default with TLS): open $HOME/.docker/ca.pem: no such file or directory")
	t.Setenv("HOME", "")
	check(t, home, "looking for the keys that DOCKER_TLS_VERIFY or DOCKER_TLS ask for: $HOME is not defined")
}

func TestFindWithoutSSH(t *testing.T) {
	home := bare(t)
	t.Setenv("PATH", home)
	t.Setenv("DOCKER_HOST", "ssh://there")
	check(t, home, "no Docker engine answers at ssh://there (from DOCKER_HOST): there is no ssh command here")
}

// Another process finds the same engine by what it is told.
func TestAgain(t *testing.T) {
	home := bare(t)
	onSocket(t, home+"/one.sock", "one")
	writeContext(t, home, "one", dockerMeta("unix://"+home+"/one.sock", false))
	t.Setenv("DOCKER_CONTEXT", "one")
	again(t, home, check(t, home, "one"))
}

// again checks that the environment of an engine's commands leads to it.
func again(t *testing.T, home string, e *Engine) {
	t.Helper()
	if e == nil {
		return
	}
	for _, one := range e.Environ() {
		name, value, _ := strings.Cut(one, "=")
		t.Setenv(name, value)
	}
	other, err := Again(Caller{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.CloseIdle()
	if e.at.tls != nil && other.at.tls != nil && *other.at.tls != *e.at.tls || (e.at.tls == nil) != (other.at.tls == nil) || other.at.host != e.at.host {
		t.Errorf("the environment leads to %+v, want %+v", other.at, e.at)
	}
	if _, err := other.Now(t.Context()); err != nil {
		t.Error(err)
	}
}

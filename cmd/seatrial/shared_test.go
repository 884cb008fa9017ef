// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
)

// What tests share is read under the name of its project, and not changed. docker is a script
// that prints what it is called with.
func TestWhatTestsShare(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("docker is a shell script")
	}
	dir := dirOfCalls(t)
	fake := enginetest.NewFake("shared", "1.47")
	shared := owner.Tuple{Run: "aaaaaaaa", Test: "shop", Scope: owner.NewSharedScope(), Process: process.Self(), Until: time.Now().Add(time.Hour)}
	var containers []map[string]any
	for _, service := range []string{"cache", "web"} {
		labels := shared.On(owner.Container, "shop-ptgqke5j-"+service+"-1").Labels()
		labels[engine.ComposeProject], labels[engine.ComposeService], labels[engine.ComposeNumber] = "shop-ptgqke5j", service, "1"
		containers = append(containers, map[string]any{"Id": service, "Names": []string{"/shop-ptgqke5j-" + service + "-1"}, "Labels": labels, "State": "running", "Status": "Up 3 seconds"})
	}
	fake.Answer("/containers/json", containers)
	fake.Answer("/volumes", map[string]any{})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	enginetest.WriteFile(t, filepath.Join(dir, "bin", "docker"), "#!/bin/sh\necho docker \"$@\"\n")
	if err := os.Chmod(filepath.Join(dir, "bin", "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	const refused = "shop is shared by tests, which still may use it: seatrial does not change it\n    hint: "
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"exec -n shop cache redis-cli ping", 0, "docker compose --project-name shop-ptgqke5j exec cache redis-cli ping"},
		{"exec -n shop-ptgqke5j cache ls", 0, "docker compose --project-name shop-ptgqke5j exec cache ls"},
		{"logs --name shop --tail 1 web", 0, "docker compose --project-name shop-ptgqke5j logs --tail 1 web"},
		{"exec -n shop wbe ls", 1, `seatrial exec: no service "wbe"; there are cache, web: did you mean web?`},
		{"logs --name shop wbe", 1, `seatrial logs: no service "wbe"; there are cache, web: did you mean web?`},
		{"url -n shop wbe", 1, `seatrial url: no service "wbe"; there are cache, web: did you mean web?`},
		{"compose -n shop -- ps", 1, refused + "seatrial exec, logs and ps work on it"},
		{"ls", 0, " (tests share it)"},
		{"cp -n shop web:/a a", 1, refused + "seatrial exec, logs, ps, port, url and env work on it"},
		{"wait -n shop web", 1, refused + "seatrial exec"},
		{"restart -n shop web", 1, refused + "seatrial exec"},
		{"env -n shop --write", 1, refused + "seatrial exec"},
		{"keep -n shop --for 1d", 1, refused + "Warm of seatrial.Shared"},
		{"down -n shop", 1, refused + "seatrial gc --run aaaaaaaa --yes removes it"},
		{"reset -n shop", 1, refused + "seatrial gc --run aaaaaaaa --yes removes it"},
		{"update -n shop", 1, refused + "seatrial up starts an environment of this checkout"},
	} {
		if code, said := callAt(dir, test.args); code != test.code || !strings.Contains(said, test.want) {
			t.Errorf("seatrial %s ends with %d and says\n%s\nwant %d and\n%s", test.args, code, said, test.code, test.want)
		}
	}
}

// dirOfCalls makes a directory for callAt. Its path is short, for a socket.
func dirOfCalls(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "st")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		enginetest.EndProcesses("TMPDIR="+dir, 0) // the engine is none: they have nothing to remove
		os.RemoveAll(dir)
	})
	return dir
}

// callAt calls the command on the engine that serves at a directory's s, which has all else that
// it writes, and a bin for its PATH.
func callAt(dir, args string) (code int, said string) {
	cmd := exec.Command("seatrial", strings.Fields(args)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+filepath.Join(dir, "s"), "SEATRIAL_ADDRESS=127.0.0.1", "SEATRIAL_NAME=", "SEATRIAL_SWARM=", "HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CACHE_HOME="+dir, "TMPDIR="+dir,
		"PATH="+filepath.Join(dir, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

// What starts left in the state directory goes by gc, which says so before, and by down -v.
func TestForgottenDirectories(t *testing.T) {
	t.Parallel()
	dir := dirOfCalls(t)
	fake := enginetest.NewFake("forgetful", "1.47")
	fake.Answer("/volumes", map[string]any{})
	fake.Answer("/networks", []any{})
	fake.Answer("/images/json", []any{})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	killed, failed := filepath.Join(dir, "seatrial", "environments", "shop-1@"), filepath.Join(dir, "seatrial", "environments", "shop-2@") // this engine has no id
	for _, path := range []string{killed, filepath.Join(failed, "up")} {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		args string
		code int
		want string
		left []string
	}{
		{"gc --dry-run", 0, "would remove directory " + killed + ": the start of its environment was cut off\n1 to remove", []string{"shop-1@", "shop-2@"}},
		{"gc", 0, "removed directory " + killed + ": the start", []string{"shop-2@"}},
		{"down shop-2", 1, `there is no environment "shop-2"`, []string{"shop-2@"}},
		{"down -v --dry-run shop-2", 1, `there is no environment "shop-2"`, []string{"shop-2@"}},
		{"down -v shop-2 shop-3", 1, `there is no environment "shop-2"`, []string{"shop-2@"}},
		{"down -v shop-2", 0, "removed " + failed + ", which a start that failed has left", nil},
		{"down -v shop-2", 1, `there is no environment "shop-2"`, nil},
		{"down -v ../x", 1, `there is no environment "../x"`, nil},
	} {
		if code, said := callAt(dir, test.args); code != test.code || !strings.Contains(said, test.want) {
			t.Errorf("seatrial %s ends with %d and says\n%s\nwant %d and\n%s", test.args, code, said, test.code, test.want)
		}
		var left []string
		entries, err := os.ReadDir(filepath.Dir(killed))
		for _, e := range entries {
			left = append(left, e.Name())
		}
		if err != nil || !slices.Equal(left, test.left) {
			t.Errorf("after seatrial %s there are %q, %v, want %q", test.args, left, err, test.left)
		}
	}
}

// Where several versions are shared under a name, each has that of its project.
func TestCalled(t *testing.T) {
	t.Parallel()
	version := func(project string) *environment.Named {
		return &environment.Named{Record: environment.Record{Name: "shop"}, Library: true, Containers: []engine.Object{{Labels: map[string]string{engine.ComposeProject: project}}}}
	}
	one, two := version("shop-aaaaaaaa"), version("shop-bbbbbbbb")
	if n, err := called([]*environment.Named{one}, "shop"); n != one || err != nil {
		t.Errorf("the only one: %v, %v", n, err)
	}
	both := []*environment.Named{one, two}
	if n, err := called(both, "shop-bbbbbbbb"); n != two || err != nil {
		t.Errorf("by its project: %v, %v", n, err)
	}
	for name, want := range map[string]string{"shop": "several versions of shop: shop-aaaaaaaa, shop-bbbbbbbb", "shpo": "did you mean shop?"} {
		if n, err := called(both, name); n != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %q", name, n, err, want)
		}
	}
}

// An environment stays for its time after the last use: verbs that ask for an address are uses,
// and those that only look are none. A service that has exited is told as such by all of them.
func TestWhatIsAUse(t *testing.T) {
	t.Parallel()
	dir := dirOfCalls(t)
	used := time.Now().Add(-7 * time.Hour).Truncate(time.Second)
	record, err := json.Marshal(environment.Record{Name: "shop", Machine: process.Machine(), Used: used, Stay: 8 * time.Hour,
		Ports: []environment.FilePort{{Service: "db", Number: 5432, Target: 5432, Protocol: "tcp"}}})
	if err != nil {
		t.Fatal(err)
	}
	tuple := owner.Tuple{Run: "aaaaaaaa", Test: "shop", Scope: "shared-env1-aaaaaaaa", Process: process.Self(), Until: used.Add(8 * time.Hour)}
	data := tuple.Data().On(owner.Record, "record-shop")
	volume := map[string]any{"Name": data.Name, "Labels": data.Labels()}
	volume["Labels"].(map[string]string)[owner.LabelEnvironment] = string(record)
	labels := func(service string) map[string]string {
		all := tuple.On(owner.Container, "shop-"+service+"-1").Labels()
		all[engine.ComposeProject], all[engine.ComposeService], all[engine.ComposeNumber] = "shop", service, "1"
		return all
	}
	fake := enginetest.NewFake("used", "1.47")
	fake.Answer("/volumes", map[string]any{"Volumes": []any{volume}})
	fake.Answer("/containers/json", []map[string]any{
		{"Id": "web", "Names": []string{"/shop-web-1"}, "Labels": labels("web"), "State": "running", "Status": "Up 7 hours",
			"Ports": []map[string]any{{"IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 20001, "Type": "tcp"}}},
		{"Id": "db", "Names": []string{"/shop-db-1"}, "Labels": labels("db"), "State": "exited", "Status": "Exited (1) 2 hours ago"},
	})
	var noted atomic.Pointer[time.Time] // until when it stays, as the last call has noted it
	fake.Handle("/volumes/create", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Name   string
			Labels map[string]string
		}
		_ = json.NewDecoder(r.Body).Decode(&asked)
		if record, ok := owner.Read(owner.Record, asked.Name, asked.Labels); ok && !record.IsData() {
			noted.Store(&record.Until)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(asked)
	})
	fake.ServeAt(t, filepath.Join(dir, "s"))
	for args, use := range map[string]bool{"env -n shop": true, "port -n shop web 80": true, "url -n shop web": true, "ps -n shop": false, "ls": false} {
		noted.Store(nil)
		code, said := callAt(dir, args)
		if code != 0 {
			t.Errorf("seatrial %s ends with %d and says\n%s", args, code, said)
		}
		until := noted.Load()
		if (until != nil) != use || use && time.Until(*until) < 7*time.Hour {
			t.Errorf("after seatrial %s, seven hours after the last use, it stays until %v; want 8 hours more: %t", args, until, use)
		}
		if want := "warning: DB_… are not set: db does not run: it exited with code 1\n"; strings.HasPrefix(args, "env") != strings.Contains(said, want) {
			t.Errorf("seatrial %s says\n%s\nof a service that exited", args, said)
		}
		if args == "ls" && !strings.Contains(said, " failing ") {
			t.Errorf("seatrial ls says\n%s\nwant failing, since a service exited", said)
		}
	}
	if code, said := callAt(dir, "url -n shop db"); code != 1 || said != "seatrial url: db does not run: it exited with code 1\n    hint: seatrial logs db shows why\n" {
		t.Errorf("seatrial url of a service that exited ends with %d and says\n%s", code, said)
	}
}

// A name that two ports would have is left out, which is said.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	rows := []environment.Row{{Service: "tls", Number: 1, Ports: []environment.RowPort{
		{Number: 8443, Target: 443, Protocol: "tcp", Address: "127.0.0.1:1"}, {Number: 443, Target: 80, Protocol: "tcp", Address: "127.0.0.1:2"},
	}}}
	for all, want := range map[*[]environment.Row]string{
		&rows: "left out, since several ports would have the name: TLS_TCP_443, TLS_URL_443\n", {}: "",
	} {
		var said strings.Builder
		(&call{stderr: &said}).addresses(&environment.Named{}, *all, "")
		if said.String() != want {
			t.Errorf("it says %q, want %q", said.String(), want)
		}
	}
}

// Nobody notes the use of what tests share: it has no time to stay.
func TestTouchShared(t *testing.T) {
	t.Parallel()
	touch(t.Context(), nil, &environment.Named{Library: true}) // without end, or with a question to no engine
}

// A start that a signal ends has the exit code of a command that it ended, also by up.
func TestSignalledStart(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]int{
		&signalError{os.Interrupt}: 130, &signalError{syscall.SIGTERM}: 143, errors.New("its time was up"): exitEnvironment,
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		var said strings.Builder
		if got := (&runFlags{}).environmentFailed(ctx, &call{stderr: &said}, nil, context.Cause(ctx)); got != want || !strings.Contains(said.String(), "seatrial run: "+cause.Error()) {
			t.Errorf("%v: %d, want %d, and it says %q", cause, got, want, said.String())
		}
		up := &call{stderr: &said}
		if want == exitEnvironment {
			want = exitNo
		}
		if got := up.tellUp(ctx, "up", nil, context.Cause(ctx), "table", up.watch(true, "table")); got != want {
			t.Errorf("%v: up exits with %d, want %d", cause, got, want)
		}
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	l := listedEnvironment{Until: time.Now().Add(10 * time.Minute), Services: []environment.Row{{}}}
	if got := l.ends(); got != "in 10m" {
		t.Errorf("it ends %s", got)
	}
	if l.Command = true; l.ends() != "with its command" {
		t.Errorf("during its command it ends %s", l.ends())
	}
}

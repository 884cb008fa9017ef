// SPDX-License-Identifier: Apache-2.0

// The program that stands in for every image. It listens on the ports that the
// file names, leaves a mark of its copy in every mount that it can write to, and,
// when it is told that all copies are up, looks who answers to the names of the
// project, and whose marks it finds.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// order is what a stand-in is told, in the variable STANDIN.
type order struct {
	Copy, Service string
	Ends          bool     // others wait until it has ended
	Ports         []string // 80/tcp
	Names         []string // to look up
}

// report is what it finds, one file of each container in /standin-control.
type report struct {
	Service string
	Trouble []string            // ports that were taken
	Names   map[string][]string // who answers to a name: copy/service
	Marks   map[string][]string // whose marks are in a mount
}

const (
	control = "/standin-control"
	idPort  = "45999"
	prefix  = "standin-mark-"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "-healthy" {
		return
	}
	var o order
	if err := json.Unmarshal([]byte(os.Getenv("STANDIN")), &o); err != nil {
		fmt.Println("reading STANDIN:", err)
		os.Exit(2)
	}
	r := report{Service: o.Service, Names: map[string][]string{}, Marks: map[string][]string{}}
	mounts, err := writable()
	if err != nil {
		r.Trouble = append(r.Trouble, err.Error())
	}
	for _, m := range mounts {
		if err := mark(m, o.Copy); err != nil && !errors.Is(err, syscall.EROFS) {
			r.Trouble = append(r.Trouble, err.Error())
		}
	}
	if o.Ends {
		return
	}
	// Containers that share a network namespace share the port: who is first
	// answers for all of them, and they are of one copy, or the report shows it.
	if l, err := net.Listen("tcp", ":"+idPort); err == nil {
		go answer(l, o.Copy+"/"+o.Service)
	}
	for _, p := range o.Ports {
		if err := listen(p); err != nil {
			r.Trouble = append(r.Trouble, err.Error())
		}
	}
	for {
		if _, err := os.Stat(filepath.Join(control, "go")); err == nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	r.look(o, mounts)
	content, err := json.Marshal(r)
	if err == nil {
		err = write(content)
	}
	if err != nil {
		fmt.Println("writing the report:", err)
		os.Exit(2)
	}
	select {}
}

// write makes the report appear all at once.
func write(content []byte) error {
	f, err := os.CreateTemp(control, "writing-")
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), strings.Replace(f.Name(), "writing-", "report-", 1))
}

func listen(port string) error {
	number, protocol, _ := strings.Cut(port, "/")
	switch protocol {
	case "tcp":
		l, err := net.Listen("tcp", ":"+number)
		if err != nil {
			return err
		}
		go func() {
			for {
				if c, err := l.Accept(); err == nil {
					c.Close()
				}
			}
		}()
	case "udp":
		if _, err := net.ListenPacket("udp", ":"+number); err != nil {
			return err
		}
	}
	return nil
}

func answer(l net.Listener, id string) {
	for {
		if c, err := l.Accept(); err == nil {
			_, _ = io.WriteString(c, id)
			c.Close()
		}
	}
}

// look fills the report.
func (r *report) look(o order, mounts []string) {
	for _, m := range mounts {
		r.Marks[m] = marks(m)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, name := range o.Names {
		wg.Go(func() {
			who := ask(name)
			mu.Lock()
			defer mu.Unlock()
			r.Names[name] = who
		})
	}
	wg.Wait()
}

// ask returns who answers at the addresses of a name. An address where nobody
// does counts for nothing: its container may have ended.
func ask(name string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, name)
	if err != nil {
		return nil
	}
	var who []string
	for _, address := range addresses {
		c, err := (&net.Dialer{Timeout: 3 * time.Second}).Dial("tcp", net.JoinHostPort(address, idPort))
		if err != nil {
			continue
		}
		_ = c.SetDeadline(time.Now().Add(3 * time.Second))
		if id, err := io.ReadAll(c); err == nil && !slices.Contains(who, string(id)) {
			who = append(who, string(id))
		}
		c.Close()
	}
	slices.Sort(who)
	return who
}

// writable returns where a file or directory of the engine's machine is mounted
// read-write: what the engine itself mounts, and memory, are left out.
func writable() ([]string, error) {
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.Lines(string(content)) {
		f := strings.Fields(line)
		i := slices.Index(f, "-")
		if i < 6 || len(f) < i+2 {
			return nil, fmt.Errorf("/proc/self/mountinfo has %q", line)
		}
		root, at, options, fs := f[3], unescape.Replace(f[4]), strings.Split(f[5], ","), f[i+1]
		switch {
		case at == "/", at == control, at == "/etc/hosts", at == "/etc/hostname", at == "/etc/resolv.conf":
		case slices.Contains(options, "ro"), fs == "tmpfs" && root == "/":
		case slices.Contains([]string{"proc", "sysfs", "devpts", "mqueue", "cgroup", "cgroup2"}, fs):
		case at == "/dev" || strings.HasPrefix(at, "/proc/"):
		default:
			all = append(all, at)
		}
	}
	return all, nil
}

var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// mark leaves a mark: a file in a directory, a line in a file.
func mark(mount, id string) error {
	info, err := os.Stat(mount)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.WriteFile(filepath.Join(mount, prefix+id), nil, 0o666)
	}
	f, err := os.OpenFile(mount, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString("\n" + prefix + id + "\n")
	return err
}

// marks returns whose marks there are.
func marks(mount string) []string {
	var lines []string
	if entries, err := os.ReadDir(mount); err == nil {
		for _, e := range entries {
			lines = append(lines, e.Name())
		}
	} else if content, err := os.ReadFile(mount); err == nil {
		lines = strings.Split(string(content), "\n")
	}
	var ids []string
	for _, line := range lines {
		if id, ok := strings.CutPrefix(line, prefix); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// SPDX-License-Identifier: Apache-2.0

// Command compose starts projects at once with the Compose module of testcontainers-go, and prints how
// long their start and their removal took, and the memory. It is a separate module,
// because it uses another version of Compose than this project.
//
//	compose NAME,FILE,ADDRESS,...  ...
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/testcontainers/testcontainers-go/modules/compose"
)

func main() {
	var projects []*project
	for _, arg := range os.Args[1:] {
		parts := strings.Split(arg, ",")
		projects = append(projects, &project{name: parts[0], file: parts[1], addresses: parts[2:]})
	}
	began := time.Now()
	err := each(projects, (*project).up)
	ready, over := since(began), time.Now()
	err = errors.Join(err, each(projects, (*project).down))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]float64{"Ready": ready, "Gone": since(over), "Memory": memory()})
}

// memory returns the peak memory of this process in MB, if the kernel shows it.
func memory() (mb float64) {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	_, _ = fmt.Sscanf(after, "%f kB", &mb)
	return mb * 1024 / 1e6
}

func since(then time.Time) float64 { return float64(time.Since(then).Microseconds()) / 1000 }

type project struct {
	name, file string
	addresses  []string
	stack      *compose.DockerCompose
}

// each does something with all projects at once.
func each(projects []*project, do func(*project) error) error {
	errs := make([]error, len(projects))
	var all sync.WaitGroup
	for i, p := range projects {
		all.Go(func() { errs[i] = do(p) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// up starts the project, and returns when all of it answers.
func (p *project) up() (err error) {
	p.stack, err = compose.NewDockerComposeWith(compose.StackIdentifier(p.name), compose.WithStackFiles(p.file))
	if err != nil {
		return err
	}
	err = p.stack.Up(context.Background(), compose.Wait(true))
	limit := time.Now().Add(time.Minute)
	for _, address := range p.addresses {
		for err == nil && !answers(address) {
			if time.Now().After(limit) {
				err = fmt.Errorf("%s does not answer", address)
			}
			time.Sleep(time.Millisecond)
		}
	}
	return err
}

func (p *project) down() error {
	if p.stack == nil {
		return nil
	}
	return p.stack.Down(context.Background(), compose.RemoveVolumes(true))
}

func answers(address string) bool {
	resp, err := http.Get("http://" + address + "/health")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

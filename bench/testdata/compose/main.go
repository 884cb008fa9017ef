// SPDX-License-Identifier: Apache-2.0

// Command compose starts a project with the Compose module of testcontainers-go,
// and prints how long the start and the removal took. It is a separate module,
// because it uses another version of Compose than this project.
//
//	compose FILE ADDRESS...
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/testcontainers/testcontainers-go/modules/compose"
)

func main() {
	ready, gone, err := measure(context.Background(), os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]float64{"Ready": ready, "Gone": gone})
}

func since(then time.Time) float64 { return float64(time.Since(then).Microseconds()) / 1000 }

func measure(ctx context.Context, file string, addresses []string) (ready, gone float64, err error) {
	began := time.Now()
	project, err := compose.NewDockerComposeWith(compose.StackIdentifier("seatrial-bench-module"), compose.WithStackFiles(file))
	if err != nil {
		return 0, 0, err
	}
	err = project.Up(ctx, compose.Wait(true))
	for _, address := range addresses {
		for err == nil && !answers(address) {
			if time.Since(began) > time.Minute {
				err = fmt.Errorf("%s does not answer", address)
			}
			time.Sleep(time.Millisecond)
		}
	}
	ready = since(began)
	over := time.Now()
	if downErr := project.Down(ctx, compose.RemoveVolumes(true)); err == nil {
		err = downErr
	}
	return ready, since(over), err
}

func answers(address string) bool {
	resp, err := http.Get("http://" + address + "/health")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

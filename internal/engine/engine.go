// SPDX-License-Identifier: Apache-2.0

// Package engine is the only code that talks to Docker: to the Engine API for
// everything that has one, to the docker command for what lives only there.
package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// An Engine is a Docker daemon that we talk to. It is safe for concurrent use.
type Engine struct {
	host   string // as DOCKER_HOST has it
	mark   string // KEY=value in the environment of every docker command
	api    *client.Client
	events hub

	compose func() error // whether docker compose is there and recent enough
}

// Find finds the engine that the environment names, as the docker command does:
// DOCKER_HOST, else the current docker context, else the default socket.
func Find(ctx context.Context) (*Engine, error) {
	host, from, err := findHost(ctx)
	if err != nil {
		return nil, err
	}
	e, err := At(host)
	if err != nil {
		return nil, fmt.Errorf("using the engine %s (from %s): %w", host, from, err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return nil, fmt.Errorf("no Docker engine answers at %s (from %s): %w\n    hint: start one, or name another in DOCKER_HOST or by `docker context use`", host, from, err)
	}
	return e, nil
}

// At returns the engine at a host in the notation of DOCKER_HOST, without
// asking whether it is there.
func At(host string) (*Engine, error) {
	if strings.HasPrefix(host, "ssh:") {
		return nil, errors.New("engines behind ssh are not supported yet\n    hint: ssh -L docker.sock:/var/run/docker.sock HOST makes a socket to name in DOCKER_HOST=unix://")
	}
	opts := []client.Opt{client.WithHost(host), client.WithUserAgent("seatrial")}
	if certs := os.Getenv("DOCKER_CERT_PATH"); certs != "" && strings.HasPrefix(host, "tcp:") {
		opts = append(opts, client.WithTLSClientConfigFromEnv())
	}
	if path, ok := strings.CutPrefix(host, "unix://"); ok && !filepath.IsAbs(path) {
		return nil, fmt.Errorf("the socket's path %q is relative", path)
	}
	api, err := client.New(opts...)
	if err != nil {
		return nil, err
	}
	e := &Engine{host: host, api: api}
	e.events.open = e.openEvents
	e.compose = sync.OnceValue(e.checkCompose)
	return e, nil
}

// Mark puts a variable into the environment of every docker command from now
// on, by which the commands of a dead process are found.
func (e *Engine) Mark(variable string) { e.mark = variable }

// Host returns the engine's address as DOCKER_HOST has it.
func (e *Engine) Host() string { return e.host }

// Now returns the time on the engine's clock.
func (e *Engine) Now(ctx context.Context) (time.Time, error) {
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		return time.Time{}, err
	}
	now, err := time.Parse(time.RFC3339Nano, info.Info.SystemTime)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the engine's clock: %w", err)
	}
	return now, nil
}

// Rest closes the connections that nobody uses at the moment.
func (e *Engine) Rest() { _ = e.api.Close() } // it can fail in nothing that matters; the client opens new ones

// Address returns the address at which the engine's published ports are
// reached.
func (e *Engine) Address() string {
	u, err := url.Parse(e.host)
	if err != nil || u.Scheme == "unix" || u.Scheme == "npipe" || u.Hostname() == "" {
		return "127.0.0.1"
	}
	return u.Hostname()
}

// PublishAddress returns the address on which ports must be published so that
// we reach them, or nothing if that is loopback.
func (e *Engine) PublishAddress() string {
	if e.Address() == "127.0.0.1" {
		return ""
	}
	return "0.0.0.0"
}

// IsNotFound reports whether an error says that there is no such object.
func IsNotFound(err error) bool { return cerrdefs.IsNotFound(err) }

func findHost(ctx context.Context) (host, from string, err error) {
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		return host, "DOCKER_HOST", nil
	}
	name, from := os.Getenv("DOCKER_CONTEXT"), "DOCKER_CONTEXT"
	if name == "" {
		name, from = currentContext()
	}
	if name == "" || name == "default" {
		if runtime.GOOS == "windows" {
			return "npipe:////./pipe/docker_engine", "the default", nil
		}
		return "unix:///var/run/docker.sock", "the default", nil
	}
	out, err := exec.CommandContext(ctx, "docker", "context", "inspect", "--format", "{{json .Endpoints.docker.Host}}", "--", name).Output()
	if err == nil {
		err = json.Unmarshal(out, &host)
	}
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = errors.New(strings.TrimSpace(string(exit.Stderr)))
		}
		return "", "", fmt.Errorf("reading the docker context %q (from %s): %w", name, from, err)
	}
	return host, fmt.Sprintf("the docker context %q", name), nil
}

// currentContext reads what `docker context use` wrote.
func currentContext() (name, from string) {
	dir := os.Getenv("DOCKER_CONFIG")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", ""
		}
		dir = filepath.Join(home, ".docker")
	}
	file := filepath.Join(dir, "config.json")
	content, err := os.ReadFile(file)
	if err != nil {
		return "", ""
	}
	var config struct{ CurrentContext string }
	if json.Unmarshal(content, &config) != nil {
		return "", "" // the docker command warns about such a file, and goes on
	}
	return config.CurrentContext, file
}

// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/client/pkg/versions"
)

// CreateByCommand is Create by the docker command, with more of its flags.
func (e *containers) CreateByCommand(ctx context.Context, c NewContainer, flags []string) (id string, err error) {
	publish := ""
	if len(c.Ports) > 0 {
		address, err := e.publishing.bindAddress(ctx, c.joins())
		if err != nil {
			return "", err
		}
		if address.IsValid() {
			publish = net.JoinHostPort(address.String(), "") + ":"
		}
	}
	later := c.Networks
	if len(later) > 0 && versions.LessThan(e.api.ClientVersion(), manyNetworks) {
		c.Networks, later = later[:1], later[1:]
	} else {
		later = nil
	}
	args, err := c.flags(publish)
	if err != nil {
		return "", err
	}
	args = append(append([]string{"create"}, args...), flags...)
	if !slices.ContainsFunc(flags, func(f string) bool { return f == "--pull" || strings.HasPrefix(f, "--pull=") }) {
		args = append(args, "--pull", "never")
	}
	args = append(args, c.ours()...)
	var out, heard bytes.Buffer
	if err := e.commands.Docker(ctx, Command{Args: append(args, c.words()...), Out: &out, Err: &heard}); err != nil {
		return "", err
	}
	c.warn(strings.Split(heard.String(), "\n")...)
	if id = strings.TrimSpace(out.String()); id == "" {
		return "", errors.New("docker create printed no id")
	}
	for _, n := range later {
		if err := e.connect(ctx, id, n); err != nil {
			return "", errors.Join(err, e.Remove(context.WithoutCancel(ctx), id))
		}
	}
	return id, nil
}

// flags writes the fields as flags of docker create.
func (c NewContainer) flags(publish string) ([]string, error) {
	var args []string
	add := func(flag, value string) { args = append(args, flag+"="+value) }
	if c.KeepBytes {
		add("--log-driver", keptBytes.Type)
		for key, value := range keptBytes.Config {
			add("--log-opt", key+"="+value)
		}
	}
	for _, v := range c.Env {
		add("--env", v)
	}
	if c.User != "" {
		add("--user", c.User)
	}
	if c.Dir != "" {
		add("--workdir", c.Dir)
	}
	for _, port := range c.Ports {
		add("--publish", publish+port.Full())
	}
	for _, h := range c.hosts() {
		add("--add-host", h)
	}
	for _, m := range c.Mounts {
		add("--mount", m.flag())
	}
	for _, n := range c.Networks {
		add("--network", n.flag())
	}
	if c.Memory != 0 {
		add("--memory", strconv.FormatInt(c.Memory, 10))
	}
	if c.NanoCPUs != 0 {
		add("--cpus", fmt.Sprintf("%d.%09d", c.NanoCPUs/1e9, c.NanoCPUs%1e9))
	}
	if c.PIDs != 0 {
		add("--pids-limit", strconv.FormatInt(c.PIDs, 10))
	}
	health, err := healthFlags(c.Health)
	if err != nil {
		return nil, err
	}
	args = append(args, health...)
	if c.Entrypoint != nil {
		add("--entrypoint", append(c.Entrypoint, "")[0])
	}
	return args, nil
}

// ours are the flags that come last, so that no other flag changes what they say.
func (c NewContainer) ours() []string {
	args := []string{"--name=" + c.Name}
	for _, key := range slices.Sorted(maps.Keys(c.Labels)) {
		args = append(args, "--label="+key+"="+c.Labels[key])
	}
	return args
}

// words are what stands behind the flags. The command takes only the first word
// of an entrypoint as such; the others are the beginning of the arguments.
func (c NewContainer) words() []string {
	words := []string{c.Image}
	if len(c.Entrypoint) > 1 {
		words = append(words, c.Entrypoint[1:]...)
	}
	return append(words, c.Command...)
}

func (m Mount) flag() string {
	fields := []string{"type=" + string(m.Type), "target=" + m.Target}
	if m.Source != "" {
		fields = append(fields, "source="+m.Source)
	}
	if m.ReadOnly {
		fields = append(fields, "readonly")
	}
	if m.Subpath != "" {
		fields = append(fields, "volume-subpath="+m.Subpath)
	}
	if m.Size != 0 {
		fields = append(fields, "tmpfs-size="+strconv.FormatInt(m.Size, 10))
	}
	return line(fields)
}

func (n Endpoint) flag() string {
	fields := []string{"name=" + n.Network}
	for _, alias := range n.Aliases {
		fields = append(fields, "alias="+alias)
	}
	return line(fields)
}

// line writes fields as the docker command reads them.
func line(fields []string) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(fields) // a Builder takes everything
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

func healthFlags(h *Health) ([]string, error) {
	if h == nil {
		return nil, nil
	}
	var args []string
	switch kind := append(h.Test, "")[0]; kind {
	case "NONE":
		return []string{"--no-healthcheck"}, nil
	case "CMD-SHELL":
		args = append(args, "--health-cmd="+h.Test[1])
	case "":
	default:
		return nil, errors.New("docker create has no flag for the command of a health check that is not run by a shell")
	}
	for _, d := range []struct {
		flag string
		span time.Duration
	}{{"--health-interval", h.Interval}, {"--health-timeout", h.Timeout}, {"--health-start-period", h.StartPeriod}} {
		if d.span != 0 {
			args = append(args, d.flag+"="+d.span.String())
		}
	}
	if h.Retries != 0 {
		args = append(args, "--health-retries="+strconv.Itoa(h.Retries))
	}
	return args, nil
}

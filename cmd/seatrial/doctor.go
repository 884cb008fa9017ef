// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/engine"
)

func doctorVerb() verb {
	f := format{}
	return verb{name: "doctor", usage: "[OPTIONS]", short: "say what the engine can be used for, and what it lacks", long: doctorLong,
		options: func(set *pflag.FlagSet) { f.define(set, "text", "json") },
		run: func(ctx context.Context, c *call) int {
			if code, wrong := c.none("doctor"); wrong {
				return code
			}
			if err := f.check(); err != nil {
				return c.wrong("doctor", err)
			}
			return doctor(ctx, c, f.json())
		}}
}

const doctorLong = `Finds the engine as a test does, and says of each kind of thing that a test may
want whether it can have it, and what is lacking if not.

Exit code: 0 containers, Compose projects and builds can be had, 1 one cannot,
2 wrong use. That there is no swarm, or that package swarmtest cannot start one of a
test's own, is told, and is no failure.`

const doctorLimit = 60 * time.Second

// diagnosis is the result of the checks for one kind of use.
type diagnosis struct {
	what     string
	needed   bool // by most tests
	yes      string
	lacks    error
	whatElse string // what works nevertheless
}

// diagnosed is a diagnosis in JSON.
type diagnosed struct {
	What   string `json:"what"`
	Has    bool   `json:"has"`
	Needed bool   `json:"needed"` // by most tests
	Text   string `json:"text"`
	Hint   string `json:"hint,omitempty"`
}

func doctor(ctx context.Context, c *call, asJSON bool) int {
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	code := exitYes
	var all []diagnosed
	for _, d := range diagnose(ctx) {
		one := diagnosed{What: d.what, Has: d.lacks == nil, Needed: d.needed, Text: d.yes}
		if !one.Has {
			one.Text, one.Hint = d.lacks.Error(), d.whatElse
			if what, hint, is := strings.Cut(one.Text, "\n    hint: "); is && one.Hint == "" {
				one.Text, one.Hint = what, hint
			}
			if d.needed {
				code = exitNo
			}
		}
		all = append(all, one)
	}
	if asJSON {
		err := printJSON(c.stdout, struct {
			Version int         `json:"version"`
			Things  []diagnosed `json:"things"`
		}{jsonVersion, all})
		if err != nil {
			return c.failed("doctor", err)
		}
		return code
	}
	for _, d := range all {
		is := map[bool]string{true: "yes", false: "no"}[d.Has]
		fmt.Fprintf(c.stdout, "%-4s %-12s %s\n", is, d.What, strings.ReplaceAll(d.Text, "\n", "\n    "))
		if d.Hint != "" {
			fmt.Fprintf(c.stdout, "         hint: %s\n", d.Hint)
		}
	}
	return code
}

func diagnose(ctx context.Context) []diagnosis {
	own := ownSwarm(os.Getenv(engine.EnvSwarm), dockerd.Possible(""))
	e, err := engine.Find(ctx, engine.Caller{})
	if err != nil {
		return []diagnosis{{what: "containers", needed: true, lacks: err}, own}
	}
	defer e.CloseIdle()
	facts, err := e.Facts(ctx)
	if err != nil {
		return []diagnosis{{what: "containers", needed: true, lacks: fmt.Errorf("asking the engine %s: %w", e.Host(), err)}, own}
	}
	all := []diagnosis{
		{what: "containers", needed: true, yes: fmt.Sprintf("the engine %s runs %s and speaks API %s", e.Host(), facts.Platform, facts.API)},
		{what: "compose", needed: true, yes: "docker compose is there, and recent enough", lacks: e.Compose()},
		{what: "builds", needed: true, yes: "the engine has BuildKit, and docker buildx is there", lacks: cmp.Or(e.BuildKit(ctx), e.Buildx(ctx))},
	}
	swarm := diagnosis{what: "swarm", yes: "the engine manages one", whatElse: "docker swarm init makes it one; swarmtest gives a test a swarm of its own, if it can run here"}
	if !facts.Manager {
		swarm.lacks = fmt.Errorf("the engine %s manages none", e.Host())
	}
	mesh := diagnosis{what: "swarm mesh", yes: "nothing says that the kernel lacks IPVS", whatElse: "endpoint_mode: dnsrr, and ports with mode: host, need none"}
	if e.LacksIPVS() {
		mesh.lacks = errors.New("the engine's kernel has no IPVS: virtual IPs of services and the routing mesh carry nothing")
	}
	return append(all, swarm, mesh, own)
}

// ownSwarm says whether package swarmtest can run here, given the swarm that it is to use and why
// it cannot start engines.
func ownSwarm(named string, cannot error) diagnosis {
	d := diagnosis{what: "swarmtest", yes: "engines and swarms of a test's own can be started here: there are root, dockerd and what belongs to it"}
	if named != "" {
		d.yes = engine.EnvSwarm + " names the swarm that tests use: " + named
		return d
	}
	d.lacks = cannot
	return d
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// tailorArgs has the options of seatrial tailor.
type tailorArgs struct {
	project spec.Project
	options tailor.Options
	format  string
	// stack says that the files are those of a stack.
	stack       bool
	constraints map[string]string
}

// complete reads the arguments, and checks the options.
func (a *tailorArgs) complete(c *call) error {
	a.options.Base = tailor.BaseEnv(c.environ)
	a.project.Files = append(a.project.Files, c.args...)
	if err := a.check(); err != nil {
		return err
	}
	switch a.project.PortReferences {
	case "", "all", "off":
	default:
		return fmt.Errorf("--port-references %q: want all or off", a.project.PortReferences)
	}
	if len(a.project.Files) == 0 && !a.stack {
		a.project.Files = []string{"."}
	}
	if !a.stack {
		a.project.Answers = answers.Beside(a.project.Files[0])
	}
	return nil
}

func (a *tailorArgs) define(set *pflag.FlagSet) {
	p := &a.project
	set.FuncP("file", "f", "", appendTo(&p.Files))
	set.FuncP("compose-file", "c", "", appendTo(&p.Files))
	set.BoolVar(&a.stack, "stack", false, "")
	set.Func("profile", "", appendTo(&p.Profiles))
	set.Func("env-file", "", appendTo(&a.options.EnvFiles))
	set.StringVar(&p.Dir, "project-directory", "", "")
	set.Func("env", "", putInto(&p.Env))
	set.Func("build", "", a.build(func(b *spec.Build, v string) { b.Context = v }))
	set.BoolVar(&p.StablePorts, "stable-ports", false, "")
	set.StringVar(&a.format, "format", "text", "")
	a.defineWays(set)
}

// defineWays defines the options that answer refusals.
func (a *tailorArgs) defineWays(set *pflag.FlagSet) {
	p := &a.project
	set.Func("image", "", putInto(&p.Images))
	set.Func("stand-in", "", putInto(&p.StandIns))
	set.Func("network", "", putInto(&p.Networks))
	set.Func("volume", "", putInto(&p.Volumes))
	set.Func("secret", "", putInto(&p.Secrets))
	set.Func("config", "", putInto(&p.Configs))
	set.Func("path", "", putInto(&p.Paths))
	set.Func("replace", "", putInto(&p.Replace))
	set.Func("constraint", "", a.constraint)
	set.Func("build-context", "", a.build(func(b *spec.Build, v string) { b.Context = v }))
	set.Func("dockerfile", "", a.build(func(b *spec.Build, v string) { b.Dockerfile = v }))
	set.Func("build-file", "", a.build(func(b *spec.Build, v string) { b.Files = append(b.Files, v) }))
	set.Func("build-arg", "", a.buildArg)

	set.Func("port", "", appendNumber(&p.Ports))
	set.Func("keep-port", "", appendNumber(&p.KeepPorts))
	set.Func("publish", "", a.publish)
	set.StringVar(&p.PortReferences, "port-references", "", "")
	set.Func("allow", "", appendTo(&p.Allow))
	set.Func("lock", "", appendTo(&p.Lock))
	set.BoolVar(&p.Isolate, "isolate", false, "")
}

func appendTo(list *[]string) func(string) error {
	return func(v string) error {
		*list = append(*list, v)
		return nil
	}
}

func appendNumber(list *[]int) func(string) error {
	return func(v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 65535 {
			return errors.New("want the number of a port")
		}
		*list = append(*list, n)
		return nil
	}
}

func putInto(m *map[string]string) func(string) error {
	return func(v string) error {
		name, value, err := pair(v)
		if err == nil && *m == nil {
			*m = map[string]string{}
		}
		if err == nil {
			(*m)[name] = value
		}
		return err
	}
}

func appended[V any](m map[string][]V, key string, value V) map[string][]V {
	if m == nil {
		m = map[string][]V{}
	}
	m[key] = append(m[key], value)
	return m
}

// publish parses SERVICE=PORT.
func (a *tailorArgs) publish(v string) error {
	service, text, err := pair(v)
	if err != nil {
		return err
	}
	p, err := portnumber.Parse(text)
	if err != nil {
		return err
	}
	if p.Protocol != "tcp" {
		a.project.PublishOther = appended(a.project.PublishOther, service, text)
	} else {
		a.project.Publish = appended(a.project.Publish, service, p.Number)
	}
	return nil
}

func (a *tailorArgs) build(change func(*spec.Build, string)) func(string) error {
	return func(v string) error {
		context, value, err := pair(v)
		if err != nil {
			return err
		}
		if a.project.Builds == nil {
			a.project.Builds = map[string]spec.Build{}
		}
		b := a.project.Builds[context]
		change(&b, value)
		a.project.Builds[context] = b
		return nil
	}
}

// buildArg parses CONTEXT=NAME=VALUE.
func (a *tailorArgs) buildArg(v string) error {
	var wrong error
	err := a.build(func(b *spec.Build, v string) { wrong = putInto(&b.Args)(v) })(v)
	return errors.Join(err, wrong)
}

// pair splits NAME=VALUE at the first "=" that has no backslash before it: some
// names contain one. If there is no other "=", the name may end in a backslash.
func pair(v string) (name, value string, err error) {
	for i := range len(v) {
		if v[0] != '=' && v[i] == '=' && v[i-1] != '\\' {
			return strings.ReplaceAll(v[:i], `\=`, "="), v[i+1:], nil
		}
	}
	name, value, ok := strings.Cut(v, "=")
	if !ok || name == "" {
		return "", "", errors.New("want NAME=VALUE")
	}
	return name, value, nil
}

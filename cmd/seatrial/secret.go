// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/environment"
	"github.com/seatrial/seatrial/spec"
)

func secretVerb() verb {
	w, f := &which{}, format{}
	return verb{name: "secret", usage: "[OPTIONS] FILE", short: "make a secret in the swarm of a stack",
		long: `Makes a secret of the content of a file, or of what can be read on stdin (-), in the
swarm in which a stack runs, and prints its name there. It goes with the environment. A
secret that the files want is not made in this way, but with --secret NAME=FILE of up,
run and update.

  docker service update --secret-add "$(seatrial secret next.key)" "$SEATRIAL_NAME"_web

In seatrial run it is on the environment of that. Exit code: 0 done, 1 it is not, or there
is no such environment or file, or it is no stack, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			f.define(set, "text", "json")
		},
		run: func(ctx context.Context, c *call) int {
			if len(c.args) != 1 || c.args[0] == "" {
				return c.wrong("secret", errors.New("want one FILE"))
			}
			if err := f.check(); err != nil {
				return c.wrong("secret", err)
			}
			s := spec.Secret{Name: filepath.Base(c.args[0]), File: c.args[0]}
			if s.File == "-" {
				text, err := io.ReadAll(c.stdin)
				if err != nil {
					return c.failed("secret", err)
				}
				s.Name, s.File, s.Content = "", "", string(text)
			}
			return c.attached(ctx, "secret", w, func(ctx context.Context, r *environment.Result) error {
				name, err := r.Secret(ctx, s)
				switch {
				case err != nil:
				case f.json():
					err = printJSON(c.stdout, struct {
						Version int    `json:"version"`
						Secret  string `json:"secret"`
					}{jsonVersion, name})
				default:
					fmt.Fprintln(c.stdout, name)
				}
				return err
			})
		}}
}

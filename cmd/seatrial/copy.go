// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/environment"
)

func cpVerb() verb {
	w, index := &which{}, 0
	return verb{name: "cp", usage: "[OPTIONS] SERVICE:PATH PATH | PATH SERVICE:PATH", short: "copy files out of a service's container, or into it",
		long: `Copies a file or directory out of a container, or into one; into all of a service, if
there are several and --index does not say which. The second path is the name that the
copy gets. The container may be stopped. Paths in it are absolute.

  seatrial cp report:/out/report.csv out/report.csv
  seatrial cp testdata/licence web:/etc/licence

In seatrial run it is on the environment of that. Exit code: 0 done, 1 it is not, or there
is no such environment, service or file, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			set.IntVar(&index, "index", 0, "the `NUMBER` of the container, if there are several")
		},
		elsewhere: map[string]string{"archive": "owners and modes are those of the files", "follow-link": "links are followed", "all": "seatrial cp copies into all of a service"},
		run: func(ctx context.Context, c *call) int {
			if len(c.args) != 2 || index < 0 {
				return c.wrong("cp", errors.New("want what to copy, and where to"))
			}
			from, source, out := inService(c.args[0])
			to, target, in := inService(c.args[1])
			if out == in {
				return c.wrong("cp", errors.New("want one SERVICE:PATH, and one path of this machine"))
			}
			return c.attached(ctx, "cp", w, func(ctx context.Context, r *environment.Result) error {
				if out {
					all, err := replicas(ctx, r, from, max(index, 1))
					if err != nil {
						return err
					}
					return all[0].Files().CopyOut(ctx, source, target)
				}
				all, err := replicas(ctx, r, to, index)
				if err != nil {
					return err
				}
				for _, one := range all {
					if err := one.Files().CopyIn(ctx, source, target); err != nil {
						return err
					}
				}
				return nil
			})
		}}
}

// inService divides SERVICE:PATH. A path of this machine with a colon in it has a slash
// before that: ./a:b.
func inService(arg string) (service, path string, ok bool) {
	service, path, ok = strings.Cut(arg, ":")
	if !ok || service == "" || strings.ContainsAny(service, `/\`) || len(service) == 1 && strings.HasPrefix(path, `\`) {
		return "", arg, false
	}
	return service, path, true
}

func commitVerb() verb {
	w, f, index := &which{}, format{}, 1
	return verb{name: "commit", usage: "[OPTIONS] SERVICE", short: "make an image of a service's container", complete: services,
		long: `Makes an image of the file system of a container, and prints its name. Volumes are not in
it. It goes with the environment.

  seatrial up -n second --image example/shop:2="$(seatrial commit web)"

In seatrial run it is on the environment of that. Exit code: 0 done, 1 it is not, or there
is no such environment or service, 2 wrong use.`,
		options: func(set *pflag.FlagSet) {
			w.define(set, true)
			f.define(set, "text", "json")
			set.IntVar(&index, "index", 1, "the `NUMBER` of the container, if there are several")
		},
		elsewhere: map[string]string{"author": "docker commit", "change": "docker commit", "message": "docker commit", "pause": "the container is paused meanwhile"},
		run: func(ctx context.Context, c *call) int {
			if len(c.args) != 1 || index < 1 {
				return c.wrong("commit", errors.New("want one SERVICE, and an --index from 1 on"))
			}
			if err := f.check(); err != nil {
				return c.wrong("commit", err)
			}
			ctx, cancel := context.WithTimeout(ctx, container.CommitLimit)
			defer cancel()
			return c.attached(ctx, "commit", w, func(ctx context.Context, r *environment.Result) error {
				all, err := replicas(ctx, r, c.args[0], index)
				if err != nil {
					return err
				}
				ref, err := r.Commit(ctx, all[0])
				switch {
				case err != nil:
				case f.json():
					err = printJSON(c.stdout, struct {
						Version int    `json:"version"`
						Image   string `json:"image"`
					}{jsonVersion, ref})
				default:
					fmt.Fprintln(c.stdout, ref)
				}
				return err
			})
		}}
}

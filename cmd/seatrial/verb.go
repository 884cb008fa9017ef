// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/meant"
)

// A verb is one command of seatrial's.
type verb struct {
	name  string
	usage string // follows the name
	short string
	also  []string // what other tools call it, which is suggested, and no command
	long  string   // describes all options that have no description of their own

	// options defines its flags. Those with a description are listed below long.
	options func(*pflag.FlagSet)

	// elsewhere are flags that docker compose's verb of this name has and this one
	// lacks, with what to use instead.
	elsewhere map[string]string

	// rest says that flags end at the first argument, because the rest is for another
	// program.
	rest bool

	// complete completes arguments; nil completes file names.
	complete func(ctx context.Context, c *call) []string

	run func(ctx context.Context, c *call) int
}

// exit is the exit code of a verb that has printed its error already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError reports wrong usage.
type usageError struct {
	of  string // the verb, with a blank before it
	err error
}

func (e *usageError) Error() string { return e.err.Error() }

func of(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return ""
	}
	return " " + cmd.Name()
}

func codeOf(code int) error {
	if code == exitYes {
		return nil
	}
	return exit(code)
}

func (v verb) command(ctx context.Context, c *call) *cobra.Command {
	cmd := &cobra.Command{
		Use: strings.TrimSpace(v.name + " " + v.usage), Short: v.short, Long: v.long, SuggestFor: v.also, DisableFlagsInUseLine: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			one := *c
			one.args = args
			return codeOf(v.run(ctx, &one))
		},
	}
	if v.options != nil {
		v.options(cmd.Flags())
	}
	if v.rest {
		cmd.Flags().SetInterspersed(false)
	}
	if v.complete != nil {
		cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			one := *c
			one.args = args
			return v.complete(ctx, &one), cobra.ShellCompDirectiveNoFileComp
		}
	}
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		var unknown *pflag.NotExistError
		if errors.As(err, &unknown) {
			err = v.unknownFlag(cmd.Flags(), unknown)
		}
		return &usageError{of(cmd), err}
	})
	return cmd
}

// unknownFlag returns an error for an unknown flag, with what to use instead.
func (v verb) unknownFlag(flags *pflag.FlagSet, err *pflag.NotExistError) error {
	name := err.GetSpecifiedName()
	if instead, known := v.elsewhere[name]; known {
		return fmt.Errorf("%w, which docker compose %s has: %s", err, v.name, instead)
	}
	var names []string
	flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := meant.Nearest(name, names); near != "" && len(name) > 1 {
		return fmt.Errorf("%w: did you mean --%s?", err, near)
	}
	return err
}

// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seatrial/seatrial/internal/meant"
)

// A group is verbs that the overview lists together.
type group struct {
	title string
	verbs []verb
}

// groups makes the verbs anew for each call, because they hold the values of flags.
func groups() []group {
	return []group{
		{"Start and end an environment", []verb{upVerb(), runVerb(), resetVerb(), keepVerb(), downVerb()}},
		{"Look at it", []verb{lsVerb(), psVerb(), portVerb(), urlVerb(), envVerb(), logsVerb()}},
		{"Use it", []verb{execVerb(), onceVerb(), waitVerb(), cpVerb(), commitVerb(), composeVerb()}},
		{"Change it", []verb{updateVerb(), scaleVerb(), stopVerb(), startVerb(), restartVerb(), killVerb(), pauseVerb(), unpauseVerb(), secretVerb()}},
		{"Files and answers", []verb{planVerb(), initVerb(), tailorVerb()}},
		{"Clean up, and more", []verb{gcVerb(), doctorVerb(), reportVerb(), versionVerb()}},
	}
}

func verbs() (all []verb) {
	for _, g := range groups() {
		all = append(all, g.verbs...)
	}
	return all
}

// run is the command without the process, for tests.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot(ctx, &call{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr})
	if len(args) > 0 && args[0] == "-version" { // as earlier versions, with package flag, took it
		args = append([]string{"--version"}, args[1:]...)
	}
	root.SetArgs(args)
	err := root.Execute()
	var code exit
	var wrong *usageError
	switch {
	case err == nil:
		return exitYes
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "seatrial%s: %v\nhint: seatrial help%s\n", wrong.of, wrong.err, wrong.of)
		return exitUsage
	}
	fmt.Fprintf(stderr, "seatrial: %v\n", err)
	return exitNo
}

func newRoot(ctx context.Context, c *call) *cobra.Command {
	root := &cobra.Command{
		Use: "seatrial COMMAND [ARGUMENTS]", SilenceErrors: true, SilenceUsage: true,
		Long: "Seatrial runs and tests the Docker images, Compose files and Swarm stacks that you ship.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return &usageError{"", unknownCommand(cmd, args[0])}
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if asked, _ := cmd.Flags().GetBool("version"); asked {
				return codeOf(showVersion(c, false))
			}
			overview(cmd, c.stderr)
			return exit(exitUsage)
		},
		SuggestionsMinimumDistance: 2,
	}
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	root.Flags().Bool("version", false, "")
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { showHelp(cmd, c.stdout) })
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		if errors.Is(err, pflag.ErrHelp) {
			return err
		}
		return &usageError{of(cmd), err}
	})
	for _, v := range verbs() {
		root.AddCommand(v.command(ctx, c))
	}
	root.SetHelpCommand(helpCommand(c))
	root.AddCommand(completionCommand(c))
	root.CompletionOptions.DisableDefaultCmd = true
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, cmd := range root.Commands() {
		if slices.Contains(cmd.SuggestFor, name) {
			return fmt.Errorf("unknown command %q: did you mean %s?", name, cmd.Name())
		}
		if cmd.IsAvailableCommand() || cmd.Name() == "help" {
			names = append(names, cmd.Name())
		}
	}
	if near := meant.Nearest(name, names); near != "" {
		return fmt.Errorf("unknown command %q: did you mean %s?", name, near)
	}
	return fmt.Errorf("unknown command %q", name)
}

func helpCommand(c *call) *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "show how to use a command", Long: "Lists the commands, or shows how to use one.",
		DisableFlagsInUseLine: true,
		ValidArgsFunction: func(cmd *cobra.Command, _ []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			for _, sub := range cmd.Root().Commands() {
				names = append(names, sub.Name())
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch len(args) {
			case 0:
				showHelp(root, c.stdout)
				return nil
			case 1:
			default:
				return &usageError{" help", fmt.Errorf("unexpected argument %q", args[1])}
			}
			i := slices.IndexFunc(root.Commands(), func(sub *cobra.Command) bool { return sub.Name() == args[0] })
			if i < 0 {
				return &usageError{"", unknownCommand(root, args[0])}
			}
			showHelp(root.Commands()[i], c.stdout)
			return nil
		},
	}
}

func completionCommand(c *call) *cobra.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "print a script that completes commands", DisableFlagsInUseLine: true, ValidArgs: shells,
		Long: `Prints a script with which a shell completes commands, options and names of
environments. For this shell alone:

  source <(seatrial completion bash)
  source <(seatrial completion zsh)
  seatrial completion fish | source`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return &usageError{" completion", errors.New("want one of bash, zsh, fish")}
			}
			switch args[0] {
			case "bash":
				return cmd.Root().GenBashCompletionV2(c.stdout, true)
			case "zsh":
				return cmd.Root().GenZshCompletion(c.stdout)
			}
			return cmd.Root().GenFishCompletion(c.stdout, true)
		},
	}
}

func showHelp(cmd *cobra.Command, w io.Writer) {
	if !cmd.HasParent() {
		overview(cmd, w)
		return
	}
	fmt.Fprintf(w, "Usage: seatrial %s\n\n%s\n", cmd.Use, cmd.Long)
	described := pflag.NewFlagSet("", pflag.ContinueOnError)
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Usage != "" && f.Name != "help" {
			described.AddFlag(f)
		}
	})
	if described.HasFlags() {
		fmt.Fprintf(w, "\nOptions:\n%s", described.FlagUsagesWrapped(80))
	}
}

func overview(root *cobra.Command, w io.Writer) {
	fmt.Fprintf(w, "%s\n\nUsage: %s\n", root.Long, root.Use)
	listed := map[string]bool{}
	list := func(name, short string) {
		listed[name] = true
		fmt.Fprintf(w, "  %-10s %s\n", name, short)
	}
	for _, g := range groups() {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		for _, v := range g.verbs {
			list(v.name, v.short)
		}
	}
	for _, cmd := range root.Commands() { // those that are no verbs, to the last group
		if (cmd.IsAvailableCommand() || cmd.Name() == "help") && !listed[cmd.Name()] {
			list(cmd.Name(), cmd.Short)
		}
	}
	fmt.Fprintln(w, "\nseatrial help COMMAND says more about one.")
}

// Package cli is the command line: one file per verb, flags → options struct → run function.
//
// Data goes to standard output, messages to standard error. Exit statuses: 0 well, 1 failed (also: already running),
// 2 bad source, flags or commands that are not trusted, 3 not running, 4 timed out or pending, 130 interrupted.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// The exit statuses of every command.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotRunning  = 3
	exitPending     = 4
	exitInterrupted = 130
)

// IO is the world that a command sees.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	Env      func(name string) (string, bool)
	Environ  []string
}

// System is the world of this process.
func System() IO {
	return IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.LookupEnv, Environ: os.Environ()}
}

// Main runs one command line and returns the exit status.
func Main(ctx context.Context, world IO, args []string) int {
	args, said, err := modern(args)
	if err != nil {
		return status(world, err)
	}
	if said != "" {
		fmt.Fprintln(world.Err, "ww: "+said)
	}
	root := rootOf(world, verbsFor(world, args))
	root.SetArgs(args)
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		addCompletions(world, root) // only a shell asks for them
	}
	return status(world, root.ExecuteContext(ctx))
}

// status reports an error, once, and turns it into an exit status.
func status(world IO, err error) int {
	if err == nil {
		return exitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{status: exitFailed, err: err}
	}
	if e.err != nil {
		fmt.Fprintln(world.Err, "ww: "+e.err.Error())
	}
	return e.status
}

// The groups of verbs in the help.
const (
	groupRun   = "run"
	groupLook  = "look"
	groupWrite = "write"
	groupSelf  = "self"
)

func rootCmd(world IO) *cobra.Command { return rootOf(world, verbs(world)) }

func rootOf(world IO, verbs []*cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use:           "ww",
		Short:         "ww runs agent apps written in .ww files",
		Long:          "ww runs agent apps written in .ww files: every component is a process of its own, and they talk to each other directly.",
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(args[0], cmd)
			}
			_, err := io.WriteString(world.Out, welcome)
			return err
		},
	}
	root.SetIn(world.In)
	root.SetOut(world.Out)
	root.SetErr(world.Err)
	root.SetFlagErrorFunc(flagError)
	root.AddGroup(
		&cobra.Group{ID: groupRun, Title: "Run an app:"},
		&cobra.Group{ID: groupLook, Title: "Look at a running app:"},
		&cobra.Group{ID: groupWrite, Title: "Write an app:"},
		&cobra.Group{ID: groupSelf, Title: "ww itself:"},
	)
	root.AddCommand(verbs...)
	root.SetHelpCommandGroupID(groupSelf)
	root.SetCompletionCommandGroupID(groupSelf)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() { // in our words
		case "help":
			c.Short = "Print the help of a command or topic"
		case "completion":
			c.Short = "Print what a shell needs to complete ww: bash, zsh, fish, powershell"
		}
	}
	return root
}

// verbsFor are the verbs that args may mean. The processes of an app, which are many, make only their own.
func verbsFor(world IO, args []string) []*cobra.Command {
	switch {
	case len(args) > 0 && args[0] == "component":
		return []*cobra.Command{componentCmd(world)}
	case len(args) > 0 && args[0] == "guard":
		return []*cobra.Command{guardCmd()}
	}
	return verbs(world)
}

func verbs(world IO) []*cobra.Command {
	return append(orderCmds(world),
		devCmd(world), chatCmd(world), mcpCmd(world), downCmd(world), reloadCmd(world), scaleCmd(world), attachCmd(world),
		psCmd(world), doctorCmd(world), cleanCmd(world), componentsCmd(world), logsCmd(world), waitCmd(world),
		sessionsCmd(world), traceCmd(world), replayCmd(world), dlqCmd(world),
		checkCmd(world), formatCmd(world), explainCmd(world), graphCmd(world), lspCmd(world), parseCmd(world), initCmd(world), embedCmd(world), testCmd(world), migrateCmd(world), versionCmd(world),
		breakersCmd(world), chaosCmd(world), metricsCmd(world), eventsCmd(world), benchCmd(world), benchChildCmd(), benchWriterCmd(world),
		componentCmd(world), guardCmd(), environmentCmd(),
	)
}

// welcome is what `ww` alone says.
const welcome = `ww runs agent apps written in .ww files.

  ww init hello      make a small project in the directory hello
  ww dev             run ./main.ww and talk to it
  ww chat "hello"    ask a running app from another terminal

All commands: ww help
`

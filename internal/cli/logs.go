package cli

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/logbuf"
)

type logsOptions struct {
	appOptions
	Names  []string
	Follow bool
	Tail   int
	Stream string
	JSON   bool
}

func logsCmd(world IO) *cobra.Command {
	o := logsOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:     "logs [NAME...]",
		Short:   "Print what the components wrote, also of an app that has ended",
		GroupID: groupLook,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Names = args
			return runLogs(cmd.Context(), o)
		},
	}
	// Here -f is follow, as everywhere; the file has only its long name.
	f := cmd.Flags()
	f.StringVar(&o.File, "file", app.DefaultFile, "the .ww file of the app")
	f.StringVar(&o.Instance, "instance", app.DefaultInstance, "which one, when the same file runs several times")
	f.BoolVarP(&o.Follow, "follow", "f", false, "go on as lines come")
	f.IntVarP(&o.Tail, "tail", "n", 200, "begin with the last so many lines; 0: all")
	f.StringVar(&o.Stream, "stream", "", "only stdout, stderr or ww")
	f.BoolVar(&o.JSON, "json", false, "print a JSON object a line")
	return cmd
}

// logLine is the JSON of a line.
type logLine struct {
	Time      time.Time `json:"time"`
	Component string    `json:"component"`
	Instance  string    `json:"instance"`
	Stream    string    `json:"stream"`
	Text      string    `json:"text"`
}

func runLogs(ctx context.Context, o logsOptions) error {
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if err := o.known(a); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	q := logbuf.Query{Components: o.Names, Stream: o.Stream, Tail: max(0, o.Tail)}
	show := o.shower(a)
	if o.Follow {
		return failedIf(logbuf.Follow(ctx, a.Logs(), q, show))
	}
	return failedIf(logbuf.Each(ctx, a.Logs(), q, show))
}

// known reports names that have neither a log nor a place in the app.
func (o logsOptions) known(a app.App) error {
	have, _ := logbuf.Components(a.Logs()) // none is an answer, too
	if d, err := a.Desired(); err == nil {
		for _, c := range d.Components {
			have = append(have, c.Name)
		}
	}
	for _, name := range o.Names {
		found := false
		for _, h := range have {
			found = found || h == name
		}
		if !found {
			return usage("there is no component %q%s", name, meant(name, have, ""))
		}
	}
	return nil
}

// shower prints lines: with the component's name when there may be several.
func (o logsOptions) shower(a app.App) func(logbuf.Line) error {
	if o.JSON {
		return func(l logbuf.Line) error {
			return writeJSON(o.Out, logLine{Time: l.Time, Component: l.Component, Instance: l.Instance, Stream: l.Stream, Text: l.Text})
		}
	}
	if len(o.Names) == 1 {
		return func(l logbuf.Line) error { return o.print(l, "") }
	}
	wide := 0
	if d, err := a.Desired(); err == nil {
		for _, c := range d.Components {
			wide = max(wide, len(c.Name))
		}
	}
	return func(l logbuf.Line) error { return o.print(l, fmt.Sprintf("%-*s ", wide, l.Component)) }
}

func (o logsOptions) print(l logbuf.Line, name string) error {
	text := l.Text
	if isTerminal(o.Out) {
		text = logbuf.Sanitize(text)
	}
	at := "        " // written past ww: nobody knows when
	if l.Instance != "" {
		at = l.Time.Local().Format(time.TimeOnly)
	}
	_, err := io.WriteString(o.Out, at+" "+name+"│ "+text+"\n")
	return err
}

package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/session"
)

type logsOptions struct {
	appOptions
	Names  []string
	Follow bool
	Tail   int
	Stream string
	JSON   bool

	Since, Until, Grep, Level, Session, Turn string
}

func logsCmd(world IO) *cobra.Command {
	o := logsOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "logs [NAME...]",
		Short: "Print what the components wrote, also of an app that has ended",
		Long: "Print what the components wrote, all together in the order of time. It is read from files: the app need not run,\n" +
			"and a viewer that stalls delays nobody. --session and --turn take the lines that name it, and those that its\n" +
			"components wrote while they worked on it.",
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
	f.StringVar(&o.Since, "since", "", "not before: 10m, 14:02, \"2006-01-02 14:02\"")
	f.StringVar(&o.Until, "until", "", "before that time")
	f.StringVar(&o.Grep, "grep", "", "only lines that this regular expression matches; (?i) ignores case")
	f.StringVar(&o.Level, "level", "", "debug, info, warn or error, and above; lines that say no level count as info")
	f.StringVar(&o.Session, "session", "", "only lines about this session")
	f.StringVar(&o.Turn, "turn", "", "only lines about this turn")
	f.BoolVar(&o.JSON, "json", false, "print a JSON object a line")
	return cmd
}

// logLine is the JSON of a line.
type logLine struct {
	Time      time.Time `json:"time"`
	Component string    `json:"component"`
	Instance  string    `json:"instance"`
	Stream    string    `json:"stream"`
	Level     string    `json:"level"`           // empty: it says none
	Part      string    `json:"part,omitempty"`  // cut, unended: not a whole line of the component
	Text      string    `json:"text"`            // what is no UTF-8 is replaced
	Bytes     []byte    `json:"bytes,omitempty"` // the text as it was, when it is no UTF-8
}

func asJSON(l logbuf.Line) logLine {
	out := logLine{
		Time: l.Time, Component: l.Component, Instance: l.Instance, Stream: l.Stream, Text: l.Text,
		Level: logbuf.LevelOf([]byte(l.Text)).String(), Part: l.Part.String(),
	}
	if !utf8.ValidString(l.Text) {
		out.Bytes = []byte(l.Text)
	}
	return out
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
	now := time.Now()
	q, err := o.query(a, now)
	if err != nil {
		return err
	}
	show := o.shower(a)
	if o.Follow && !q.Until.IsZero() { // what comes later is not wanted
		if o.Follow = q.Until.After(now); o.Follow {
			var done context.CancelFunc
			ctx, done = context.WithDeadline(ctx, q.Until)
			defer done()
		}
	}
	if o.Follow {
		return failedIf(logbuf.Follow(ctx, a.Logs(), q, func(l logbuf.Line) error { return show(o.Out, l) }))
	}
	out := bufio.NewWriterSize(o.Out, 64<<10) // a million lines are a million writes otherwise
	some := false
	err = logbuf.Each(ctx, a.Logs(), q, func(l logbuf.Line) error {
		some = true
		return show(out, l)
	})
	if err = errors.Join(err, out.Flush()); err == nil && !some && o.Session != "" {
		if _, none := session.In(a.State).Show(o.Session); errors.Is(none, session.ErrNotFound) {
			return failed(fmt.Errorf("no line is about it: %w", none))
		}
	}
	return failedIf(err)
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
			return usage("there is no log of %q%s", name, others(name, have))
		}
	}
	return nil
}

// shower prints lines: with the component's name when there may be several.
func (o logsOptions) shower(a app.App) func(io.Writer, logbuf.Line) error {
	if o.JSON {
		return func(out io.Writer, l logbuf.Line) error { return writeJSON(out, asJSON(l)) }
	}
	safe := isTerminal(o.Out)
	if len(o.Names) == 1 {
		return func(out io.Writer, l logbuf.Line) error { return printLine(out, l, "", safe) }
	}
	wide := 0
	if d, err := a.Desired(); err == nil {
		for _, c := range d.Components {
			wide = max(wide, len(c.Name))
		}
	}
	return func(out io.Writer, l logbuf.Line) error {
		return printLine(out, l, fmt.Sprintf("%-*s ", wide, l.Component), safe)
	}
}

func printLine(out io.Writer, l logbuf.Line, name string, safe bool) error {
	text := l.Text
	if safe {
		text = logbuf.Sanitize(text)
	}
	at := "        " // written past ww: nobody knows when
	if l.Instance != "" {
		at = l.Time.Local().Format(time.TimeOnly)
	}
	_, err := io.WriteString(out, at+" "+name+"│ "+text+"\n")
	return err
}

package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/recording"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/localbus"
)

type sessionsOptions struct {
	appOptions
	ID   string
	JSON bool
}

func sessionsCmd(world IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "sessions",
		Short:   "List the sessions of an app; show, end or export one",
		Long:    "The sessions of an app are files beside it; they can be read whether it runs or not.",
		GroupID: groupLook,
		Args:    subcommand,
	}
	list := sessionsVerb(world, "list", "List the sessions, the one that was used last first", noArgs, runSessionsList)
	show := sessionsVerb(world, "show ID", "Show a session with its turns", oneSession, runSessionsShow)
	end := sessionsVerb(world, "end ID", "End a session: its next turn begins without its history", oneSession, runSessionsEnd)
	var whole bool
	export := sessionsVerb(world, "export ID", "Write a session as JSON lines; with --json as one object", oneSession,
		func(o sessionsOptions) error { return runSessionsExport(o, whole) })
	export.Flags().BoolVar(&whole, "recording", false, "write its recording: every hop and call, for ww replay --recording")
	var chain []string
	create := sessionsVerb(world, "create [ID]", "Make a session whose turns go through the components of --chain", atMostOne("session"),
		func(o sessionsOptions) error { return runSessionsCreate(o, chain) })
	create.Flags().StringSliceVar(&chain, "chain", nil, "the components, from the input that takes the turns on: you,brain,screen")
	cmd.AddCommand(list, show, create, end, export)
	cmd.RunE = list.RunE // `ww sessions` alone lists them
	cmd.Flags().AddFlagSet(list.Flags())
	return cmd
}

func sessionsVerb(world IO, use, short string, args cobra.PositionalArgs, run func(sessionsOptions) error) *cobra.Command {
	o := sessionsOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(_ *cobra.Command, args []string) error {
			o.ID = strings.Join(args, "")
			return run(o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

// subcommand is for a verb whose arguments are verbs of its own.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return usage("%s has no command %q%s; there are %s", cmd.CommandPath(), args[0], meant(args[0], names, ""), strings.Join(names, ", "))
}

func oneSession(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usage("%s takes the id of one session; all sessions: ww sessions list", cmd.CommandPath())
	}
	return nil
}

// sessions are those of the app, running or not.
func (o appOptions) sessions() (app.App, session.Dir, error) {
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return a, session.Dir{}, &exitError{exitUsage, err}
	}
	o.written()
	return a, session.In(a.State), nil
}

// recordPatience is how long a component that is alive may take to be reached, on a machine that has much to do.
const recordPatience = time.Second

// written returns when the files of the sessions hold what the components of a running app know by now: a turn that has
// just been answered is on its way there for a few milliseconds. A component that does not answer is not waited for.
func (o appOptions) written() {
	ctx, cancel := context.WithTimeout(context.Background(), controlPatience)
	defer cancel()
	r, err := o.joinWaiting(ctx, recordPatience)
	if err != nil {
		return
	}
	defer r.close()
	recs, err := localbus.Records(r.dir)
	if err != nil {
		return
	}
	for _, rec := range recs {
		if rec.Alive && rec.Kind == "input" {
			m := event.Message{Header: event.Header{Type: event.TypeHistory, Subject: rec.Component}, Body: []byte("{}")}
			_, _ = r.seat.Call(ctx, rec.Component, m, nil) // its history is of no interest: it is written before it is told
		}
	}
}

func runSessionsList(o sessionsOptions) error {
	_, dir, err := o.sessions()
	if err != nil {
		return err
	}
	list, err := dir.List()
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, list))
	}
	if len(list) == 0 {
		fmt.Fprintln(o.Err, "no sessions yet; a turn makes one: ww chat \"hello\"")
		return nil
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SESSION\tSTATE\tTURNS\tOPEN\tUSED\tEXPIRES\tCHAIN")
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", printed(s.ID), s.State, s.Turns, s.Open,
			clock(s.Updated), expiry(s), orNone(strings.Join(s.Chain, " → ")))
	}
	return failedIf(w.Flush())
}

func expiry(s session.Info) string {
	if s.State == session.Active && !s.Updated.IsZero() {
		return clock(s.Expires)
	}
	return "-"
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "-" // nothing that could be read says when
	}
	return t.Local().Format(time.DateTime)
}

func orNone(s string) string {
	if s == "" {
		return "-"
	}
	return printed(s)
}

// printed keeps what a person or a component wrote on one line of the terminal.
func printed(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

func runSessionsShow(o sessionsOptions) error {
	_, dir, err := o.sessions()
	if err != nil {
		return err
	}
	s, err := dir.Show(o.ID)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, s))
	}
	fmt.Fprintf(o.Out, "session %s · %s · %s · used %s\n", printed(s.ID), s.State, counted(s.Turns, "turn"), clock(s.Updated))
	for _, t := range s.List {
		fmt.Fprintf(o.Out, "\n%s  %s  %s\n", clock(t.At), t.ID, outcome(t))
		fmt.Fprintln(o.Out, indented("› ", t.Text))
		for _, text := range answers(t) {
			fmt.Fprintln(o.Out, indented("  ", text))
		}
	}
	return nil
}

// outcome is the end of a turn in a few words.
func outcome(t session.Turn) string {
	words := string(t.Status)
	if t.Status != event.StatusPending {
		words += " · " + took(time.Duration(t.TookMS*float64(time.Millisecond)))
	}
	if len(t.Hops) > 0 {
		words += " · " + counted(len(t.Hops), "hop")
	}
	if t.RetryOf != "" {
		words += " · again for " + printed(t.RetryOf)
	}
	return words
}

func answers(t session.Turn) []string {
	var out []string
	if t.Answer != "" {
		out = append(out, t.Answer)
	}
	for _, o := range t.Outputs {
		out = append(out, o.Component+": "+o.Text)
	}
	if t.Error != "" {
		out = append(out, "✗ "+t.Error)
	}
	return out
}

// indented puts a text of several lines under its mark.
func indented(mark, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i := range lines {
		lines[i] = mark + printed(lines[i])
		mark = "  "
	}
	return strings.Join(lines, "\n")
}

// runSessionsCreate makes a session with a chain of its own. Its components must be in the app as it was last started.
func runSessionsCreate(o sessionsOptions, chain []string) error {
	a, dir, err := o.sessions()
	if err != nil {
		return err
	}
	d, err := a.Desired()
	if err != nil {
		return notRunning(o.appOptions)
	}
	if err := chainOf(d, chain); err != nil {
		return err
	}
	if o.ID == "" {
		o.ID = turn.NewSession()
	}
	info, err := dir.Create(o.ID, chain, 0)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, info))
	}
	fmt.Fprintln(o.Out, printed(info.ID))
	fmt.Fprintf(o.Err, "its turns go through %s: ww chat --session %s \"hello\"\n", printed(strings.Join(chain, " → ")), printed(info.ID))
	return nil
}

// chainOf checks that a chain begins at an input and names components of the app.
func chainOf(d app.Desired, chain []string) error {
	if len(chain) == 0 {
		return usage("ww sessions create needs --chain, as in --chain you,brain,screen")
	}
	var names []string
	for _, w := range d.Components {
		names = append(names, w.Name)
	}
	for i, name := range chain {
		w, ok := d.Wanted(name)
		switch {
		case !ok:
			return usage("the app has no component %q%s; there are %s", name, meant(name, names, ""), strings.Join(names, ", "))
		case i == 0 && !w.Acceptor:
			return usage("a chain begins at an input, and %q is none: it is %s %s", name, w.Kind, w.Type)
		}
	}
	return nil
}

func runSessionsEnd(o sessionsOptions) error {
	_, dir, err := o.sessions()
	if err != nil {
		return err
	}
	info, err := dir.End(o.ID)
	if err != nil {
		return failed(err)
	}
	o.tellEnded(info)
	if o.JSON {
		return failedIf(writeJSON(o.Out, info))
	}
	fmt.Fprintf(o.Err, "session %s has ended; its next turn begins without its history\n", printed(o.ID))
	if info.Open > 0 {
		fmt.Fprintf(o.Err, "%s still on the way\n", counted(info.Open, "turn"))
	}
	return nil
}

// tellEnded lets the app tell that a session has ended, if it runs: whoever listens hears it; the file is the truth.
func (o sessionsOptions) tellEnded(info session.Info) {
	ctx, cancel := context.WithTimeout(context.Background(), controlPatience)
	defer cancel()
	r, err := o.join(ctx)
	if err != nil {
		return
	}
	defer r.close()
	to := ""
	switch {
	case len(info.Route) > 0:
		to = info.Route[0]
	case len(info.Chain) > 0:
		to = info.Chain[0]
	default:
		return
	}
	m := event.Message{Header: event.Header{Type: event.TypeSessionEnd, Subject: to, Session: info.ID}}
	_, _ = r.seat.Call(ctx, to, m, nil) // an event is a hint: nothing depends on it
}

func runSessionsExport(o sessionsOptions, whole bool) error {
	a, dir, err := o.sessions()
	if err != nil {
		return err
	}
	if whole {
		if o.JSON {
			return usage("a recording is JSON lines; leave --json away")
		}
		rec, err := recording.Of(a.State, o.ID)
		if err != nil {
			return failed(err)
		}
		rec.App = filepath.Base(a.File)
		return failedIf(rec.Write(o.Out))
	}
	s, err := dir.Show(o.ID)
	if err != nil {
		return failed(err)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, s))
	}
	return failedIf(s.Export(o.Out))
}

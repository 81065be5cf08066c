package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"

	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

type dlqOptions struct {
	appOptions
	ID      string
	JSON    bool
	Timeout time.Duration
}

func dlqCmd(world IO) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dlq",
		Short: "List the dead letters of an app; show, retry or drop one",
		Long: "A message that killed its component twice, or that nobody takes, is set aside with its reason, and its turn\n" +
			"ends with the status dead_letter.",
		GroupID: groupLook,
		Args:    subcommand,
	}
	list := dlqVerb(world, "list", "List the dead letters, oldest first", noArgs, runDLQList)
	show := dlqVerb(world, "show ID", "Show a dead letter with its message", oneLetter, runDLQShow)
	retry := dlqVerb(world, "retry ID", "Ask the turn of a dead letter again, as a new turn, and drop the letter", oneLetter, runDLQRetry)
	drop := dlqVerb(world, "drop ID", "Forget a dead letter", oneLetter, runDLQDrop)
	cmd.AddCommand(list, show, retry, drop)
	cmd.RunE = list.RunE // `ww dlq` alone lists them
	cmd.Flags().AddFlagSet(list.Flags())
	return cmd
}

func dlqVerb(world IO, use, short string, args cobra.PositionalArgs, run func(context.Context, dlqOptions) error) *cobra.Command {
	o := dlqOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: args,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ID = strings.Join(args, "")
			return run(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	if strings.HasPrefix(use, "retry") {
		cmd.Flags().DurationVar(&o.Timeout, "timeout", 0, "give up waiting for the answer after this time; 0: when the turn's own deadline passes")
	}
	return cmd
}

func oneLetter(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usage("%s takes the id of one dead letter, or of its turn; all of them: ww dlq list", cmd.CommandPath())
	}
	return nil
}

// letter is a dead letter as people and --json see it.
type letter struct {
	ID        string    `json:"id"`
	Component string    `json:"component"`
	Turn      string    `json:"turn"`
	Session   string    `json:"session"`
	At        time.Time `json:"at"`
	Reason    string    `json:"reason"`
	From      string    `json:"from"` // the component that sent the message; "" at the first hop
	To        string    `json:"to"`
	Type      string    `json:"type"`
	Attempts  int       `json:"attempts"`
	Bytes     int       `json:"bytes"`
	Text      string    `json:"text"`

	origin string // the acceptor
}

func letterOf(component string, l delivery.Letter) letter {
	m := &l.Message
	return letter{
		ID: l.ID, Component: component, Turn: m.Turn, Session: m.Session, At: l.At.UTC(), Reason: l.Reason, From: m.Source,
		To: cmp.Or(m.Subject, component), Type: m.Type, Attempts: m.Attempt, Bytes: len(m.Body), Text: string(m.Body), origin: m.Origin,
	}
}

// letters reads the dead letters from the journals, oldest first.
func (o dlqOptions) letters() (app.App, []letter, error) {
	a, err := app.Identify(o.File, o.Instance, o.Env)
	if err != nil {
		return a, nil, &exitError{exitUsage, err}
	}
	all := []letter{}
	err = engine.ReadJournals(a.State, func(component string, r *delivery.Record) error {
		if l, ok := delivery.LetterOf(component, r); ok {
			all = append(all, letterOf(component, l))
		}
		if id, ok := delivery.LetterDropped(r); ok {
			all = slices.DeleteFunc(all, func(l letter) bool { return l.ID == id })
		}
		return nil
	})
	if err != nil {
		return a, nil, failed(err)
	}
	slices.SortStableFunc(all, func(a, b letter) int { return a.At.Compare(b.At) })
	return a, all, nil
}

// letter is the one that is meant: by its id, or by its turn when that has only one.
func (o dlqOptions) letter() (app.App, letter, error) {
	a, all, err := o.letters()
	if err != nil {
		return a, letter{}, err
	}
	var found []letter
	for _, l := range all {
		if l.ID == o.ID {
			return a, l, nil
		}
		if l.Turn == o.ID {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 0:
		return a, letter{}, failed(fmt.Errorf("there is no dead letter %q; all of them: ww dlq list", o.ID))
	case 1:
		return a, found[0], nil
	}
	return a, letter{}, usage("turn %s has %d dead letters; name one of them: ww dlq list", o.ID, len(found))
}

func runDLQList(_ context.Context, o dlqOptions) error {
	_, all, err := o.letters()
	if err != nil {
		return err
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, all))
	}
	if len(all) == 0 {
		fmt.Fprintln(o.Err, "no dead letters")
		return nil
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tWHEN\tCOMPONENT\tTURN\tREASON\tTEXT")
	for _, l := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", l.ID, clock(l.At), l.Component, printed(l.Turn), firstLine(l.Reason, 60), firstLine(l.Text, 30))
	}
	return failedIf(w.Flush())
}

func runDLQShow(_ context.Context, o dlqOptions) error {
	_, l, err := o.letter()
	if err != nil {
		return err
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, l))
	}
	w := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "letter\t%s\nwhen\t%s\nreason\t%s\n", l.ID, clock(l.At), printed(l.Reason))
	fmt.Fprintf(w, "turn\t%s\nsession\t%s\n", printed(l.Turn), printed(l.Session))
	fmt.Fprintf(w, "way\t%s → %s\nattempts\t%d\nbytes\t%d\n", cmp.Or(l.From, "face"), l.To, l.Attempts, l.Bytes)
	if err := w.Flush(); err != nil {
		return failed(err)
	}
	_, err = fmt.Fprintln(o.Out, "\n"+indented("› ", l.Text))
	return failedIf(err)
}

func runDLQDrop(ctx context.Context, o dlqOptions) error {
	_, l, err := o.letter()
	if err != nil {
		return err
	}
	r, err := o.join(ctx)
	if err != nil {
		return dropNeedsApp(err, l)
	}
	defer r.close()
	if err := r.drop(ctx, l); err != nil {
		return failed(err)
	}
	if o.JSON {
		return failedIf(writeJSON(o.Out, l))
	}
	fmt.Fprintf(o.Err, "%s was dropped\n", l.ID)
	return nil
}

func dropNeedsApp(err error, l letter) error {
	var e *exitError
	if errors.As(err, &e) && e.status == exitNotRunning {
		return &exitError{exitNotRunning, fmt.Errorf("%w\n  the letter is in the journal of %s, which only %s itself may change; nothing was changed", e.err, l.Component, l.Component)}
	}
	return err
}

// drop asks the component that has the letter.
func (r *running) drop(ctx context.Context, l letter) error {
	ctx, cancel := context.WithTimeout(ctx, dropPatience)
	defer cancel()
	_, err := r.seat.Call(ctx, l.Component, event.Message{Header: event.Header{
		Type: event.TypeDrop, Subject: l.Component, Session: l.Session, Turn: l.Turn,
	}, Body: []byte(l.ID)}, nil)
	var refused *bus.Error
	if errors.As(err, &refused) && refused.Code == bus.Refused && refused.Reason != "" {
		return errors.New(refused.Reason)
	}
	return err
}

// dropPatience covers a component that is just starting again.
const dropPatience = 10 * time.Second

func runDLQRetry(ctx context.Context, o dlqOptions) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	a, l, err := o.letter()
	if err != nil {
		return err
	}
	first, err := original(a, l)
	if err != nil {
		return failed(err)
	}
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	to, err := r.input(l.origin)
	if err != nil {
		return err
	}
	c := conversation{o: chatOptions{appOptions: o.appOptions, To: to, Timeout: o.Timeout, JSON: o.JSON}, client: r.client()}
	again := turn.Turn{ID: turn.NewID(), Session: l.Session, Text: first.Text, To: to, RetryOf: l.Turn}
	fmt.Fprintf(o.Err, "turn %s asks again what %s asked\n", again.ID, printed(l.Turn))
	var out typewriter
	if !o.JSON && isTerminal(o.Out) {
		out.w = o.Out
	}
	follow, accepted := out.follow(), false
	follow.Accepted = func() { accepted = true }
	answer, status := c.askTurn(ctx, again.ID, again, follow)
	if accepted { // the new turn has what the letter had
		if err := r.drop(context.WithoutCancel(ctx), l); err != nil {
			fmt.Fprintf(o.Err, "ww: %s is still there: %v; to drop it: ww dlq drop %s\n", l.ID, err, l.ID)
		}
	}
	return c.show(&out, answer, status)
}

// original is the turn of a letter as it was asked. The letter itself has what its component got, which is the same only
// at the first hop.
func original(a app.App, l letter) (session.Turn, error) {
	t, err := session.In(a.State).Find(l.Turn)
	if err == nil && t.Text != "" {
		return t, nil
	}
	if l.From == "" {
		return session.Turn{ID: l.Turn, Text: l.Text}, nil
	}
	t, err = fromJournals(a, l.Turn, session.Turn{}, session.ErrNotFound)
	if err == nil && t.Text != "" {
		return t, nil
	}
	return t, fmt.Errorf("what turn %s asked is no longer kept; ask it yourself: ww chat --session %s", l.Turn, l.Session)
}

func recordTime(r *delivery.Record) time.Time { return time.UnixMilli(r.At).UTC() }

package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/session"
)

type traceOptions struct {
	appOptions
	Turn string
	JSON bool
}

func traceCmd(world IO) *cobra.Command {
	o := traceOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "trace TURN",
		Short: "Show the way of a turn: its hops, how long it waited and what took long",
		Long: "Show the way of a turn as a waterfall, from files: the app need not run. Times are those of the components\n" +
			"themselves. A turn that has not ended shows the hops that are done.",
		GroupID: groupLook,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usage("ww trace takes the id of one turn; ww sessions show has them")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			o.Turn = args[0]
			return runTrace(o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print it as JSON")
	return cmd
}

func runTrace(o traceOptions) error {
	a, dir, err := o.sessions()
	if err != nil {
		return err
	}
	t, err := dir.Find(o.Turn)
	if errors.Is(err, session.ErrNotFound) || err == nil && t.Status == event.StatusPending {
		t, err = fromJournals(a, o.Turn, t, err)
	}
	if err != nil {
		return failed(err)
	}
	trace := session.NewTrace(t)
	if o.JSON {
		return failedIf(writeJSON(o.Out, trace))
	}
	_, err = o.Out.Write([]byte(trace.Waterfall(o.layout())))
	return failedIf(err)
}

func (o traceOptions) layout() session.Layout {
	term, _ := o.Env("TERM")
	return session.Layout{Width: width(o.Out), ASCII: isTerminal(o.Out) && term == "dumb"}
}

// fromJournals completes a turn that its session does not know, or not to its end: sessions may be off, and a turn that
// is under way has its finished hops in the journals of its components only.
func fromJournals(a app.App, id string, t session.Turn, notFound error) (session.Turn, error) {
	found := notFound == nil
	t.ID = id
	var hops []event.Hop
	err := engine.ReadJournals(a.State, func(component string, r *delivery.Record) error {
		if r.Head.Turn != id {
			return nil
		}
		switch r.Kind {
		case delivery.Turn:
			found = true
			t = accepted(t, component, r)
		case delivery.Out:
			hops = append(hops, event.ParseHops(r.Head.Trace)...)
		case delivery.End:
			end, err := event.ParseEnd(&r.Head)
			if err == nil {
				found = true
				t = ended(t, end, r)
			}
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	if !found {
		return t, notFound
	}
	if t.EndedAt == nil {
		t.Status, t.Hops = event.StatusPending, inOrder(hops)
	}
	return t, nil
}

// accepted takes a TURN record. What the session knows stands: a checkpoint leaves only the id of a turn that was passed on.
func accepted(t session.Turn, component string, r *delivery.Record) session.Turn {
	if t.Acceptor != "" {
		return t
	}
	t.Session, t.Text, t.Acceptor, t.Status = r.Head.Session, string(r.Head.Body), component, event.StatusPending
	t.TraceParent, t.RetryOf, t.At = r.Head.TraceParent, r.Head.CorrelationID, recordTime(r)
	return t
}

func ended(t session.Turn, end event.End, r *delivery.Record) session.Turn {
	at := recordTime(r)
	t.Session, t.Status, t.Answer, t.Outputs, t.Error = end.Session, end.Status, end.Answer, end.Outputs, end.Error
	t.TookMS, t.Hops, t.EndedAt = end.TookMS, end.Hops, &at
	return t
}

// inOrder puts each hop after the one that sent it the message, as the END will have them. The journals of components
// are read one after another.
func inOrder(hops []event.Hop) []event.Hop {
	out := make([]event.Hop, 0, len(hops))
	placed := map[string]bool{"": true}
	for len(hops) > 0 {
		var rest []event.Hop
		for _, h := range hops {
			if placed[h.Parent] {
				out = append(out, h)
				placed[h.Component] = true
				continue
			}
			rest = append(rest, h)
		}
		if len(rest) == len(hops) {
			return append(out, rest...) // their senders' journals are gone
		}
		hops = rest
	}
	return out
}

// firstLine is the beginning of a text, for a table.
func firstLine(s string, most int) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	r := []rune(printed(s))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

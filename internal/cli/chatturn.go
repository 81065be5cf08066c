package cli

import (
	"context"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

// runChatTurn shows the answer to a turn that was asked before: from files when it has ended, else when it ends.
func runChatTurn(ctx context.Context, o chatOptions) error {
	if o.Text != "" || o.Lines || o.Session != "" {
		return usage("--turn asks nothing: leave the text, --lines and --session away")
	}
	a, dir, err := o.sessions()
	if err != nil {
		return err
	}
	t, err := dir.Find(o.Turn)
	if err != nil || t.Status == event.StatusPending {
		t, err = fromJournals(a, o.Turn, t, err)
	}
	if err != nil {
		return failed(err)
	}
	c := conversation{o: o}
	var out typewriter
	if t.Status != event.StatusPending {
		return c.show(&out, answerOf(t), statusOf(t.Status))
	}
	r, err := o.join(ctx)
	if err != nil {
		return err
	}
	defer r.close()
	if c.o.To, err = r.input(t.Acceptor); err != nil {
		return err
	}
	c.client = r.client()
	if !o.JSON && isTerminal(o.Out) {
		out.w = o.Out
	}
	// Asking with the same id adds nothing: the input has the turn in its journal, or the text is here.
	again := turn.Turn{ID: t.ID, Session: t.Session, Text: t.Text, To: c.o.To, RetryOf: t.RetryOf, TraceParent: t.TraceParent}
	c.in = o.typed(ctx)
	answer, status := c.askTurn(ctx, t.ID, again, out.follow())
	return c.show(&out, answer, status)
}

// show prints an answer in the form that was asked for.
func (c conversation) show(out *typewriter, a answer, status int) error {
	if !c.o.JSON {
		return c.print(out, a, status)
	}
	if err := writeJSON(c.o.Out, a); err != nil {
		return failed(err)
	}
	return silentUnlessOK(status)
}

func answerOf(t session.Turn) answer {
	return answer{
		ID: t.ID, Session: t.Session, Turn: t.ID, Status: t.Status, Answer: t.Answer, Outputs: t.Outputs, Error: t.Error,
		TookMS: t.TookMS, Hops: t.Hops,
	}
}

func statusOf(s event.Status) int {
	if s == event.StatusOK {
		return exitOK
	}
	return exitFailed
}

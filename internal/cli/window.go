package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/woodwork-lang/ww/internal/app"
	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/logbuf"
	"github.com/woodwork-lang/ww/internal/recording"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/state"
	"github.com/woodwork-lang/ww/internal/turn"
	"github.com/woodwork-lang/ww/tui/order"
)

// window is what the screen asks of a running app: the engine, and the files that the app leaves.
type window struct {
	*engine.Engine
	o devOptions

	mu     sync.Mutex
	recent *session.Recent // guarded by mu
}

func newWindow(o devOptions, e *engine.Engine) *window {
	return &window{Engine: e, o: o, recent: &session.Recent{Dir: session.In(e.Picture().Dir)}}
}

func (w *window) state() string { return w.Picture().Dir }

// Bounds of what the screen asks for.
const (
	mostTalks     = 30
	mostTalkTurns = 100
	recentFor     = time.Hour // turns that are older are found in their session
)

// Sessions implements tui.Backend.
func (w *window) Sessions(context.Context) ([]state.Talk, error) {
	dir := session.In(w.state())
	list, err := dir.List()
	if err != nil {
		return nil, err
	}
	var talks []state.Talk
	for _, s := range list[:min(len(list), mostTalks)] {
		t := state.Talk{ID: s.ID, Used: s.Updated, Turns: s.Turns, Open: s.Open}
		if whole, err := dir.Show(s.ID); err == nil && len(whole.List) > 0 {
			t.Last = whole.List[len(whole.List)-1].Text
		}
		talks = append(talks, t)
	}
	return talks, nil
}

// Talk implements tui.Backend.
func (w *window) Talk(_ context.Context, id string) error {
	if id == "" {
		w.Tell(state.Talks{Session: turn.NewSession()})
		return nil
	}
	s, err := session.In(w.state()).Show(id)
	if errors.Is(err, session.ErrNotFound) && w.known(id) {
		err = nil // its first turn is on its way into the file
	}
	if err != nil {
		return err
	}
	w.Tell(state.Talks{Session: id, Turns: turnsOf(s.List[max(0, len(s.List)-mostTalkTurns):])})
	return nil
}

// known says that the picture has turns of a session.
func (w *window) known(id string) bool {
	p := w.Picture()
	for i := range p.Turns {
		if p.Turns[i].Session == id {
			return true
		}
	}
	return p.Session == id
}

// Overhear implements tui.Backend.
func (w *window) Overhear(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	list, err := w.recent.Look()
	if err != nil {
		return err
	}
	fresh := list[:0]
	for _, t := range list {
		if t.Text == "" || time.Since(t.At) < recentFor {
			fresh = append(fresh, t)
		}
	}
	if len(fresh) > 0 {
		w.Tell(state.TurnsFound{Turns: turnsOf(fresh)})
	}
	return nil
}

// turnsOf is turns as the picture has them.
func turnsOf(list []session.Turn) []state.Turn {
	turns := make([]state.Turn, 0, len(list))
	for _, t := range list {
		one := state.Turn{ID: t.ID, Session: t.Session, Text: t.Text, StartedAt: t.At}
		if t.EndedAt != nil {
			one.EndedAt = *t.EndedAt
			one.End = &event.End{
				Turn: t.ID, Session: t.Session, Status: t.Status, Answer: t.Answer, Outputs: t.Outputs, Error: t.Error, TookMS: t.TookMS, Hops: t.Hops,
			}
		}
		turns = append(turns, one)
	}
	return turns
}

// Messages implements tui.Backend: what each component of a turn was handed and handed on, as it was recorded.
func (w *window) Messages(_ context.Context, id, turnID string) (string, error) {
	rec, err := recording.Of(w.state(), id)
	if err != nil {
		return "", err
	}
	t, n := rec.Turn(turnID)
	if t == nil {
		return "", fmt.Errorf("session %s has no turn %s in its file yet", id, turnID)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "turn %d of session %s %s %s\n", n, id, "·", t.Status)
	fmt.Fprintf(&b, "asked     %s\n", indentedText(t.Text))
	if t.Answer != "" {
		fmt.Fprintf(&b, "answer    %s\n", indentedText(t.Answer))
	}
	if t.Error != "" {
		fmt.Fprintf(&b, "✗         %s\n", indentedText(t.Error))
	}
	for i, e := range t.Entries {
		b.WriteString("\n")
		w.message(&b, i+1, e)
	}
	return b.String(), nil
}

func (w *window) message(b *strings.Builder, n int, e recording.Entry) {
	who := e.Component
	if e.Kind == recording.KindCall {
		who += " → " + e.To
		if e.Type != "" && e.Type != event.TypeProcess {
			who += " (" + e.Type + ")"
		}
	}
	fmt.Fprintf(b, "%d  %s", n, who)
	if e.TookUS > 0 {
		b.WriteString("  " + took(time.Duration(e.TookUS)*time.Microsecond))
	}
	if e.Attempt > 1 {
		fmt.Fprintf(b, "  attempt %d", e.Attempt)
	}
	b.WriteString("\n")
	if e.Unrecorded {
		b.WriteString("   hands on what it gets; its texts are not kept\n")
		return
	}
	fmt.Fprintf(b, "   in     %s\n", indentedText(string(e.Request)))
	switch {
	case e.Error != "":
		fmt.Fprintf(b, "   ✗      %s\n", indentedText(e.Error))
	case e.Fallback != "":
		fmt.Fprintf(b, "   out    by fallback %s\n", e.Fallback)
		fallthrough
	default:
		fmt.Fprintf(b, "   out    %s\n", indentedText(string(e.Answer)))
	}
}

// indentedText puts the lines of a text below each other.
func indentedText(s string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n          ")
}

// Recording implements tui.Backend: the lines of a recording that are about a turn.
func (w *window) Recording(_ context.Context, id, turnID string) (string, error) {
	rec, err := recording.Of(w.state(), id)
	if err != nil {
		return "", err
	}
	t, _ := rec.Turn(turnID)
	if t == nil {
		return "", fmt.Errorf("session %s has no turn %s in its file yet", id, turnID)
	}
	rec.Turns = []recording.Turn{*t}
	var b bytes.Buffer
	if err := rec.Write(&b); err != nil {
		return "", err
	}
	return b.String(), nil
}

// replayEnds is how long a replay that was ended has for stopping its processes.
const replayEnds = 15 * time.Second

// Replay implements tui.Backend: ww replay, as a process of its own that does not disturb this one.
func (w *window) Replay(ctx context.Context, o order.Replay) (string, error) {
	args := []string{"replay", "--file", w.o.File}
	if w.o.Instance != "" {
		args = append(args, "--instance", w.o.Instance)
	}
	if w.o.EnvFile != "" {
		args = append(args, "--env-file", w.o.EnvFile)
	}
	if w.o.Trust {
		args = append(args, "--trust")
	}
	switch o.How {
	case string(recording.Models):
		args = append(args, "--llm")
	case string(recording.From):
		from, err := w.from(o)
		if err != nil {
			return "", err
		}
		args = append(args, "--from", from)
		if w.o.Offline {
			args = append(args, "--offline")
		}
	}
	args = append(args, "--", o.Session)
	cmd := exec.CommandContext(ctx, executable(), args...)
	cmd.Env = w.o.Environ
	// Who ends it wants its processes gone, too: it stops them itself when it is asked to.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = replayEnds
	out, err := cmd.CombinedOutput()
	text := "ww " + strings.Join(args, " ") + "\n\n" + string(out)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit):
		return text + fmt.Sprintf("\nnot as recorded (exit status %d)\n", exit.ExitCode()), nil
	case err != nil:
		return "", err
	}
	return text, nil
}

// from is TURN:HOP, as --from takes it.
func (w *window) from(o order.Replay) (string, error) {
	rec, err := recording.Of(w.state(), o.Session)
	if err != nil {
		return "", err
	}
	t, n := rec.Turn(o.Turn)
	if t == nil {
		return "", fmt.Errorf("session %s has no turn %s in its file yet", o.Session, o.Turn)
	}
	nth := 0
	for i, e := range t.Entries {
		if e.Kind != recording.KindHop || e.Component != o.Component {
			continue
		}
		if nth++; nth == o.Nth {
			return fmt.Sprintf("%d:%d", n, i+1), nil
		}
	}
	return "", fmt.Errorf("the recording of turn %s has no hop of %s", o.Turn, o.Component)
}

// LogsAbout implements tui.Backend: ww logs --session and --turn, and what tools wrote while the screen saw them called.
func (w *window) LogsAbout(id, turnID string, q *logbuf.Query) error {
	a, err := app.Identify(w.o.File, w.o.Instance, w.o.Env)
	if err != nil {
		return err
	}
	if err := (logsOptions{Session: id, Turn: turnID, Follow: true}).pick(a, q); err != nil {
		return err
	}
	calls := &callSpans{w: w, session: id, turn: turnID}
	only, late := q.Only, q.Late
	q.Only = func(l logbuf.Line) bool { return only(l) || calls.has(l) }
	q.Late = func(l logbuf.Line) (logbuf.Verdict, error) {
		if calls.has(l) {
			return logbuf.Wanted, nil
		}
		return late(l)
	}
	return nil
}

// callSpans is when tools were called for a session or a turn, as the picture has it.
type callSpans struct {
	w             *window
	session, turn string
	spans         map[string][]span
	at            time.Time
}

// heardWithin is how much later than it began a call is heard of.
const heardWithin = 50 * time.Millisecond

func (c *callSpans) has(l logbuf.Line) bool {
	if now := time.Now(); now.Sub(c.at) > lookPause {
		c.look(now)
	}
	return during(c.spans[l.Component], l.Time)
}

func (c *callSpans) look(now time.Time) {
	c.spans, c.at = map[string][]span{}, now
	p := c.w.Picture()
	for i := range p.Turns {
		t := &p.Turns[i]
		if c.turn != "" && t.ID != c.turn || c.turn == "" && t.Session != c.session {
			continue
		}
		for _, call := range t.Calls {
			to := call.StartedAt.Add(call.Took)
			if !call.Done && t.End == nil {
				to = now.Add(lookPause)
			}
			c.spans[call.To] = append(c.spans[call.To], span{call.StartedAt.Add(-heardWithin), to.Add(spanSlack)})
		}
	}
}

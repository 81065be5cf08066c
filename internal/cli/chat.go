package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/session"
	"github.com/woodwork-lang/ww/internal/turn"
)

type chatOptions struct {
	appOptions
	Text     string
	Session  string
	Turn     string
	To       string
	Timeout  time.Duration
	JSON     bool
	Lines    bool
	Parallel int
}

func chatCmd(world IO) *cobra.Command {
	o := chatOptions{appOptions: appOptions{IO: world}}
	cmd := &cobra.Command{
		Use:   "chat [TEXT]",
		Short: "Ask a running app; without a text, talk to it line by line",
		Long: "Ask a running app and print its answer. Without a text, read turns from standard input, a line each.\n" +
			"Exit status: 0 answered, 1 failed, 3 not running, 4 no answer within --timeout (the turn goes on), 130 interrupted.",
		GroupID: groupRun,
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Text = strings.Join(args, " ")
			return runChat(cmd.Context(), o)
		},
	}
	appFlags(cmd, &o.File, &o.Instance)
	f := cmd.Flags()
	f.StringVar(&o.Session, "session", "", "go on with this session (default: a new one)")
	f.StringVar(&o.Turn, "turn", "", "ask nothing: wait for the answer to this turn, which was asked before")
	f.StringVar(&o.To, "to", "", "the input that takes the turn (default: the command line, else the first)")
	f.DurationVar(&o.Timeout, "timeout", 0, "give up waiting after this time; 0: when the turn's own deadline passes")
	f.BoolVar(&o.JSON, "json", false, "print the answer with everything about the turn, as JSON")
	f.BoolVar(&o.Lines, "lines", false, `read turns from standard input, a line each: text, or {"id", "session", "text"}`)
	f.IntVar(&o.Parallel, "parallel", 1, "with --lines: turns at once; more than one gives every line a session of its own")
	return cmd
}

func runChat(ctx context.Context, o chatOptions) error {
	if o.Parallel < 1 || o.Parallel > 1 && !o.Lines {
		return usage("--parallel is a number from 1 on, together with --lines")
	}
	if o.Lines && o.Text != "" {
		return usage("--lines reads the turns from standard input; leave the text away")
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if o.Turn != "" {
		return runChatTurn(ctx, o)
	}
	r, err := o.joinWaiting(ctx, askWait)
	if err != nil {
		return err
	}
	defer r.close()
	if route := session.In(r.app.State).Route(o.Session); o.To == "" && o.Session != "" && len(route) > 0 {
		o.To = route[0]
	}
	if o.To, err = r.input(o.To); err != nil {
		return err
	}
	c := conversation{o: o, client: r.client()}
	switch {
	case o.Lines:
		return c.lines(ctx)
	case o.Text != "":
		return c.one(ctx)
	}
	return c.repl(ctx)
}

// conversation is a session with an app.
type conversation struct {
	o      chatOptions
	client *turn.Client
	// in is what the user says to questions of turns; nil: nobody answers any.
	in func(event.UserQuestion) <-chan string
}

// answer is the JSON of a turn.
type answer struct {
	ID      string         `json:"id"`
	Session string         `json:"session"`
	Turn    string         `json:"turn"`
	Status  event.Status   `json:"status"`
	Answer  string         `json:"answer"`
	Outputs []event.Output `json:"outputs,omitempty"`
	Error   string         `json:"error"`
	TookMS  float64        `json:"took_ms"`
	Tokens  int            `json:"tokens"`
	Cost    float64        `json:"cost"`
	Hops    []event.Hop    `json:"hops"`
	// Questions are what the turn asked the user, as far as this client was asked.
	Questions []exchange `json:"questions,omitempty"`
}

// ask asks one turn. It always has an answer to print; status is what it means for the exit status.
func (c conversation) ask(ctx context.Context, id, session, text string, f turn.Follow) (a answer, status int) {
	return c.askTurn(ctx, id, turn.Turn{ID: turn.NewID(), Session: session, Text: text, To: c.o.To}, f)
}

// askTurn asks a turn that may have been asked before.
func (c conversation) askTurn(ctx context.Context, id string, t turn.Turn, f turn.Follow) (a answer, status int) {
	return c.askWith(ctx, id, t, f, c.counsel(t))
}

// askWith is askTurn with somebody else to answer questions.
func (c conversation) askWith(ctx context.Context, id string, t turn.Turn, f turn.Follow, k *counsel) (a answer, status int) {
	if c.o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.o.Timeout)
		defer cancel()
	}
	a = answer{ID: cmp.Or(id, t.ID), Session: t.Session, Turn: t.ID, Hops: []event.Hop{}}
	began := time.Now()
	follow, over := k.begin(ctx, f)
	end, err := c.client.Ask(ctx, t, follow)
	a.Questions = over()
	a.TookMS = float64(time.Since(began).Microseconds()) / 1000
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		a.Status, a.Error = event.StatusPending, fmt.Sprintf("no answer within %s; %v", took(c.o.Timeout), err)
		return a, exitPending
	case errors.Is(err, context.Canceled):
		return c.cancel(t, a), exitInterrupted
	case err != nil:
		status = refusal(err)
		a.Status, a.Error = event.StatusFailed, err.Error()
		if status == exitPending {
			a.Status = event.StatusPending
		}
		return a, status
	}
	a.Status, a.Answer, a.Outputs, a.Error = end.Status, end.Answer, end.Outputs, end.Error
	if end.Hops != nil {
		a.Hops = end.Hops
	}
	for _, h := range a.Hops {
		a.Tokens, a.Cost = a.Tokens+h.Tokens, a.Cost+h.Cost
	}
	if end.Status != event.StatusOK {
		return a, exitFailed
	}
	return a, exitOK
}

// cancelPatience is how long an interrupted chat waits to hear that its turn has ended.
const cancelPatience = 2 * time.Second

// cancel ends a turn that nobody waits for any more. It may have been answered just before.
func (c conversation) cancel(t turn.Turn, a answer) answer {
	ctx, stop := context.WithTimeout(context.Background(), cancelPatience)
	defer stop()
	a.Status, a.Error = event.StatusPending, "interrupted; the turn goes on"
	if err := c.client.Cancel(ctx, t); err != nil {
		return a
	}
	end, err := c.client.Await(ctx, t, nil)
	if err != nil {
		return a
	}
	a.Status, a.Answer, a.Error = end.Status, end.Answer, end.Error
	if end.Status == event.StatusCanceled {
		a.Error = "canceled"
	}
	return a
}

// one is `ww chat "text"`.
func (c conversation) one(ctx context.Context) error {
	var out typewriter
	if !c.o.JSON && isTerminal(c.o.Out) {
		out.w = c.o.Out
	}
	c.in = c.o.typed(ctx)
	a, status := c.ask(ctx, "", cmp.Or(c.o.Session, turn.NewSession()), c.o.Text, out.follow())
	if c.o.JSON {
		if err := writeJSON(c.o.Out, a); err != nil {
			return failed(err)
		}
		return silentUnlessOK(status)
	}
	return c.print(&out, a, status)
}

// print shows an answer to a person or to the next program in the pipe.
func (c conversation) print(out *typewriter, a answer, status int) error {
	if status != exitOK {
		out.end("")
		return &exitError{status, fmt.Errorf("turn %s: %s", a.Turn, cmp.Or(a.Error, string(a.Status)))}
	}
	text := a.Answer
	for _, o := range a.Outputs {
		text += "\n" + o.Text
	}
	if out.end(text) {
		return nil
	}
	_, err := io.WriteString(c.o.Out, text+"\n")
	return failedIf(err)
}

// repl talks line by line.
func (c conversation) repl(ctx context.Context) error {
	session := cmp.Or(c.o.Session, turn.NewSession())
	talking := isTerminal(c.o.In)
	if talking {
		fmt.Fprintf(c.o.Err, "session %s; exit or ctrl+d ends\n", session)
	}
	status := exitOK
	prompt := func() {
		if talking {
			fmt.Fprint(c.o.Err, "› ")
		}
	}
	prompt()
	in := lines(ctx, c.o.In)
	c.in = func(event.UserQuestion) <-chan string { return in }
	for text := range in {
		text = strings.TrimSpace(text)
		if text == "exit" || text == ";" {
			return silentUnlessOK(status)
		}
		if text != "" {
			status = worse(status, c.replTurn(ctx, session, text))
		}
		prompt()
	}
	if ctx.Err() != nil {
		return silent(exitInterrupted)
	}
	return silentUnlessOK(status)
}

func (c conversation) replTurn(ctx context.Context, session, text string) int {
	var out typewriter
	if !c.o.JSON && isTerminal(c.o.Out) {
		out.w = c.o.Out
	}
	a, status := c.ask(ctx, "", session, text, out.follow())
	var err error
	if c.o.JSON {
		err = writeJSON(c.o.Out, a)
	} else {
		err = c.print(&out, a, status)
	}
	if err != nil && !c.o.JSON {
		fmt.Fprintln(c.o.Err, "ww: "+err.Error())
	}
	return status
}

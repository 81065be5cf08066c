package agentllm

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/chat"
)

// earlier are the session's turns before this one, oldest first. Without them the agent still works.
func (a *agent) earlier(ctx context.Context, t component.Task) []chat.Message {
	if a.history <= 0 || t.Acceptor == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	body, err := json.Marshal(event.HistoryRequest{Session: t.Session, Before: t.Turn, Turns: a.history})
	if err != nil {
		return nil
	}
	res, err := a.env.Ask(ctx, component.Request{To: t.Acceptor, Type: event.TypeHistory, ContentType: "application/json", Body: body})
	var past []event.Past
	if err == nil {
		err = json.Unmarshal(res.Body, &past)
	}
	if err != nil {
		a.env.Log.Warn("the earlier turns of the session are not known", "turn", t.Turn, "error", err)
		return nil
	}
	var out []chat.Message
	for _, p := range past {
		out = append(out, chat.Message{Role: chat.User, Content: p.Text}, chat.Message{Role: chat.Assistant, Content: p.Answer})
	}
	return fitting(out, a.context/2)
}

// fitting leaves out the oldest turns until the rest takes at most so many tokens.
func fitting(past []chat.Message, most int) []chat.Message {
	for len(past) > 0 && (chat.Request{Messages: past}).Tokens() > most {
		past = past[2:]
	}
	return past
}

// sumUp has the model replace what was done so far by a summary.
func (r *run) sumUp(ctx context.Context) error {
	if r.sums++; r.sums > mostSums {
		return errTooLong(r.a.model)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "The task: %s\n\nThe work so far:\n", r.task)
	for _, m := range r.messages[r.head:] {
		fmt.Fprintf(&b, "\n[%s] %s", m.Role, m.Content)
		for _, c := range m.Calls {
			fmt.Fprintf(&b, "\n[call] %s %s", c.Name, c.Arguments)
		}
	}
	work := b.String()
	if most := r.a.context * 3; len(work) > most { // the beginning says least about where the work stands
		work = work[:most/4] + "\n[…]\n" + strings.ToValidUTF8(work[len(work)-most/2:], "")
	}
	reply, err := r.askModel(ctx, chat.Request{Messages: []chat.Message{
		{Role: chat.System, Content: sumInstruction}, {Role: chat.User, Content: work},
	}}, func(string) { r.chunk("") })
	switch {
	case err != nil:
		return err
	case reply.TooLong, strings.TrimSpace(reply.Content) == "":
		return errTooLong(r.a.model)
	}
	r.messages = append(r.messages[:r.head:r.head],
		chat.Message{Role: chat.Assistant, Content: "What has been done so far:\n" + reply.Content},
		chat.Message{Role: chat.User, Content: goOn})
	return nil
}

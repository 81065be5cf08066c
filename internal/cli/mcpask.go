package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// sessionOf is the session of a client's turns: what it says over one connection belongs together.
func (s *mcpDoor) sessionOf(r *mcp.CallToolRequest) string {
	if r.Session == nil || r.Session.ID() == "" {
		return s.session
	}
	sum := sha256.Sum256([]byte(r.Session.ID()))
	return "s-" + hex.EncodeToString(sum[:6])
}

// questions puts the questions of a turn to the client's user, when the client can be asked. done ends what is still asked.
func (s *mcpDoor) questions(ctx context.Context, client *mcp.ServerSession, t turn.Turn) (f turn.Follow, done func()) {
	if client == nil {
		return f, func() {}
	}
	p := client.InitializeParams()
	if p == nil || p.Capabilities == nil || p.Capabilities.Elicitation == nil {
		return f, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var asked sync.WaitGroup
	f.Question = func(q event.UserQuestion) {
		asked.Go(func() {
			a := elicited(ctx, client, q)
			_ = s.r.client().Say(ctx, t, a) // when nobody takes it, the turn's end says why
		})
	}
	return f, func() {
		cancel()
		asked.Wait()
	}
}

// elicited asks the client's user.
func elicited(ctx context.Context, client *mcp.ServerSession, q event.UserQuestion) event.UserAnswer {
	a := event.UserAnswer{ID: q.ID}
	res, err := client.Elicit(ctx, &mcp.ElicitParams{Message: q.Text, RequestedSchema: json.RawMessage(
		`{"type":"object","properties":{"answer":{"type":"string","title":"Answer"}},"required":["answer"]}`)})
	switch {
	case err != nil:
		a.None = event.NoUser + ": " + err.Error()
	case res.Action != "accept":
		a.None = "the user does not answer"
	default:
		a.Text, _ = res.Content["answer"].(string)
	}
	return a
}

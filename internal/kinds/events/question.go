package events

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// Question asks the user whose turn it is. The component that accepted the turn knows who follows it.
func Question(ctx context.Context, turn Turn, text string) (component.Result, error) {
	if turn.Acceptor == "" {
		return component.Result{}, errors.New("no user to ask")
	}
	body, err := json.Marshal(event.UserQuestion{Turn: turn.ID, Text: text})
	if err != nil {
		return component.Result{}, err
	}
	return turn.Ask(ctx, component.Request{To: turn.Acceptor, Type: event.TypeQuestion, ContentType: "application/json", Body: body})
}

package events

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// Question asks the user whose turn it is, as a step of the turn. The component that accepted the turn knows who follows
// it. limit is how long the user may take; 0: as long as the turn. Without an answer none says why; an error means that
// the question could not be asked.
func Question(ctx context.Context, turn Turn, text string, limit time.Duration) (answer, none string, err error) {
	if turn.Acceptor == "" {
		return "", event.NoUser, nil
	}
	body, err := json.Marshal(event.UserQuestion{Turn: turn.ID, Text: text, TimeoutMS: limit.Milliseconds()})
	if err != nil {
		return "", "", err
	}
	res, err := turn.Ask(ctx, component.Request{To: turn.Acceptor, Type: event.TypeQuestion, ContentType: "application/json", Body: body})
	if err != nil {
		return "", "", err
	}
	var a event.UserAnswer
	if err := json.Unmarshal(res.Body, &a); err != nil {
		return "", "", fmt.Errorf("the answer to a question cannot be read: %w", err)
	}
	return a.Text, a.None, nil
}

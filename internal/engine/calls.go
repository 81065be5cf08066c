package engine

import (
	"context"
	"encoding/json"
	"time"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/tool"
	"github.com/woodwork-lang/ww/internal/state"
)

// everyCall is the pattern of the events of calls.
const everyCall = "call.*"

// FollowCalls puts into the picture what components ask of each other for the turns in it, until ctx ends. It costs the
// components an event for each call, so a face that shows them asks for it.
func (e *Engine) FollowCalls(ctx context.Context) error {
	return e.listen(ctx, everyCall, func(m event.Message) {
		if c, ok := callOf(m); ok {
			e.hub.emit(state.TurnCalled{Turn: m.Turn, Call: c})
		}
	})
}

func callOf(m event.Message) (state.Call, bool) {
	if m.Type == event.EventCallBegun {
		var b event.CallBegun
		if json.Unmarshal(m.Body, &b) != nil {
			return state.Call{}, false
		}
		return state.Call{ID: b.CallID, From: b.SourceComponent, To: b.Target, Type: b.Type, Data: b.Data, StartedAt: time.Now()}, true
	}
	var d event.CallEnded
	if m.Type != event.EventCallEnded || json.Unmarshal(m.Body, &d) != nil {
		return state.Call{}, false
	}
	c := state.Call{
		ID: d.CallID, From: d.SourceComponent, To: d.Target, Result: d.Result, Error: d.Error, Fallback: d.Fallback,
		Took: time.Duration(d.TookMS * float64(time.Millisecond)), Done: true,
	}
	if d.ContentType == tool.Failure {
		c.Error, c.Result = d.Result, ""
	}
	return c, true
}

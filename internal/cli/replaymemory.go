package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/kinds/memory"
	"github.com/woodwork-lang/ww/internal/recording"
)

// remember gives the memories of an app what they were told before the hop from which on everything runs: nobody tells
// them, because those who did are played.
func (o *replayOptions) remember(ctx context.Context, state string, rec *recording.Recording) error {
	if o.order.How != recording.From {
		return nil
	}
	for i, t := range rec.Turns[:o.order.Turn] {
		for _, e := range t.Entries {
			if i+1 == o.order.Turn && e.Hop >= o.order.Hop {
				break
			}
			if err := recall(ctx, state, rec, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// recall makes a recorded call of a memory again, as the component itself would have answered it.
func recall(ctx context.Context, state string, rec *recording.Recording, e recording.Entry) (err error) {
	asked, _ := rec.Component(e.To)
	if e.Kind != recording.KindCall || e.Type != event.TypeProcess || e.Error != "" || !strings.HasPrefix(asked.Type, "memory ") {
		return nil
	}
	kind, err := memory.New(component.Spec{Name: e.To, App: component.App{StateDir: state}})
	if err != nil {
		return err
	}
	if _, err := kind.Start(ctx, component.Env{}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kind.Close(ctx)) }()
	answerer, ok := kind.(component.Answerer)
	if !ok {
		return nil
	}
	_, err = answerer.Answer(ctx, component.Question{ID: e.ID, Session: rec.Session, Type: e.Type, Body: e.Request})
	return err
}

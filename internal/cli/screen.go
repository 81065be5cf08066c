package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/woodwork-lang/ww/internal/engine"
	"github.com/woodwork-lang/ww/tui"
)

// The screen is one reader of the engine among several.
var _ tui.Backend = (*window)(nil)

// screen is the face on a terminal.
type screen struct {
	o devOptions
	e *engine.Engine
}

func (s *screen) run(serving, _ context.Context) int {
	following, stop := context.WithCancel(serving)
	defer stop()
	go func() { _ = s.e.FollowCalls(following) }() // without it the chat shows no calls
	err := tui.Run(serving, newWindow(s.o, s.e), tui.Options{In: s.o.In, Out: s.o.Out, Getenv: s.getenv})
	switch {
	case errors.Is(err, tui.ErrKill):
		s.e.Hurry()
	case err != nil && serving.Err() == nil:
		fmt.Fprintln(s.o.Err, "ww: "+err.Error())
		return exitFailed
	}
	return exitOK
}

// wait implements aFace: a screen is gone when run has ended.
func (s *screen) wait() {}

func (s *screen) getenv(name string) string {
	v, _ := s.o.Env(name)
	return v
}

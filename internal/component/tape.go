package component

import (
	"errors"
	"time"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
)

// Tape keeps what a turn was made of, after it is journaled. Its methods do not wait.
type Tape interface {
	// Called takes a call and its answer; failure is why there is none. The same call may be told again.
	Called(m, reply event.Message, failure string, at time.Time, took time.Duration)
	// Asked is told when others ask the component, or have it hand on.
	Asked()
	// Handled takes the work of a component on a message of a turn's way.
	Handled(m event.Message, component, contentType string, body []byte, failure string, at time.Time, took time.Duration)
}

// Player answers from a recording what was recorded. play is false when a request is to be made, or a message to be
// worked on; err says in what it is not the recorded one.
type Player interface {
	Call(m *event.Message) (reply event.Message, failure string, play bool, err error)
	Hop(m *event.Message, component string) (reply event.Message, failure string, play bool, err error)
	// Over is told when a component has worked on a message; an error is its outcome.
	Over(m *event.Message, component string) error
}

// taped tells of a call that is over: reply, or a step's failure.
func (r *Runner) taped(m *event.Message, reply event.Message, failure error, began time.Time) {
	if r.tape == nil {
		return
	}
	why := ""
	switch {
	case failure != nil:
		why = failure.Error()
	case reply.Type == delivery.StepFailed:
		why = string(reply.Body)
	}
	r.tape.Called(*m, reply, why, began, time.Since(began))
}

// tapedHop tells of a hop that is over.
func (r *Runner) tapedHop(m *event.Message, o delivery.Outcome, began time.Time, took time.Duration) {
	if r.tape != nil {
		r.tape.Handled(*m, r.spec.Name, o.ContentType, o.Body, o.Err, began, took)
	}
}

// played is the recorded answer to a request; false: it is to be made.
func (r *Runner) played(m *event.Message) (reply event.Message, play bool, err error) {
	if r.player == nil {
		return reply, false, nil
	}
	reply, failure, play, err := r.player.Call(m)
	if err == nil && failure != "" {
		err = errors.New(failure)
	}
	return reply, play, err
}

// handleOrPlay runs the handler, or takes what it did when it was recorded.
func (r *Runner) handleOrPlay(m *event.Message, handle func() (Result, error)) (Result, error) {
	if r.player == nil {
		return handle()
	}
	reply, failure, play, err := r.player.Hop(m, r.spec.Name)
	switch {
	case err != nil:
		return Result{}, err
	case play && failure != "":
		return Result{}, errors.New(failure)
	case play:
		return Result{ContentType: reply.DataContentType, Body: reply.Body}, nil
	}
	res, err := handle()
	if bad := r.player.Over(m, r.spec.Name); bad != nil {
		return Result{}, bad
	}
	return res, err
}

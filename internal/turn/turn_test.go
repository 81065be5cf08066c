package turn_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/turn"
)

// scripted is a bus that answers from a list and keeps what it was asked.
type scripted struct {
	bus.Bus
	answers []any // error, event.Accepted, event.End
	asked   []string
	bodies  []string
	turns   map[string]bool
}

func (s *scripted) Call(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	s.asked = append(s.asked, m.Type)
	s.bodies = append(s.bodies, string(m.Body))
	if s.turns == nil {
		s.turns = map[string]bool{}
	}
	s.turns[m.Turn] = true
	return s.next(ctx, to, m, onPush)
}

// next plays the list: pieces are pushed, everything else ends the call.
func (s *scripted) next(ctx context.Context, to string, m event.Message, onPush func(event.Message)) (event.Message, error) {
	if len(s.answers) == 0 {
		<-ctx.Done()
		return event.Message{}, ctx.Err()
	}
	next := s.answers[0]
	s.answers = s.answers[1:]
	if err, ok := next.(error); ok {
		return event.Message{}, err
	}
	if _, ok := next.(event.Accepted); ok {
		onPush(event.Message{Header: event.Header{Type: event.TypeAccepted}})
		return s.next(ctx, to, m, onPush)
	}
	if c, ok := next.(event.Chunk); ok {
		b, _ := json.Marshal(c)
		onPush(event.Message{Header: event.Header{Type: event.TypeChunk}, Body: b})
		return s.next(ctx, to, m, onPush)
	}
	end, ok := next.(event.End)
	if !ok {
		return event.Message{}, fmt.Errorf("a script of this test holds a %T", next)
	}
	return end.Message(""), nil
}

func refuse(c bus.Code) error { return &bus.Error{Code: c, To: "in", Reason: "because"} }

func TestAskSurvivesLosses(t *testing.T) {
	t.Parallel()
	ok, end := event.Accepted{Turn: "t"}, event.End{Turn: "t", Status: event.StatusOK, Answer: "yes"}
	const ask, await = event.TypeAsk, event.TypeAwait
	tests := []struct {
		name    string
		answers []any
		asked   []string
		wantErr bool
	}{
		{"straight", []any{ok, end}, []string{ask}, false},
		{"the news that it is accepted is dropped", []any{end}, []string{ask}, false},
		{"the input is restarting", []any{refuse(bus.NoTarget), refuse(bus.PeerDied), ok, end}, []string{ask, ask, ask}, false},
		{"the connection is lost while waiting", []any{ok, refuse(bus.PeerDied), refuse(bus.NoTarget), end}, []string{ask, await, await}, false},
		{"the inbox is full", []any{refuse(bus.Overloaded), refuse(bus.Busy), ok, end}, []string{ask, ask, ask}, false},
		{"refused at once", []any{refuse(bus.Draining)}, []string{ask}, true},
		{"accepted, but that was lost, and now it drains", []any{refuse(bus.PeerDied), refuse(bus.Draining), end}, []string{ask, ask, await}, false},
		{"not accepted, and now it drains", []any{refuse(bus.PeerDied), refuse(bus.Draining), refuse(bus.Refused)}, []string{ask, ask, await}, true},
		{"the journal was taken away", []any{ok, refuse(bus.PeerDied), refuse(bus.Refused), ok, end}, []string{ask, await, ask}, false},
		{"wrong type", []any{refuse(bus.UnknownType)}, []string{ask}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := &scripted{answers: tt.answers}
				c := turn.Client{Bus: b}
				got, err := c.Ask(t.Context(), turn.Turn{ID: "t", Session: "s", Text: "?", To: "in"}, turn.Follow{})
				if (err != nil) != tt.wantErr {
					t.Fatalf("error %v, want one: %v", err, tt.wantErr)
				}
				var refused *turn.RefusedError
				if tt.wantErr && !errors.As(err, &refused) {
					t.Errorf("error %T, want *turn.RefusedError", err)
				}
				if !tt.wantErr && got.Answer != "yes" {
					t.Errorf("answer %q, want yes", got.Answer)
				}
				if !slices.Equal(b.asked, tt.asked) {
					t.Errorf("asked %v, want %v", b.asked, tt.asked)
				}
				if len(b.turns) != 1 {
					t.Errorf("used %d turn ids, want 1", len(b.turns))
				}
			})
		})
	}
}

func TestAskGivesUpWhenNothingIsAlive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := []any{event.Accepted{}}
		for range 100 {
			answers = append(answers, refuse(bus.PeerDied))
		}
		c := turn.Client{Bus: &scripted{answers: answers}, Alive: func() bool { return false }}
		began := time.Now()
		_, err := c.Ask(t.Context(), turn.Turn{ID: "t", To: "in"}, turn.Follow{})
		var gone *turn.GoneError
		if !errors.As(err, &gone) || !gone.Accepted {
			t.Fatalf("error %v, want a GoneError of an accepted turn", err)
		}
		if took := time.Since(began); took < 2*time.Second || took > 3*time.Second {
			t.Errorf("gave up after %v, want 2 s", took)
		}
	})
}

// TestATurnWhoseAcceptorDiedBeforeItSaidSoIsLookedFor: it is pending, and whoever asked must not take it for lost.
func TestATurnWhoseAcceptorDiedBeforeItSaidSoIsLookedFor(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			answers := []any{refuse(bus.NoTarget), refuse(bus.Draining)} // whoever drains may have it
			for range 100 {
				answers = append(answers, refuse(bus.PeerDied))
			}
			var looked []string
			told := 0
			c := turn.Client{
				Bus: &scripted{answers: answers}, Alive: func() bool { return false },
				Journaled: func(t turn.Turn) bool { looked = append(looked, t.ID); return there },
			}
			_, err := c.Ask(t.Context(), turn.Turn{ID: "t", To: "in"}, turn.Follow{Accepted: func() { told++ }})
			var gone *turn.GoneError
			if !errors.As(err, &gone) || gone.Accepted != there {
				t.Errorf("in the journal: %v; error %v", there, err)
			}
			if there != (told == 1) {
				t.Errorf("in the journal: %v; told %d times that it is", there, told)
			}
			if !slices.Equal(looked, []string{"t"}) {
				t.Errorf("looked for %v", looked)
			}
		})
	}
}

func TestAskEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		c := turn.Client{Bus: &scripted{answers: []any{event.Accepted{}}}}
		if _, err := c.Ask(ctx, turn.Turn{ID: "t", To: "in"}, turn.Follow{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline", err)
		}
	})
}

// deadlines remembers whether a call told the bus when its caller gives up: for a turn that is its own deadline.
type deadlines struct {
	bus.Bus
	told bool
}

func (d *deadlines) Call(ctx context.Context, _ string, _ event.Message, _ func(event.Message)) (event.Message, error) {
	_, d.told = ctx.Deadline()
	<-ctx.Done()
	return event.Message{}, ctx.Err()
}

// Who gives up hears whether the turn goes on, and else why nobody took it.
func TestWhoGivesUpHearsWhetherTheTurnGoesOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		answers []any
		want    string
	}{
		{"accepted", []any{event.Accepted{Turn: "t"}}, "the turn goes on"},
		{"accepted, then lost", []any{event.Accepted{Turn: "t"}, refuse(bus.PeerDied)}, "the turn goes on"},
		{"refused until the end", []any{refuse(bus.Busy)}, "in did not accept the turn: because"},
		{"nothing was heard", nil, "in did not say that it accepted the turn"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := (&turn.Client{Bus: &scripted{answers: tt.answers}}).Ask(ctx, turn.Turn{ID: "t", To: "in"}, turn.Follow{})
				if !errors.Is(err, context.DeadlineExceeded) || err.Error() != tt.want {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			})
		})
	}
}

func TestAnImpatientCallerDoesNotShortenTheTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var b deadlines
		c := turn.Client{Bus: &b}
		if _, err := c.Ask(ctx, turn.Turn{ID: "t", To: "in"}, turn.Follow{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the deadline", err)
		}
		if b.told {
			t.Error("the turn gets the deadline of its caller")
		}
	})
}

func TestAskHandsOutThePieces(t *testing.T) {
	t.Parallel()
	b := &scripted{answers: []any{event.Accepted{}, event.Chunk{Stream: "x", Text: "a"}, event.Chunk{Stream: "x", Offset: 1, Text: "b"}, event.End{Answer: "ab"}}}
	c := turn.Client{Bus: b}
	var got string
	accepted := 0
	f := turn.Follow{Accepted: func() { accepted++ }, Chunk: func(c event.Chunk) { got += c.Text }}
	if _, err := c.Ask(t.Context(), turn.Turn{ID: "t", To: "in"}, f); err != nil {
		t.Fatal(err)
	}
	if got != "ab" || accepted != 1 {
		t.Errorf("pieces %q and %d times accepted, want ab and once", got, accepted)
	}
}

// TestAStreamGoesOnWhereItBrokeOff: who asks again says what came, and is told nothing twice.
func TestAStreamGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &scripted{answers: []any{
			event.Accepted{},
			event.Chunk{Stream: "t/a/1", Text: "one "},
			refuse(bus.PeerDied),
			event.Chunk{Stream: "t/a/1", Text: "one two "}, // from somebody who does not know what we have
			event.Chunk{Stream: "t/a/2", Text: "three"},
			event.Chunk{Stream: "t/a/1", Offset: 8, Text: "late"},
			event.End{Turn: "t", Status: event.StatusOK, Answer: "three"},
		}}
		var heard []event.Chunk
		c := turn.Client{Bus: b}
		_, err := c.Ask(t.Context(), turn.Turn{ID: "t", Session: "s", Text: "?", To: "in"}, turn.Follow{
			Chunk: func(c event.Chunk) { heard = append(heard, c) },
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []event.Chunk{{Stream: "t/a/1", Text: "one "}, {Stream: "t/a/1", Offset: 4, Text: "two "}, {Stream: "t/a/2", Text: "three"}}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %+v, want %+v", heard, want)
		}
		if want := []string{"?", `[{"stream":"t/a/1","offset":4}]`}; !slices.Equal(b.bodies, want) {
			t.Errorf("asked with %q, want %q", b.bodies, want)
		}
	})
}

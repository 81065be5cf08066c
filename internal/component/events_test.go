package component_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/metrics"
)

// next returns the next event, which must be of this type, and fills in its payload.
func (l *listener) next(t *testing.T, typ string, payload any) event.Message {
	t.Helper()
	select {
	case m := <-l.heard:
		if m.Type != typ {
			t.Fatalf("heard %s %s, want %s", m.Type, m.Body, typ)
		}
		if err := json.Unmarshal(m.Body, payload); err != nil {
			t.Fatal(err)
		}
		return m
	case <-t.Context().Done():
		t.Fatal("never heard", typ)
	}
	return event.Message{}
}

func TestHopsTellOfRequestsAndOutputs(t *testing.T) {
	a := newApp(t)
	ears := a.net.listen(event.EventReady, "test.request", "test.output", event.EventSessionCreated)
	in := a.start("in", handler{handle: pass("!")})
	var ready event.Ready
	if m := ears.next(t, event.EventReady, &ready); m.Source != "in" || ready.ComponentID != "in-test" || ready.ComponentType != "test" {
		t.Errorf("%+v %+v", m.Header, ready)
	}
	a.ask("t1", "s1", "hello")
	var created event.SessionCreated
	if ears.next(t, event.EventSessionCreated, &created); created.SessionID != "s1" || created.Turn != "t1" {
		t.Errorf("%+v", created)
	}
	var request event.HopRequest
	if m := ears.next(t, "test.request", &request); request.Data != "hello" || m.Turn != "t1" || m.Session != "s1" || request.Attempt != 1 {
		t.Errorf("%+v %+v", m.Header, request)
	}
	var output event.HopOutput
	if ears.next(t, "test.output", &output); output.Result != "hello!" || output.SourceComponent != "in" || output.Timestamp < 1e9 {
		t.Errorf("%+v", output)
	}
	a.ask("t2", "s1", "again")
	ears.next(t, "test.request", &request) // and no second session
	ears.next(t, "test.output", &output)
	in.end(t)
	again := a.start("in", handler{handle: pass("!")})
	ears.next(t, event.EventReady, &ready)
	a.ask("t3", "s1", "still the same session")
	ears.next(t, "test.request", &request)
	ears.next(t, "test.output", &output)
	again.end(t)
}

func TestAFailureTellsItsMessage(t *testing.T) {
	a := newApp(t)
	ears := a.net.listen(event.EventError)
	in := a.start("in", handler{handle: func(context.Context, component.Task) (component.Result, error) {
		return component.Result{}, errors.New("no such city")
	}})
	a.ask("t1", "s1", "Atlantis")
	var f event.Failure
	ears.next(t, event.EventError, &f)
	if f.Error != "no such city" || f.Turn != "t1" || f.OriginalEvent == nil || f.OriginalEvent.Data != "Atlantis" {
		t.Errorf("%+v", f)
	}
	in.end(t)
}

func TestAComponentTellsItsStates(t *testing.T) {
	a := newApp(t)
	ears := a.net.listen(event.EventStateChanged)
	in := a.start("in", handler{handle: pass("")})
	var s event.StateChanged
	if ears.next(t, event.EventStateChanged, &s); s.OldState != "initializing" || s.NewState != "ready" {
		t.Errorf("%+v", s)
	}
	in.end(t)
	if ears.next(t, event.EventStateChanged, &s); s.OldState != "ready" || s.NewState != "shutting_down" {
		t.Errorf("%+v", s)
	}
}

// measured asks a component for its metrics.
func (a *app) measured(name string) map[string]metrics.Family {
	a.t.Helper()
	req := call(a.t.Context(), a.net.find(name), event.Message{Header: event.Header{Type: event.TypeMetrics}})
	var s metrics.Snapshot
	if err := json.Unmarshal((<-req.reply).Body, &s); err != nil {
		a.t.Fatal(err)
	}
	families := map[string]metrics.Family{}
	for _, f := range s.Families {
		families[f.Name] = f
	}
	return families
}

func count(f metrics.Family, values ...string) uint64 {
	var n uint64
next:
	for _, s := range f.Series {
		for i, v := range values {
			if s.Values[i] != v {
				continue next
			}
		}
		n += s.Count
	}
	return n
}

func TestARunnerCountsWhatItDoes(t *testing.T) {
	a := newApp(t)
	tl := a.start("tool", tool{handler{}, func(_ context.Context, q component.Question) (component.Result, error) {
		if string(q.Body) == "bad" {
			return component.Result{}, errors.New("no")
		}
		return text("done"), nil
	}})
	mid := a.start("mid", handler{handle: func(ctx context.Context, task component.Task) (component.Result, error) {
		return task.Ask(ctx, component.Request{To: "tool", Body: task.Body})
	}})
	in := a.start("in", handler{traits: component.Traits{Inline: true}, handle: pass("")}, "mid")
	a.ask("t1", "s1", "good")
	a.ask("t2", "s1", "bad")
	a.ask("t3", "s2", "good")
	f := a.measured("in")
	for name, want := range map[string]uint64{
		"ww_component_registrations_total": 1, "ww_sessions_created_total": 2, "ww_turns_total": 3, "ww_turn_seconds": 3,
		"ww_hop_queue_seconds": 3, "ww_hop_service_seconds": 3,
	} {
		if got := count(f[name], "in"); got != want {
			t.Errorf("%s is %d, want %d", name, got, want)
		}
	}
	if got := count(f["ww_workflow_routing_seconds"], "in"); got < 3 { // what is sent again is acknowledged again
		t.Errorf("%d messages were routed", got)
	}
	if ok, bad := count(f["ww_turns_total"], "in", "ok"), count(f["ww_turns_total"], "in", "failed"); ok != 2 || bad != 1 {
		t.Errorf("%d turns went well, %d failed", ok, bad)
	}
	f = a.measured("mid")
	if ok, bad := count(f["ww_cross_component_calls_total"], "mid", "tool", "ok"), count(f["ww_cross_component_calls_total"], "mid", "tool", "FAILED"); ok != 2 || bad != 1 {
		t.Errorf("%d calls went well, %d failed", ok, bad)
	}
	refused := call(t.Context(), a.net.find("mid"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t9", Session: "s"}})
	<-refused.fail
	if got := count(a.measured("mid")["ww_messages_refused_total"], "mid", "REFUSED"); got != 1 {
		t.Errorf("%d refusals", got)
	}
	in.end(t)
	mid.end(t)
	tl.end(t)
}

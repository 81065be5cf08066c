package session_test

import (
	"math"
	"testing"

	"github.com/woodwork-lang/ww/golden"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/session"
)

func hop(component, parent string, queue, service float64) event.Hop {
	return event.Hop{
		Component: component, Instance: component + "-k3q9", Generation: 7, Attempt: 1, Parent: parent,
		QueueMS: queue, ServiceMS: service, BytesIn: 52, BytesOut: 1400,
	}
}

func ended(status event.Status, took float64, hops ...event.Hop) session.Turn {
	return session.Turn{
		ID: "t-12", Session: "s-7f2a", Status: status, At: t0, TookMS: took, Hops: hops,
		TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	}
}

func handing(h event.Hop) event.Hop {
	h.HandedOn = true
	return h
}

func failedHop(h event.Hop, err string) event.Hop {
	h.Error = err
	return h
}

func TestWaterfall(t *testing.T) {
	second := hop("brain", "in", 0.2, 1800)
	second.Attempt = 2
	retried := ended(event.StatusOK, 1000, hop("in", "", 0, 1))
	retried.RetryOf = "t-11"
	for name, tc := range map[string]struct {
		turn session.Turn
		l    session.Layout
	}{
		"chain":  {ended(event.StatusOK, 1900, hop("in", "", 0.1, 0.2), second, hop("out", "brain", 60, 20)), session.Layout{}},
		"ascii":  {ended(event.StatusOK, 1900, hop("in", "", 0.1, 0.2), second, hop("out", "brain", 60, 20)), session.Layout{ASCII: true}},
		"narrow": {ended(event.StatusOK, 1900, hop("in", "", 0.1, 0.2), second), session.Layout{Width: 80}},
		"branches": {ended(event.StatusOK, 900,
			hop("in", "", 0, 1), hop("fast", "in", 0, 100), hop("store", "fast", 1, 3), hop("slow", "in", 100, 780), hop("store", "slow", 1, 3),
		), session.Layout{Width: 140}},
		"failed": {func() session.Turn {
			x := ended(event.StatusFailed, 510, hop("in", "", 0, 1), failedHop(hop("brain", "in", 0, 500), "timed\x1b[31m out"))
			x.Error = "brain: timed out"
			return x
		}(), session.Layout{Width: 140}},
		"fallbacks": {func() session.Turn {
			h := hop("brain", "in", 0, 1800)
			h.Fallbacks = "notes:static helper/model:component"
			return ended(event.StatusOK, 1900, hop("in", "", 0.1, 0.2), h)
		}(), session.Layout{Width: 160}},
		"mixed":   {ended(event.StatusOK, 30, hop("in", "", 0, 1), hop("brain", "in", 0, 20), handing(hop("task_master", "brain", 0, 0)), hop("out", "task_master", 0, 1)), session.Layout{}},
		"pending": {ended(event.StatusPending, 0, hop("in", "", 0.1, 0.2)), session.Layout{}},
		"nothing": {ended(event.StatusTimeout, 600_000), session.Layout{}},
		"retry":   {retried, session.Layout{}},
	} {
		t.Run(name, func(t *testing.T) {
			golden.Equal(t, "session/"+name, session.NewTrace(tc.turn).Waterfall(tc.l))
		})
	}
}

func TestTheHopsOfTheLongestBranchAreTheSum(t *testing.T) {
	tr := session.NewTrace(ended(event.StatusOK, 900,
		hop("in", "", 0, 1), hop("fast", "in", 0, 100), hop("slow", "in", 99, 780), hop("out", "slow", 10, 5)))
	if want := 895.0; math.Abs(tr.SumMS-want) > 1e-9 || math.Abs(tr.BetweenMS-5) > 1e-9 {
		t.Errorf("sum %v and %v between, want %v and 5", tr.SumMS, tr.BetweenMS, want)
	}
}

func TestSpansHangOnEachOther(t *testing.T) {
	turn := ended(event.StatusOK, 10, hop("in", "", 0, 1), hop("llm", "in", 0, 1), hop("out", "llm", 0, 1))
	tp := turn.TraceParent
	for i, s := range session.NewTrace(turn).Hops {
		if s.ParentID != event.SpanID(tp) {
			t.Errorf("hop %d hangs on span %s, want %s", i, s.ParentID, event.SpanID(tp))
		}
		tp = event.NextSpan(tp, s.Component) // what the hop passed on
		if s.SpanID != event.SpanID(tp) {
			t.Errorf("hop %d has span %s, want %s", i, s.SpanID, event.SpanID(tp))
		}
	}
}

// A component may send to itself or come again; every hop must keep a place, and no tree may loop.
func TestOddHopsKeepTheirPlaces(t *testing.T) {
	hops := []event.Hop{hop("a", "", 0, 1), hop("a", "a", 0, 1), hop("b", "nobody", 0, 1), hop("a", "b", 0, 1), {}}
	tr := session.NewTrace(ended(event.StatusOK, 10, hops...))
	if len(tr.Hops) != len(hops) {
		t.Fatalf("%d hops, want %d", len(tr.Hops), len(hops))
	}
	for i, s := range tr.Hops {
		if s.From >= i {
			t.Errorf("hop %d comes from a later one, %d", i, s.From)
		}
	}
}

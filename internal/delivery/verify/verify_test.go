package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/delivery/verify"
	"github.com/woodwork-lang/ww/internal/event"
)

func msg(h event.Header) event.Message { return event.Message{Header: h} }

// answered is the journals of one turn through in → out.
func answered(turn string, seq uint64) (in, out []delivery.Record) {
	text := event.Header{Type: event.TypeText, Source: "in", Subject: "out", Session: "s", Turn: turn, Base: "b", Seq: seq, Origin: "in", ID: "b." + turn}
	report := event.Header{Type: event.TypeReport, Source: "out", Subject: "in", Session: "s", Turn: turn, Base: "c", Seq: seq, ID: "c." + turn}
	in = []delivery.Record{
		{Kind: delivery.Turn, Head: msg(event.Header{Type: event.TypeSubmit, Turn: turn, Session: "s"})},
		{Kind: delivery.Out, Head: msg(event.Header{Turn: turn, Session: "s"}), Msgs: []event.Message{msg(text)}},
		{Kind: delivery.In, Head: msg(report)},
		{Kind: delivery.End, Head: (&event.End{Turn: turn, Session: "s", Status: event.StatusOK}).Message("")},
	}
	out = []delivery.Record{
		{Kind: delivery.In, Head: msg(text)},
		{Kind: delivery.Out, Head: msg(event.Header{Turn: turn, Session: "s", Source: "in", Base: "b", Seq: seq}), Msgs: []event.Message{msg(report)}},
	}
	return in, out
}

func two() (in, out []delivery.Record) {
	in1, out1 := answered("t1", 1)
	in2, out2 := answered("t2", 2)
	return append(in1, in2...), append(out1, out2...)
}

func TestSoundJournalsHaveNoViolation(t *testing.T) {
	in, out := two()
	r := verify.Check([]verify.Log{{Component: "in", Records: in}, {Component: "out", Records: out}})
	if len(r.Violations) > 0 || r.Accepted != 2 || r.Ended[event.StatusOK] != 2 || r.Pending != 0 {
		t.Errorf("got %+v", r)
	}
}

func TestPlantedErrorsAreFound(t *testing.T) {
	tests := []struct {
		name  string
		plant func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record)
		want  string
	}{
		{"double END", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			return append(in, in[3]), out
		}, "2 END records"},
		{"double TURN", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			return append(in, in[0]), out
		}, "two TURN records"},
		{"double OUT", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			return in, append(out, out[1])
		}, "committed turn t1 twice"},
		{"hole", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			return in, out[2:]
		}, "number 2 where 1 was due"},
		{"lost turn", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			in[5].Msgs = nil
			return in[:6], out[:2]
		}, "turn t2 is lost"},
		{"never sent", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			in[5].Msgs = nil
			return in, out
		}, "received but never sent"},
		{"reordered session", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			return in, []delivery.Record{out[0], out[2], out[3], out[1]}
		}, "out finished turn t2 of session s before turn t1, which came first"},
		{"reordered session at the acceptor", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			in[5].Msgs, in[1].Msgs = in[1].Msgs, in[5].Msgs
			return []delivery.Record{in[0], in[4], in[5], in[1], in[2], in[3], in[6], in[7]}, out
		}, "in finished turn t2 of session s before turn t1, which came first"},
		{"numbered in another order", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			in[5].Msgs, in[1].Msgs = in[1].Msgs, in[5].Msgs
			return in, out
		}, "in gave number 1 of its channel to out (session s) after number 2"},
		{"answered with work left", func(in, out []delivery.Record) ([]delivery.Record, []delivery.Record) {
			return in, out[:3]
		}, "something still works on it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in, out := tt.plant(two())
			logs := []verify.Log{{Component: "in", Records: in}, {Component: "out", Records: out}}
			for range 2 { // whichever journal is read first
				r := verify.Check(logs)
				if got := strings.Join(r.Violations, "\n"); !strings.Contains(got, tt.want) {
					t.Errorf("got %q, want something with %q", got, tt.want)
				}
				slices.Reverse(logs)
			}
		})
	}
}

// Where the ways of two branches meet, the turns of a session come as they come; each way keeps its order.
func TestWaysThatMeetMayBeAtDifferentTurns(t *testing.T) {
	text := func(source, turn string, seq uint64) event.Header {
		return event.Header{Type: event.TypeText, Source: source, Subject: "join", Session: "s", Turn: turn, Base: source, Seq: seq, ID: source + turn}
	}
	var join []delivery.Record
	for _, h := range []event.Header{text("a", "t1", 1), text("a", "t2", 2), text("b", "t1", 1), text("b", "t2", 2)} {
		join = append(join, delivery.Record{Kind: delivery.In, Head: msg(h)},
			delivery.Record{Kind: delivery.Out, Head: msg(event.Header{Turn: h.Turn, Session: "s", Source: h.Source, Base: h.Base, Seq: h.Seq})})
	}
	var in []delivery.Record
	for _, turn := range []string{"t1", "t2"} {
		in = append(in, delivery.Record{Kind: delivery.Turn, Head: msg(event.Header{Type: event.TypeSubmit, Turn: turn, Session: "s"})},
			delivery.Record{Kind: delivery.Out, Head: msg(event.Header{Turn: turn, Session: "s"})},
			delivery.Record{Kind: delivery.End, Head: (&event.End{Turn: turn, Session: "s", Status: event.StatusOK}).Message("")})
	}
	for _, v := range verify.Check([]verify.Log{{Component: "join", Records: join}, {Component: "in", Records: in}}).Violations {
		t.Error(v)
	}
}

package event

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHopsComeBackAsTheyWent(t *testing.T) {
	want := []Hop{
		{Component: "in", Instance: "in-ab12", Generation: 1, Attempt: 1, QueueMS: 0.012, ServiceMS: 3.4, BytesIn: 5, BytesOut: 6},
		{Component: "a,b;c%", Instance: "\"\\\n", Generation: 2, Attempt: 3, Parent: "é😀", Error: "bad \xff byte, 100%"},
		{Component: "agent", Instance: "agent-1", Parent: "in", BytesOut: 3, Tokens: 1234, Cost: 0.004321, Error: "late"},
		{Component: "task_master", Instance: "task_mas-ab12", Parent: "agent", HandedOn: true},
		{Component: "brain", Instance: "brain-1", Parent: "task_master", Fallbacks: "notes:static"},
	}
	trace := ""
	for _, h := range want {
		trace = AppendHop(trace, h)
	}
	if diff := cmp.Diff(want, ParseHops(trace)); diff != "" {
		t.Errorf("(-want +got):\n%s\ntrace: %q", diff, trace)
	}
}

func TestTraceNeedsNoEscapesInAHeader(t *testing.T) {
	trace := AppendHop("", Hop{Component: "a\"b\\c\n\x00", Error: "\xff\xfe"})
	b, err := json.Marshal(trace)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b); got != `"`+trace+`"` {
		t.Errorf("the header has to escape %s", got)
	}
}

func TestTraceIsBounded(t *testing.T) {
	trace := ""
	for range 1000 {
		trace = AppendHop(trace, Hop{Component: "c", Error: strings.Repeat("é", 500)})
	}
	if len(trace) > MaxTrace {
		t.Errorf("trace has %d bytes, limit %d", len(trace), MaxTrace)
	}
	hops := ParseHops(trace)
	if len(hops) == 0 || len(hops[0].Error) != maxHopError {
		t.Errorf("%d hops, first error has %d bytes", len(hops), len(hops[0].Error))
	}
}

func TestParseHopsLeavesOutWhatIsNoHop(t *testing.T) {
	good := AppendHop("", Hop{Component: "a"})
	got := ParseHops("x,y;" + good + ";a,b,c,d,e,f,g,h,i,j;" + good[:4])
	if diff := cmp.Diff([]Hop{{Component: "a"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOddTimesAreZero(t *testing.T) {
	got := ParseHops(AppendHop("", Hop{QueueMS: math.NaN(), ServiceMS: -1}))
	if len(got) != 1 || got[0].QueueMS != 0 || got[0].ServiceMS != 0 {
		t.Errorf("got %+v", got)
	}
	if got := ParseHops(AppendHop("", Hop{QueueMS: math.Inf(1)})); len(got) != 1 {
		t.Errorf("an infinite time loses the hop: %+v", got)
	}
}

func FuzzHops(f *testing.F) {
	f.Add("a", "b,c;%41", "err\xff", 3)
	f.Fuzz(func(t *testing.T, component, parent, errText string, n int) {
		if len(component)+len(parent) > 2000 {
			return
		}
		want := Hop{Component: component, Parent: parent, Error: cut(errText, maxHopError), BytesIn: n}
		got := ParseHops(AppendHop("", want))
		if len(got) != 1 {
			t.Fatalf("%d hops", len(got))
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseHops(f *testing.F) {
	f.Add("a,b,1,1,,0,0,0,0,;")
	f.Fuzz(func(t *testing.T, trace string) {
		again := ""
		for _, h := range ParseHops(trace) {
			again = AppendHop(again, h)
		}
	})
}

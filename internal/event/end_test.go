package event

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnEndComesBackAsItWas(t *testing.T) {
	hop := Hop{Component: "in", Instance: "in-ab12", Generation: 1, Attempt: 1, QueueMS: 0.5, ServiceMS: 2, BytesIn: 3, BytesOut: 4}
	for name, e := range map[string]End{
		"answered":  {Turn: "t", Session: "s", Status: StatusOK, Answer: "yes", TookMS: 1.25, Hops: []Hop{hop}},
		"empty":     {Turn: "t", Session: "s", Status: StatusOK, Hops: []Hop{}},
		"failed":    {Turn: "t", Session: "s", Status: StatusFailed, Error: "brain: no", Hops: []Hop{hop}},
		"two words": {Turn: "t", Session: "s", Status: StatusOK, Answer: "a", Outputs: []Output{{"b", "c"}}, Hops: []Hop{hop}},
	} {
		m := e.Message(AppendHop("", hop))
		if len(e.Hops) == 0 {
			m = e.Message("")
		}
		got, err := ParseEnd(&m)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(e, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if s := EndStatus(&m); s != e.Status {
			t.Errorf("%s: status %s", name, s)
		}
	}
}

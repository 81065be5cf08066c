package breaker

import (
	"fmt"
	"testing"
	"time"
)

func route(n int) Route { return Route{"tool", fmt.Sprintf("m%04d", n)} }

func TestOneBadRouteDoesNotCloseTheOthers(t *testing.T) {
	t.Parallel()
	g := NewGroup(func(r Route) Settings {
		if r.Message == "delicate" {
			return Settings{FailureThreshold: 1}
		}
		return Settings{}
	})
	bad, good := Route{"shop", "delicate"}, Route{"shop", "robust"}
	for _, r := range []Route{bad, good} {
		tok, err := g.Get(r).Allow(0)
		if err != nil {
			t.Fatal(err)
		}
		tok.Done(Failure)
	}
	got := g.Status()
	if len(got) != 2 || got[0].Name != "shop/delicate" || got[0].State != Open || got[1].State != Closed {
		t.Errorf("%+v", got)
	}
	if first, second := g.Get(bad), g.Get(bad); first != second {
		t.Error("a route has two breakers")
	}
	if got := (Route{Target: "shop"}).String(); got != "shop" {
		t.Errorf("a route without message is %q", got)
	}
}

func TestANewInstanceIsNewsForItsTargetOnly(t *testing.T) {
	t.Parallel()
	g := NewGroup(func(Route) Settings { return Settings{FailureThreshold: 1} })
	for _, r := range []Route{{"a", "x"}, {"a", "y"}, {"b", "x"}} {
		tok, _ := g.Get(r).Allow(0)
		tok.Done(Failure)
	}
	g.Ready("a")
	var got []State
	g.Each(func(_ Route, b *Breaker) { got = append(got, b.Status().State) })
	if fmt.Sprint(got) != "[half-open half-open open]" {
		t.Errorf("%v", got)
	}
}

func TestAGroupForgetsWhatItHasNotUsedForLongest(t *testing.T) {
	t.Parallel()
	g := NewGroup(func(Route) Settings { return Settings{} })
	g.Get(route(0)).ForceOpen("ada", "remember me", 0) // the oldest, but it has something to remember
	for n := 1; n < groupSize; n++ {
		g.Get(route(n))
	}
	g.Get(route(1)) // used again
	g.Get(route(groupSize))
	has := map[string]bool{}
	for _, s := range g.Status() {
		has[s.Name] = true
	}
	if len(has) != groupSize || !has["tool/m0000"] || !has["tool/m0001"] || has["tool/m0002"] || !has["tool/m1000"] {
		t.Errorf("%d routes, %v %v %v %v", len(has), has["tool/m0000"], has["tool/m0001"], has["tool/m0002"], has["tool/m1000"])
	}
}

func TestAGroupOfOpenBreakersStaysBounded(t *testing.T) {
	t.Parallel()
	g := NewGroup(func(Route) Settings { return Settings{} })
	for n := range groupSize + 10 {
		g.Get(route(n)).ForceOpen("x", "y", 0)
	}
	if got := len(g.Status()); got != groupSize {
		t.Errorf("%d routes", got)
	}
}

// TestAListenerMayAskTheGroup: the group's lock is not held when something is announced.
func TestAListenerMayAskTheGroup(t *testing.T) {
	t.Parallel()
	var g *Group
	now := time.Duration(1)
	seen := 0
	g = NewGroup(func(Route) Settings {
		return Settings{Now: func() time.Duration { return now }, OnChange: func(Change) {
			if seen == 0 {
				seen = len(g.Status())
			}
		}}
	})
	for n := range groupSize {
		g.Get(route(n)).ForceOpen("x", "y", time.Second)
	}
	seen, now = 0, 1<<40
	g.Get(route(groupSize)) // somebody is forgotten, and time has ended all orders
	g.Status()
	if seen == 0 {
		t.Error("nothing was announced")
	}
}

package component_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/event"
)

// direct sends a message that every component answers.
func (a *app) direct(name, typ, subject string) *request {
	return call(a.t.Context(), a.net.find(name), event.Message{Header: event.Header{Type: typ, Subject: subject}})
}

func TestAHealthCheckSaysHowAComponentIs(t *testing.T) {
	a := newApp(t)
	busy, goOn := make(chan struct{}), make(chan struct{})
	in := a.start("in", handler{handle: func(context.Context, component.Task) (component.Result, error) {
		close(busy)
		<-goOn
		return text("done"), nil
	}})
	sub := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t", Session: "s"}})
	<-sub.reply
	<-busy
	var h event.Health
	got := <-a.direct("in", event.TypeHealth, "").reply
	if err := json.Unmarshal(got.Body, &h); err != nil || h.State != "active" || h.InFlight != 1 || h.Max != 10 {
		t.Errorf("got %s (%v)", got.Body, err)
	}
	close(goOn)
	a.await("t", "s")
	in.end(t)
}

// A shutdown waits for what was accepted, and then the component ends by itself; one that only drains does not.
func TestAShutdownEndsAComponentWhenItsTurnsHaveEnded(t *testing.T) {
	a := newApp(t)
	goOn := make(chan struct{})
	in := a.start("in", handler{handle: func(context.Context, component.Task) (component.Result, error) {
		<-goOn
		return text("done"), nil
	}})
	sub := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t", Session: "s"}})
	<-sub.reply
	drained, ended := a.direct("in", event.TypeShutdown, event.ShutdownDrain), a.direct("in", event.TypeShutdown, "in")
	late := call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t2", Session: "s"}})
	for late.fail != nil { // the order to refuse comes from another goroutine
		select {
		case <-late.fail:
			late.fail = nil
		case <-late.reply:
			late = call(t.Context(), a.net.find("in"), event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t2", Session: "s"}})
		}
	}
	select {
	case <-drained.reply:
		t.Error("drained while a turn runs")
	case <-ended.reply:
		t.Error("ended while a turn runs")
	case <-in.done:
		t.Fatal("it is gone while a turn runs")
	default:
	}
	close(goOn)
	<-drained.reply
	<-ended.reply
	if status := <-in.done; status != component.ExitOrdered {
		t.Errorf("exit status %d, want that of an order", status)
	}
}

// Who brings a new turn to an instance that ends is told to look for another one; where the app ends, that there is none.
func TestWhoEndsSaysWhetherItHasASuccessor(t *testing.T) {
	for _, tt := range []struct {
		order string // what is ordered before the end
		want  bus.Code
	}{{"", bus.NotOwner}, {event.ShutdownDrain, bus.Draining}, {event.ShutdownStop, bus.Draining}} {
		t.Run("after "+tt.order, func(t *testing.T) {
			a := newApp(t)
			var once sync.Once
			began, goOn := make(chan struct{}), make(chan struct{})
			in := a.start("in", handler{handle: func(context.Context, component.Task) (component.Result, error) {
				once.Do(func() { close(began) })
				<-goOn
				return text("done"), nil
			}})
			net := a.net.find("in")
			sub := call(t.Context(), net, event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: "t", Session: "s"}})
			<-sub.reply
			<-began
			if tt.order != "" {
				a.direct("in", event.TypeShutdown, tt.order)
			} else {
				close(in.stop)
			}
			for n := 0; ; n++ { // the order comes from another goroutine; until then turns are taken
				late := call(t.Context(), net, event.Message{Header: event.Header{Type: event.TypeSubmit, Turn: fmt.Sprint("t", n), Session: "s"}})
				select {
				case <-late.reply:
					continue
				case err := <-late.fail:
					var refused *bus.Error
					if !errors.As(err, &refused) || refused.Code != tt.want {
						t.Errorf("refused with %v, want %s", err, tt.want)
					}
				}
				break
			}
			close(goOn)
			if tt.order == event.ShutdownDrain {
				close(in.stop)
			}
			if status := <-in.done; (status == component.ExitOrdered) != (tt.order == event.ShutdownStop) {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

func TestWhatOnlyDrainsGoesOn(t *testing.T) {
	a := newApp(t)
	in := a.start("in", handler{handle: pass("")})
	if got := <-a.direct("in", event.TypeShutdown, event.ShutdownDrain).reply; string(got.Body) != `{"open":0}` {
		t.Errorf("got %s", got.Body)
	}
	if got := <-a.direct("in", event.TypeHealth, "").reply; len(got.Body) == 0 {
		t.Error("it does not answer any more")
	}
	in.end(t)
}

package cli

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/localbus"
)

func chatty() localbus.Record { return localbus.Record{Component: "model", Instance: "model-abcd"} }

func heard(dropped int) event.Message {
	return event.Message{Header: event.Header{Type: "llm.output", Turn: "t", Session: "s", Dropped: dropped}, Body: []byte("{\"result\":\"\u001b[31m\"}")}
}

func TestDroppedEventsAreSaid(t *testing.T) {
	var out, says strings.Builder
	f := &feed{o: eventsOptions{appOptions: appOptions{IO: IO{Out: &out, Err: &says}}}}
	f.show(chatty(), heard(0))
	if says.Len() > 0 {
		t.Errorf("said %q", says.String())
	}
	f.show(chatty(), heard(3))
	if got := says.String(); !strings.Contains(got, "model: 3 events dropped") {
		t.Errorf("said %q", got)
	}
	if n := strings.Count(out.String(), "model llm.output {"); n != 2 || strings.Contains(out.String(), "\u001b") {
		t.Errorf("printed %q", out.String())
	}
	out.Reset()
	f.o.JSON = true
	f.show(chatty(), event.Message{Header: heard(4).Header, Body: []byte(`{}`)})
	if got := out.String(); got != `{"event":"llm.output","component":"model","instance":"model-abcd","turn":"t","session":"s","dropped":4,"data":{}}`+"\n" {
		t.Errorf("printed %s", got)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestAFeedThatCannotBePrintedEnds(t *testing.T) {
	stopped := 0
	f := &feed{o: eventsOptions{appOptions: appOptions{IO: IO{Out: fullDisk{}, Err: io.Discard}}}, stop: func() { stopped++ }}
	f.show(chatty(), heard(0))
	f.show(chatty(), heard(0))
	if stopped != 1 || f.broken == nil {
		t.Errorf("stopped %d times, %v", stopped, f.broken)
	}
}

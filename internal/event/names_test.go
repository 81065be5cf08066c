package event

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// section is what the page says about an event.
func section(d Definition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## `%s`\n\n%s\n\n| field | type | meaning |\n|---|---|---|\n", d.Name, d.When)
	t := reflect.TypeOf(d.Payload)
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := map[reflect.Kind]string{
			reflect.String: "text", reflect.Int: "number", reflect.Float64: "number", reflect.Bool: "true or absent", reflect.Pointer: "object",
		}[f.Type.Kind()]
		if f.Type == reflect.TypeFor[json.RawMessage]() {
			kind = "anything"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, kind, f.Tag.Get("doc"))
	}
	return b.String()
}

func TestThePageDescribesEveryEvent(t *testing.T) {
	b, err := os.ReadFile("../../docs/reference/events.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	defs := Definitions("KIND")
	for _, d := range defs {
		if want := section(d); !strings.Contains(page, want) {
			t.Errorf("docs/reference/events.md lacks this, word for word:\n%s", want)
		}
	}
	if n := strings.Count(page, "\n## `"); n != len(defs) {
		t.Errorf("docs/reference/events.md describes %d events, there are %d", n, len(defs))
	}
}

func TestTextOfAnEventIsCutBetweenCharacters(t *testing.T) {
	if text, cut := EventText([]byte("hello")); text != "hello" || cut {
		t.Errorf("%q %v", text, cut)
	}
	text, cut := EventText([]byte("x" + strings.Repeat("ä", maxEventText)))
	if !cut || len(text) != maxEventText-1 || !utf8.ValidString(text) {
		t.Errorf("%d bytes, cut %v", len(text), cut)
	}
}

func TestTimesOfTheFirstHop(t *testing.T) {
	trace := AppendHop("", Hop{Component: "a", QueueMS: 1.5, ServiceMS: 20})
	queue, service, ok := HopTimes(trace)
	if !ok || queue.Microseconds() != 1500 || service.Microseconds() != 20_000 {
		t.Errorf("%v %v %v", queue, service, ok)
	}
	for _, bad := range []string{"", "a,b", "a,b,1,1,p,x,2,3,4,;"} {
		if _, _, ok := HopTimes(bad); ok {
			t.Errorf("%q has times", bad)
		}
	}
	if n := testing.AllocsPerRun(100, func() { HopTimes(trace) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

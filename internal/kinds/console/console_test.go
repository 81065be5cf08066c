package console_test

import (
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/console"
)

func TestAnswerIsTrimmedButKeepsItsShape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                          "",
		" \n\t\r\n ":                "",
		"hello":                     "hello",
		"hello\r\n":                 "hello",
		"\n\n  if x:\n    y\n\n":    "  if x:\n    y",
		"a\n\n\nb":                  "a\n\n\nb",
		"  indented":                "  indented",
		"\u00a0 \n grüße \u2003\n":  " grüße",
		"\xff\xfe not utf-8 \xff\n": "\xff\xfe not utf-8 \xff",
	} {
		kind, err := console.New(component.Spec{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := kind.Handle(t.Context(), component.Task{ContentType: "text/plain", Body: []byte(in)})
		if err != nil || string(got.Body) != want || got.ContentType != "text/plain" {
			t.Errorf("%q: got %q (%s), %v; want %q", in, got.Body, got.ContentType, err, want)
		}
	}
}

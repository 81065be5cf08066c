package commandline_test

import (
	"testing"

	"github.com/woodwork-lang/ww/internal/component"
	"github.com/woodwork-lang/ww/internal/kinds/commandline"
)

func TestPassesTheTextOnUntouched(t *testing.T) {
	t.Parallel()
	kind, err := commandline.New(component.Spec{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", " two  blanks \n", "\xff"} {
		got, err := kind.Handle(t.Context(), component.Task{ContentType: "text/plain", Body: []byte(text)})
		if err != nil || string(got.Body) != text || got.ContentType != "text/plain" {
			t.Errorf("%q: got %q (%s), %v", text, got.Body, got.ContentType, err)
		}
	}
}
